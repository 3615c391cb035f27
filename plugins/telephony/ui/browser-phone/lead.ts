/**
 * Of all tabs of a browser one is the phone: the first, and when it is closed the next. `begin` runs when it is this
 * one; what it returns ends it. Returns what leaves the queue, or ends what has begun.
 */
export function lead(name: string, begin: () => () => void): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  navigator.locks
    .request(name, { signal }, async () => {
      const end = begin();
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      end();
    })
    .catch((error: unknown) => {
      // Left before it was our turn.
      if (!signal.aborted) throw error;
    });
  return () => leaving.abort();
}
