/**
 * Jobs in the table core_job. A job is claimed by compare-and-set with a lease that is renewed while it runs;
 * a process that dies leaves the lease to run out and the job to the next. One index holds what is due in
 * either case, since `dueAt` of a running job is the end of its lease.
 */
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import { createDueRows, type DueQueue, waitAtMost } from '../events/due-rows.ts';
import type { OutboxDatabase } from '../events/store.ts';
import {
  type JobDriver,
  type JobOutcome,
  type JobRecord,
  type JobRunner,
  KEEP_DONE_MS,
  KEEP_FAILED_MS,
  MAX_CRASHES,
  type NewJob,
} from './driver.ts';
import { JobEntity, type JobRow } from './job.entity.ts';

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
/** Longer pauses are left to the poll. */
const SHORT_PAUSE_MS = 1_000;
const PRUNE_MS = 3_600_000;
const PRUNE_BATCH = 500;
/** Rounds of "it waits – no, it has just begun" before giving up. */
const ADD_ROUNDS = 20;

interface Kind extends DueQueue {
  readonly concurrency: number;
  readonly run: JobRunner;
  /** By job id. */
  readonly working: Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>;
}

export interface DatabaseDriverDeps {
  readonly database: OutboxDatabase;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

export function createDatabaseDriver({ database, clock, log }: DatabaseDriverDeps): JobDriver {
  const { session } = database;
  const jobs = database.withData('core').repo(JobEntity);
  const renewals = new Set<() => void>();
  const due = createDueRows<Kind>({
    what: 'jobs',
    session,
    clock,
    log,
    async due(names, limit) {
      const rows = await jobs.find(
        { state: { in: ['waiting', 'running'] }, name: { in: names }, dueAt: { lte: clock.now() } },
        { orderBy: { dueAt: 'asc' }, limit },
      );
      return rows.map((row) => row.name);
    },
  });
  const { apart } = due;
  let stopPruning = (): void => {};

  async function begin(kind: Kind): Promise<boolean> {
    const rows = await jobs.find(
      { state: { in: ['waiting', 'running'] }, name: kind.name, dueAt: { lte: clock.now() } },
      { orderBy: { dueAt: 'asc' }, limit: kind.concurrency + 1 },
    );
    let more = false;
    for (const row of rows) {
      if (!due.isRunning() || !kind.hasRoom()) return true;
      if (kind.working.has(row.id)) continue;
      // Where another process was faster there may be more.
      if (!(await claim(kind, row))) more = true;
    }
    return more;
  }

  /** False when another process was faster. */
  async function claim(kind: Kind, row: JobRow): Promise<boolean> {
    const crashes = row.state === 'running' ? row.crashes + 1 : row.crashes;
    const mine = {
      state: 'running',
      claim: ulid(),
      crashes,
      dueAt: clock.now() + LEASE_MS,
      dedupe: null,
    } as const;
    const won = await jobs.updateWhere(
      { id: row.id, state: row.state, claim: row.claim, dueAt: row.dueAt },
      mine,
    );
    if (won === 0) return false;
    const claimed = { ...row, ...mine };
    if (crashes > MAX_CRASHES) {
      await settle(claimed, {
        kind: 'failed',
        error: `The server went down ${MAX_CRASHES} times while it ran.`,
      });
      return true;
    }
    const stop = new AbortController();
    const ended = apart(`Job "${kind.name}"`, () => execute(kind, claimed, stop)).finally(() => {
      kind.working.delete(row.id);
      due.wake([kind.name]);
    });
    kind.working.set(row.id, { stop, ended });
    return true;
  }

  async function execute(kind: Kind, row: JobRow, stop: AbortController): Promise<void> {
    const stopRenewing = clock.every(
      RENEW_MS,
      () => void apart('Renewing the lease of a job', () => renew(row, stop)),
    );
    renewals.add(stopRenewing);
    try {
      const outcome = await kind.run({
        id: row.id,
        name: row.name,
        tenantId: row.tenantId,
        data: row.data,
        attempt: row.attempt + 1,
        attempts: row.attempts,
        signal: stop.signal,
        async progress(percent) {
          await jobs.updateWhere({ id: row.id, claim: row.claim }, { progress: percent });
        },
      });
      await settle(row, outcome);
      if (outcome.kind === 'again' && outcome.delayMs < SHORT_PAUSE_MS) due.wakeIn(outcome.delayMs, row.name);
    } finally {
      stopRenewing();
      renewals.delete(stopRenewing);
    }
  }

  async function renew(row: JobRow, stop: AbortController): Promise<void> {
    const renewed = await jobs.updateWhere(
      { id: row.id, claim: row.claim },
      { dueAt: clock.now() + LEASE_MS },
    );
    if (renewed === 0) stop.abort(new JackfieldError('CONFLICT', 'Another process has taken the job over.'));
  }

  async function settle(row: JobRow, outcome: JobOutcome): Promise<void> {
    await jobs.updateWhere(
      { id: row.id, claim: row.claim },
      { ...patchOf(outcome, row, clock.now()), claim: '' },
    );
  }

  async function add(job: NewJob): Promise<string> {
    const { delayMs, dedupe, ...rest } = job;
    for (let round = 0; round < ADD_ROUNDS; round += 1) {
      const waiting = dedupe === null ? null : await findWaiting(dedupe, round > 0);
      if (waiting) return waiting;
      try {
        await jobs.insert({ ...rest, dedupe, dueAt: clock.now() + delayMs });
        session.afterCommit(() => due.wake([job.name]));
        return job.id;
      } catch (error) {
        if (dedupe === null || !JackfieldError.is(error) || error.code !== 'CONFLICT') throw error;
      }
    }
    throw new JackfieldError('CONFLICT', 'The job could not be added: others of the same key come and go.');
  }

  /**
   * Inside a transaction MySQL shows what was there when it began: one that waited then may have begun since,
   * and one that waits now may be missing. So what is found is confirmed by an update, which sees the present
   * and keeps the job from beginning before our commit; and after a conflict the look goes outside. (SQLite has
   * one connection: there the transaction sees the present, and a look outside would wait for itself.)
   */
  async function findWaiting(dedupe: string, conflicted: boolean): Promise<string | null> {
    const look = () => jobs.findOne({ dedupe });
    const outside = conflicted && database.dialect !== 'sqlite';
    const row = await (outside ? session.outsideTransaction(look) : look());
    if (!row) return null;
    return (await jobs.updateWhere({ id: row.id, dedupe }, { dedupe })) === 1 ? row.id : null;
  }

  async function prune(): Promise<void> {
    const now = clock.now();
    await deleteAll(['done', 'skipped'], now - KEEP_DONE_MS);
    await deleteAll(['failed'], now - KEEP_FAILED_MS);
  }

  async function deleteAll(states: JobRow['state'][], before: number): Promise<void> {
    const next = () => jobs.find({ state: { in: states }, doneAt: { lt: before } }, { limit: PRUNE_BATCH });
    for (let old = await next(); old.length > 0; old = await next()) {
      await jobs.deleteWhere({ id: { in: old.map((row) => row.id) } });
    }
  }

  return {
    transactional: true,
    add,
    work(name, concurrency, run) {
      const working: Kind['working'] = new Map();
      const kind: Kind = {
        name,
        concurrency,
        run,
        working,
        hasRoom: () => working.size < concurrency,
        begin: () => begin(kind),
      };
      const undo = due.add(kind);
      due.wake([name]);
      return undo;
    },
    async start() {
      due.start();
      stopPruning = clock.every(PRUNE_MS, () => void apart('Deleting old jobs', prune));
    },
    async stop(graceMs) {
      due.stop();
      stopPruning();
      const working = [...due.queues.values()].flatMap((kind) => [...kind.working.values()]);
      for (const { stop } of working) stop.abort(new JackfieldError('UNAVAILABLE', 'The server stops.'));
      await waitAtMost(
        clock,
        graceMs,
        working.map(({ ended }) => ended),
      );
      // What would not end is left to the next process.
      for (const stopRenewing of renewals) stopRenewing();
      renewals.clear();
    },
    async find(id) {
      const row = await jobs.findOne({ id });
      return row ? recordOf(row) : null;
    },
    async list(state, limit) {
      return (await jobs.find({ state }, { orderBy: { doneAt: 'desc' }, limit })).map(recordOf);
    },
    async retry(id) {
      const row = await jobs.findOne({ id });
      if (!row) return false;
      const anew = { state: 'waiting', attempt: 0, crashes: 0, dueAt: clock.now(), doneAt: null } as const;
      const changed = await jobs.updateWhere({ id, state: 'failed' }, anew);
      due.wake([row.name]);
      return changed === 1;
    },
    discard: async (id) => (await jobs.deleteWhere({ id, state: 'failed' })) === 1,
  };
}

function patchOf(
  outcome: JobOutcome,
  row: JobRow,
  now: number,
): Partial<Omit<JobRow, 'id' | 'createdAt' | 'updatedAt'>> {
  switch (outcome.kind) {
    case 'done':
      return { state: 'done', progress: 100, doneAt: now };
    case 'skipped':
      return { state: 'skipped', error: outcome.reason, doneAt: now };
    case 'again':
      return {
        state: 'waiting',
        attempt: outcome.counted ? row.attempt + 1 : row.attempt,
        error: outcome.error,
        dueAt: now + outcome.delayMs,
      };
    case 'failed':
      return { state: 'failed', attempt: row.attempt + 1, error: outcome.error, doneAt: now };
  }
}

function recordOf(row: JobRow): JobRecord {
  const { id, name, tenantId, attempt, attempts, progress, error, createdAt, doneAt } = row;
  const state = row.state === 'handover' ? 'waiting' : row.state;
  return { id, name, tenantId, state, attempt, attempts, progress, error, createdAt, doneAt };
}
