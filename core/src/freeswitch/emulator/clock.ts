/**
 * Time as the emulator sees it. Everything that waits goes through a Clock, so that a test with a FakeClock
 * runs an hour of calls in a second and always in the same order.
 */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Microseconds since 1970. */
  nowUs(): number;
  /** Calls `fn` once, `ms` milliseconds from now. */
  after(ms: number, fn: () => void): Timer;
  /** Calls `fn` after the work at hand and whatever it resolved, without letting time pass. */
  soon(fn: () => void): void;
}

/** FreeSWITCH reads its clock every 20 ms; all times of events and channels are such steps, plus some µs. */
const STEP_US = 20_000;
const STEP_OFFSET_US = 150;

/** The time FreeSWITCH would write, in microseconds since 1970. */
export function stepTimeUs(clock: Clock): number {
  const now = clock.nowUs();
  return now - (now % STEP_US) + STEP_OFFSET_US;
}

/**
 * Milliseconds until the clock second in which a time-out of `seconds` fires. FreeSWITCH compares whole
 * seconds, so that it ends up to one second early (traces 05, 07, 15).
 */
export function clockSecondsMs(clock: Clock, seconds: number): number {
  const nowUs = clock.nowUs();
  const endUs = (Math.floor(nowUs / 1e6) + seconds) * 1e6;
  return Math.max(0, (endUs - nowUs) / 1000);
}

export const realClock: Clock = {
  nowUs: () => Date.now() * 1000,
  after(ms, fn) {
    // setTimeout cannot wait longer than 2^31 ms and would fire at once
    const handle = setTimeout(fn, Math.min(Math.max(0, ms), 0x7fff_ffff));
    return { cancel: () => clearTimeout(handle) };
  },
  soon: (fn) => {
    setImmediate(fn);
  },
};

interface Due {
  readonly atUs: number;
  readonly order: number;
  readonly fn: () => void;
}

/** A clock that stands still until `advance` is called; timers run in the order of their times. */
export class FakeClock implements Clock {
  #nowUs: number;
  #order = 0;
  #due: Due[] = [];
  #soon: (() => void)[] = [];

  /** @param startUs microseconds since 1970 */
  constructor(startUs = Date.UTC(2026, 10, 20, 8, 0, 0) * 1000) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  after(ms: number, fn: () => void): Timer {
    const due: Due = { atUs: this.#nowUs + Math.max(0, Math.round(ms * 1000)), order: this.#order++, fn };
    let at = this.#due.length;
    while (at > 0 && isLater(this.#due[at - 1], due)) at--;
    this.#due.splice(at, 0, due);
    return {
      cancel: () => {
        const index = this.#due.indexOf(due);
        if (index >= 0) this.#due.splice(index, 1);
      },
    };
  }

  soon(fn: () => void): void {
    this.#soon.push(fn);
  }

  /** Lets everything run that needs no time to pass. */
  async settle(): Promise<void> {
    // setImmediate comes after every promise that was resolved, however long their chain
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#soon.length > 0) {
      const batch = this.#soon;
      this.#soon = [];
      for (const fn of batch) fn();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets `ms` milliseconds pass, timer by timer. */
  async advance(ms: number): Promise<void> {
    await this.settle();
    const endUs = this.#nowUs + Math.round(ms * 1000);
    for (let next = this.#due[0]; next && next.atUs <= endUs; next = this.#due[0]) {
      this.#due.shift();
      this.#nowUs = next.atUs;
      next.fn();
      await this.settle();
    }
    this.#nowUs = endUs;
  }

  /** Advances to the next timer. False when there is none. */
  async step(): Promise<boolean> {
    await this.settle();
    const next = this.#due[0];
    if (!next) return false;
    await this.advance((next.atUs - this.#nowUs) / 1000);
    return true;
  }
}

function isLater(a: Due | undefined, b: Due): boolean {
  return a !== undefined && (a.atUs > b.atUs || (a.atUs === b.atUs && a.order > b.order));
}
