import { monotonicFactory } from 'ulid';
import type { Clock } from '../boot/clock.ts';

/** Ids that sort by the time they were made, also within one millisecond. */
export function createIds(clock: Clock): () => string {
  const next = monotonicFactory();
  return () => next(clock.now());
}
