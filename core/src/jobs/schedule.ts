import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { OutboxDatabase } from '../events/store.ts';
import { scope } from '../tenants/scope.ts';
import { ScheduleEntity } from './job.entity.ts';

/** Renewed while it runs; after a crash another node goes on when it has run out. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
/** Longest time between two looks, so that a change made by another node is seen. */
const LOOK_MS = 60_000;

export interface Task {
  /** `<plugin>:<name>`. */
  readonly name: string;
  readonly intervalMs: number;
  readonly run: () => Promise<void>;
}

export interface Schedule {
  add(task: Task): () => void;
  start(): void;
  /** Waits up to `graceMs` for what runs. */
  stop(graceMs: number): Promise<void>;
}

/**
 * `every` for all nodes together. The next time stands in the database, also in a server on Redis: whoever
 * moves it on by compare-and-set runs the task. So a restart neither repeats nor puts off what is due daily,
 * and no two nodes run the same task at a time.
 */
export function createSchedule(deps: {
  readonly database: OutboxDatabase;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}): Schedule {
  const { clock, log } = deps;
  const { session } = deps.database;
  const rows = deps.database.withData('core').repo(ScheduleEntity);
  const tasks = new Map<string, Task>();
  const timers = new Map<string, () => void>();
  const working = new Set<Promise<void>>();
  let started = false;

  function look(task: Task, inMs: number): void {
    if (!started || tasks.get(task.name) !== task) return;
    timers.set(
      task.name,
      clock.after(inMs, () => {
        const value = { tenantId: null, actor: { kind: 'system' } as const, requestId: `every:${task.name}` };
        const work = session
          .outsideTransaction(() => scope.run(value, () => runIfDue(task)))
          .catch((error: unknown) => {
            log.warn({ err: error, task: task.name }, 'A scheduled task could not be looked after');
            return LOOK_MS;
          })
          .then((next) => look(task, next))
          .finally(() => working.delete(work));
        working.add(work);
      }),
    );
  }

  /** Returns the milliseconds until the next look. */
  async function runIfDue(task: Task): Promise<number> {
    const row = await rowOf(task);
    const now = clock.now();
    if (row.nextAt > now + task.intervalMs) {
      // The interval has become shorter since this was written.
      await rows.updateWhere({ id: row.id, nextAt: row.nextAt }, { nextAt: now + task.intervalMs });
      return Math.min(task.intervalMs, LOOK_MS);
    }
    const dueAt = Math.max(row.nextAt, row.leaseUntil);
    if (dueAt > now) return Math.min(dueAt - now, LOOK_MS);
    const claim = ulid();
    const won = await rows.updateWhere(
      { id: row.id, nextAt: row.nextAt, claim: row.claim, leaseUntil: row.leaseUntil },
      { nextAt: now + task.intervalMs, claim, leaseUntil: now + LEASE_MS },
    );
    if (won === 1) await runHeld(task, row.id, claim);
    return Math.max(0, Math.min(now + task.intervalMs - clock.now(), LOOK_MS));
  }

  async function runHeld(task: Task, id: string, claim: string): Promise<void> {
    const renew = () => rows.updateWhere({ id, claim }, { leaseUntil: clock.now() + LEASE_MS });
    const endRenewing = clock.every(RENEW_MS, () => {
      renew().catch((error: unknown) =>
        log.warn({ err: error, task: task.name }, 'The lease of a scheduled task was not renewed'),
      );
    });
    let lastError: string | null = null;
    try {
      await task.run();
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error);
      log.error(
        { err: error, task: task.name },
        `The scheduled task "${task.name}" failed; it runs again in its turn`,
      );
    } finally {
      endRenewing();
    }
    await rows.updateWhere({ id, claim }, { leaseUntil: 0, lastError });
  }

  async function rowOf(task: Task) {
    const row = await rows.findOne({ name: task.name });
    if (row) return row;
    try {
      return await rows.insert({ name: task.name, nextAt: clock.now() + task.intervalMs });
    } catch (error) {
      const other =
        JackfieldError.is(error) && error.code === 'CONFLICT'
          ? await rows.findOne({ name: task.name })
          : null;
      if (!other) throw error;
      return other;
    }
  }

  return {
    add(task) {
      if (tasks.has(task.name))
        throw new JackfieldError('PLUGIN_INVALID', `The task "${task.name}" is scheduled twice.`);
      tasks.set(task.name, task);
      look(task, 0);
      return () => {
        if (tasks.get(task.name) !== task) return;
        tasks.delete(task.name);
        timers.get(task.name)?.();
        timers.delete(task.name);
      };
    },
    start() {
      started = true;
      for (const task of tasks.values()) look(task, 0);
    },
    async stop(graceMs) {
      started = false;
      for (const undo of timers.values()) undo();
      timers.clear();
      if (working.size === 0) return;
      const enough = new AbortController();
      await Promise.race([Promise.all(working), clock.sleep(graceMs, enough.signal).catch(() => undefined)]);
      enough.abort();
    },
  };
}
