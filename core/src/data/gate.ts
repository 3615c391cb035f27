import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';

/** Lets one piece of work through at a time, in the order of asking. */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
}

interface Waiter {
  enter(): void;
}

/**
 * SQLite has one connection here, so a statement of another flow must not slip into an open transaction.
 * Who waits longer than `maxWaitMs` gets UNAVAILABLE: it is the sign of a transaction that waits for
 * something which itself needs the database.
 */
export function createGate(clock: Clock, maxWaitMs: number): Gate {
  const waiting: Waiter[] = [];
  let busy = false;

  function enter(): Promise<void> {
    if (!busy) {
      busy = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        enter() {
          cancel();
          resolve();
        },
      };
      const cancel = clock.after(maxWaitMs, () => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(
          new JackfieldError('UNAVAILABLE', `Another transaction held the database for ${maxWaitMs} ms.`),
        );
      });
      waiting.push(waiter);
    });
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next.enter();
    else busy = false;
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
