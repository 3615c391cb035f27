/** A player asks for the file in many pieces; they are one playback, and one entry in the audit log. */
const ONE_PLAYBACK_MS = 10 * 60_000;

/** `first(userId, soundId)` is true when this access begins a new playback. */
export function createPlaybacks(now: () => number) {
  const heard = new Map<string, number>();
  return {
    first(userId: string, soundId: string): boolean {
      const key = `${userId} ${soundId}`;
      const at = heard.get(key);
      if (at !== undefined && at > now() - ONE_PLAYBACK_MS) return false;
      for (const [old, since] of heard) if (since <= now() - ONE_PLAYBACK_MS) heard.delete(old);
      heard.set(key, now());
      return true;
    },
  };
}
