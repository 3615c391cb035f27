import type { Clock, Timer } from './clock.ts';

/**
 * The sleep of a channel's thread. FreeSWITCH looks around once in a media tick, so whoever is woken wakes at the
 * next one; 0 for at once.
 */
export class Sleep {
  readonly #clock: Clock;
  readonly #tickMs: number;
  #sleeper: (() => void) | null = null;
  #wakeTimer: Timer | null = null;
  #woken = false;

  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  /** Ends at the next tick. */
  wake(): void {
    if (this.#wakeTimer !== null) return;
    const fire = () => {
      this.#wakeTimer = null;
      this.end();
    };
    if (this.#tickMs === 0) {
      this.#wakeTimer = { cancel: () => {} };
      this.#clock.soon(fire);
      return;
    }
    const sinceTickMs = (this.#clock.nowUs() / 1000) % this.#tickMs;
    this.#wakeTimer = this.#clock.after(this.#tickMs - sinceTickMs, fire);
  }

  /** Ends now, or does not begin the next time. */
  end(): void {
    const sleeper = this.#sleeper;
    this.#sleeper = null;
    if (sleeper === null) this.#woken = true;
    else sleeper();
  }

  /** @param ms at most that long; for ever when infinite */
  begin(ms: number): Promise<void> {
    if (this.#woken) {
      this.#woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? this.#clock.after(ms, () => this.end()) : null;
      this.#sleeper = () => {
        timer?.cancel();
        resolve();
      };
    });
  }
}
