/** Time as the switch layer sees it, so that tests can own it. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `work` once after `ms`; returns the cancel. */
  after(ms: number, work: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
