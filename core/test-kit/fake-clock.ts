import type { Clock } from '../src/boot/clock.ts';

/** A clock that stands still until the test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves on by `ms`, running every timer that falls due on the way, in order of time and then of
   * registration. Between two timers all promise work that needs no real I/O settles, so what one timer
   * starts (a sleep, a retry) is in its place before the next is looked for. Rejects with what a timer threw.
   */
  advance(ms: number): Promise<void>;
  /** Timers and sleeps not yet due; 0 after a clean stop. */
  pending(): number;
}

interface Timer {
  readonly order: number;
  readonly due: number;
  readonly run: () => void;
}

/** Kept at load, so that a test which replaces the global timers does not stop this clock. */
const nextTurn = setImmediate;

/** Turns of the event loop given to promise chains; an in-memory database call takes two or three. */
const turns = 5;

/** 2026-01-01T00:00:00Z unless given. */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Timer>();
  let now = start;
  let order = 0;

  const add = (due: number, run: () => void): (() => void) => {
    order += 1;
    const timer: Timer = { order, due, run };
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  };

  const earliest = (until: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.due > until) continue;
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer;
    }
    return first;
  };

  return {
    now: () => now,
    after: (ms, fn) => add(now + Math.max(0, ms), fn),
    every(ms, fn) {
      if (ms <= 0) throw new RangeError(`every(${ms}): the interval must be above 0`);
      let stopped = false;
      let undo = (): void => {};
      const arm = (due: number): void => {
        undo = add(due, () => {
          arm(due + ms);
          fn();
        });
        if (stopped) undo();
      };
      arm(now + ms);
      return () => {
        stopped = true;
        undo();
      };
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => {
          undo();
          reject(signal?.reason);
        };
        const undo = add(now + Math.max(0, ms), () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      });
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = earliest(until); timer; timer = earliest(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.due);
        timer.run();
        await settle();
      }
      now = until;
    },
    pending: () => timers.size,
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => nextTurn(resolve));
}
