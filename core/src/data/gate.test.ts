import { expect, it } from 'vitest';
import { fakeClock } from '../../test-kit/fake-clock.ts';
import { createGate } from './gate.ts';

it('lets one through at a time, in the order of asking, also after a failure', async () => {
  const gate = createGate(fakeClock(), 1_000);
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} in`);
    await Promise.resolve();
    log.push(`${name} out`);
    if (name === 'b') throw new Error(name);
  };
  await Promise.allSettled(['a', 'b', 'c'].map((name) => gate.run(work(name))));
  expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
});

it('answers UNAVAILABLE to who waits too long, and goes on with the others', async () => {
  const clock = fakeClock();
  const gate = createGate(clock, 1_000);
  let free: () => void = () => undefined;
  const holder = gate.run(
    () =>
      new Promise<void>((resolve) => {
        free = resolve;
      }),
  );
  const impatient = gate.run(async () => 'ran');
  const refused = expect(impatient).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await clock.advance(999);
  const patient = gate.run(async () => 'ran');
  await clock.advance(1);
  await refused;
  free();
  await holder;
  expect(await patient).toBe('ran');
  expect(clock.pending()).toBe(0);
});
