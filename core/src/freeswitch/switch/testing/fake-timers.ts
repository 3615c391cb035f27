import type { Timers } from '../timers.ts';

/** Time that stands still until it is moved. */
export class FakeTimers implements Timers {
  private time = 1_800_000_000_000;
  private waiting: { at: number; work: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, work: () => void): () => void {
    const entry = { at: this.time + ms, work };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }

  /** Milliseconds until each piece of work that waits, soonest first. */
  get pending(): number[] {
    return this.waiting.map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Moves on and does what has become due, in order. */
  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [next] = this.waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.waiting = this.waiting.filter((other) => other !== next);
      this.time = next.at;
      next.work();
    }
    this.time = until;
  }
}
