import type { Logger } from 'pino';
import type { Clock } from '../boot/clock.ts';
import type { OutboxDatabase } from '../events/store.ts';
import type { JobDriver, JobRecord, NewJob } from './driver.ts';
import { JobEntity, type JobRow } from './job.entity.ts';

/** For what a crash left between the commit and Redis. */
const POLL_MS = 5_000;
const BATCH = 100;

/**
 * Redis knows nothing of our transactions: a job added there inside one would run before the commit, or after
 * a rollback. So inside a transaction the job is first a row of core_job, and goes over after the commit under
 * the same id; going over twice adds nothing. With a key, the one that waits already takes its place.
 */
export function withHandover(
  driver: JobDriver,
  deps: { readonly database: OutboxDatabase; readonly clock: Clock; readonly log: Pick<Logger, 'warn'> },
): JobDriver {
  const { clock, log } = deps;
  const { session } = deps.database;
  const jobs = deps.database.withData('core').repo(JobEntity);
  let stopPolling = (): void => {};
  let going: Promise<void> | null = null;
  let again = false;

  async function pass(): Promise<void> {
    do {
      again = false;
      const rows = await jobs.find({ state: 'handover' }, { orderBy: { id: 'asc' }, limit: BATCH });
      for (const row of rows) {
        await driver.add(newJobOf(row, clock.now()));
        await jobs.deleteWhere({ id: row.id });
      }
      again ||= rows.length === BATCH;
    } while (again);
  }

  function hand(): Promise<void> {
    again = true;
    going ??= session
      .outsideTransaction(pass)
      .catch((error: unknown) =>
        log.warn({ err: error }, 'Jobs could not be handed to Redis and will be tried again'),
      )
      .finally(() => {
        going = null;
      });
    return going;
  }

  return {
    ...driver,
    transactional: true,
    async add(job) {
      if (!session.inTransaction()) return driver.add(job);
      const { id, name, tenantId, data, attempts, delayMs, dedupe } = job;
      // The key is kept beside the data: the column is for jobs that wait in this table.
      await jobs.insert({
        id,
        name,
        tenantId,
        data: { data, dedupe },
        attempts,
        state: 'handover',
        dueAt: clock.now() + delayMs,
      });
      session.afterCommit(hand);
      return id;
    },
    async start() {
      await driver.start();
      stopPolling = clock.every(POLL_MS, () => void hand());
      await hand();
    },
    async stop(graceMs) {
      stopPolling();
      await going;
      await driver.stop(graceMs);
    },
    async find(id): Promise<JobRecord | null> {
      const row = await jobs.findOne({ id, state: 'handover' });
      if (!row) return driver.find(id);
      const { name, tenantId, attempt, attempts, createdAt } = row;
      return {
        id,
        name,
        tenantId,
        state: 'waiting',
        attempt,
        attempts,
        progress: 0,
        error: null,
        createdAt,
        doneAt: null,
      };
    },
  };
}

function newJobOf(row: JobRow, now: number): NewJob {
  const { data, dedupe } = row.data as Pick<NewJob, 'data' | 'dedupe'>;
  const { id, name, tenantId, attempts } = row;
  return { id, name, tenantId, attempts, data, dedupe, delayMs: Math.max(0, row.dueAt - now) };
}
