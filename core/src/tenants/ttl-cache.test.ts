import { expect, it } from 'vitest';
import { fakeClock } from '../../test-kit/fake-clock.ts';
import { createTtlCache } from './ttl-cache.ts';

it('loads once, and again after its time', async () => {
  const clock = fakeClock();
  const cache = createTtlCache<number>(clock, 1_000);
  let loads = 0;
  const get = () => cache.get('a', async () => ++loads);
  expect([await get(), await get()]).toEqual([1, 1]);
  await clock.advance(1_000);
  expect(await get()).toBe(2);
});

it('does not keep what was read before it was told to forget', async () => {
  const cache = createTtlCache<string>(fakeClock(), 1_000);
  let release = (_: string): void => {};
  const slow = cache.get('a', () => new Promise<string>((resolve) => (release = resolve)));
  cache.clear();
  release('before the change');
  expect(await slow).toBe('before the change');
  expect(await cache.get('a', async () => 'after it')).toBe('after it');
});

it('keeps no failure', async () => {
  const cache = createTtlCache<string>(fakeClock(), 1_000);
  await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect(await cache.get('a', async () => 'up')).toBe('up');
});
