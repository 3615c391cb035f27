import { describe, expect, it } from 'vitest';
import { fakeClock } from './fake-clock.ts';

describe('the fake clock', () => {
  it('stands still until it is moved, and then by exactly what was asked', async () => {
    const clock = fakeClock(1_000);
    await clock.advance(0);
    expect(clock.now()).toBe(1_000);
    await clock.advance(250);
    expect(clock.now()).toBe(1_250);
  });

  it('runs timers in order of time, then of registration, each seeing its own moment', async () => {
    const clock = fakeClock(0);
    const seen: [string, number][] = [];
    const note = (name: string) => () => void seen.push([name, clock.now()]);
    clock.after(20, note('late'));
    clock.after(10, note('early'));
    clock.after(10, note('early, second'));
    clock.after(31, note('not due'));
    await clock.advance(30);
    expect(seen).toEqual([
      ['early', 10],
      ['early, second', 10],
      ['late', 20],
    ]);
    expect(clock.pending()).toBe(1);
  });

  it('lets what a timer started settle before the next, so that a chain of sleeps keeps time', async () => {
    const clock = fakeClock(0);
    const woke: number[] = [];
    const chain = (async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        await clock.sleep(10);
        woke.push(clock.now());
      }
    })();
    await clock.advance(30);
    await chain;
    expect(woke).toEqual([10, 20, 30]);
  });

  it('repeats until undone, also when undone from within', async () => {
    const clock = fakeClock(0);
    let runs = 0;
    const undo = clock.every(10, () => {
      runs += 1;
      if (runs === 3) undo();
    });
    await clock.advance(100);
    expect(runs).toBe(3);
    expect(clock.pending()).toBe(0);
  });

  it('ends a sleep with the reason of its signal and leaves no timer behind', async () => {
    const clock = fakeClock(0);
    const stop = new AbortController();
    const asleep = clock.sleep(1_000, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(asleep).rejects.toThrow('stopped');
    expect(clock.pending()).toBe(0);
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('stopped');
  });
});
