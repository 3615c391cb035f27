import type { Clock } from '../boot/clock.ts';

/** Remembers what was loaded for some seconds. */
export interface TtlCache<T> {
  get(key: string, load: () => Promise<T>): Promise<T>;
  /** What is being loaded at this moment is not kept either. */
  clear(): void;
}

const maxEntries = 10_000;

export function createTtlCache<T>(clock: Clock, ttlMs: number): TtlCache<T> {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  let generation = 0;
  return {
    async get(key, load) {
      const found = entries.get(key);
      if (found && found.until > clock.now()) return found.value;
      // Two who ask at once both load. To wait for the other's answer could be to wait for a
      // connection that one's own transaction holds.
      const begunIn = generation;
      const value = await load();
      if (begunIn !== generation) return value;
      // All at once: simpler than a queue by age, and the next seconds fill it again.
      if (entries.size >= maxEntries) entries.clear();
      entries.set(key, { value, until: clock.now() + ttlMs });
      return value;
    },
    clear() {
      generation += 1;
      entries.clear();
    },
  };
}
