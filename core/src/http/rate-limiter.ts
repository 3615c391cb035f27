/**
 * A token bucket per key: `perMinute` at once, then one more each 60/`perMinute` seconds. Counts in this
 * process only, so that the limit of an installation is that times its web processes.
 */
export interface RateLimiter {
  /** Milliseconds to wait until the next try; 0 when this one is allowed. */
  take(key: string, perMinute: number): number;
}

const minute = 60_000;

export function createRateLimiter(now: () => number): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  let sweptAt = now();

  function sweep(at: number): void {
    // A bucket untouched for a minute is full again, which is what a missing one is.
    if (at - sweptAt < minute) return;
    sweptAt = at;
    for (const [key, bucket] of buckets) if (at - bucket.at >= minute) buckets.delete(key);
  }

  return {
    take(key, perMinute) {
      const at = now();
      sweep(at);
      const bucket = buckets.get(key) ?? { tokens: perMinute, at };
      const tokens = Math.min(perMinute, bucket.tokens + ((at - bucket.at) * perMinute) / minute);
      const allowed = tokens >= 1;
      buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at });
      return allowed ? 0 : Math.ceil(((1 - tokens) * minute) / perMinute);
    },
  };
}
