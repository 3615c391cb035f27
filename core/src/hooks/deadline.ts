import type { Clock } from '../boot/clock.ts';

/**
 * Settles like `work`, or rejects with what `late()` makes once `ms` have passed. The work itself cannot be
 * stopped; what it does after the deadline is nobody's business, so its late rejection is swallowed.
 */
export function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
