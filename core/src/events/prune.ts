import type { Clock } from '../boot/clock.ts';
import type { EventStore } from './store.ts';

const DAY_MS = 86_400_000;
const KEEP_DONE_MS = 7 * DAY_MS;
/** Failed ones wait for the operator; so do those of a plugin that is not installed any more. */
const KEEP_REST_MS = 30 * DAY_MS;
/** Small enough that a delete holds its locks for milliseconds. */
const BATCH = 500;

/** Deletes what is old, in batches; safe to run on every process and to be cut off anywhere. */
export async function prune({ events, deliveries }: EventStore, clock: Pick<Clock, 'now'>): Promise<void> {
  const now = clock.now();
  const doneBefore = now - KEEP_DONE_MS;
  await inBatches(() =>
    deliveries.find(
      { state: { in: ['delivered', 'skipped'] }, doneAt: { lt: doneBefore } },
      { limit: BATCH },
    ),
  );
  await inBatches(() =>
    deliveries.find(
      { state: { in: ['failed', 'pending'] }, createdAt: { lt: now - KEEP_REST_MS } },
      { limit: BATCH },
    ),
  );

  // Ids sort by time, so the walk passes each old event once, also those that stay.
  for (let last = ''; ; ) {
    const old = await events.find(
      { at: { lt: doneBefore }, id: { gt: last } },
      { orderBy: { id: 'asc' }, limit: BATCH },
    );
    if (old.length === 0) return;
    last = old.at(-1)?.id ?? last;
    const ids = old.map((event) => event.id);
    const needed = new Set(
      (await deliveries.find({ eventId: { in: ids } }, { limit: 10_000 })).map((row) => row.eventId),
    );
    const free = ids.filter((id) => !needed.has(id));
    if (free.length > 0) await events.deleteWhere({ id: { in: free } });
  }

  async function inBatches(find: () => Promise<{ readonly id: string }[]>): Promise<void> {
    for (let rows = await find(); rows.length > 0; rows = await find()) {
      await deliveries.deleteWhere({ id: { in: rows.map((row) => row.id) } });
    }
  }
}
