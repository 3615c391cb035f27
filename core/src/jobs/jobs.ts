/**
 * Jobs as plugins see them: named by plugin, checked by schema, run in the tenant they were enqueued in. The
 * store behind is a driver: Bull on Redis (with handover.ts for transactions) or the table core_job.
 */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { ulid } from 'ulid';
import type { z } from 'zod';
import type { Clock } from '../boot/clock.ts';
import { errorCatalog, JackfieldError } from '../errors/index.ts';
import { contained } from '../events/contained.ts';
import type { OutboxDatabase } from '../events/store.ts';
import type { Circuits } from '../plugins/circuit.ts';
import { scope } from '../tenants/scope.ts';
import type { JobDefinition, PluginJobs } from './contract.ts';
import type { JobDriver, JobOutcome, JobRecord, RunningJob } from './driver.ts';
import { withHandover } from './handover.ts';
import { DEFAULT_ATTEMPTS, outcomeOfFailure } from './outcome.ts';
import { createSchedule } from './schedule.ts';

const STOP_GRACE_MS = 10_000;

export interface JobsDeps {
  readonly driver: JobDriver;
  /** With either driver: for `every`, and for jobs enqueued in a transaction. */
  readonly database: OutboxDatabase;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly circuits: Circuits;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
  readonly registry?: Registry;
  /** Milliseconds after the first failure, the second, …; the last repeats. */
  readonly pauses?: readonly number[];
}

export interface Jobs {
  /** Where jobs are kept. */
  readonly store: 'database' | 'redis';
  forPlugin(pluginId: string, book: (undo: () => void) => () => void): PluginJobs;
  start(): Promise<void>;
  /** Aborts the signals, waits 10 s at the most; what has not finished runs again. */
  stop(): Promise<void>;
  find(id: string): Promise<JobRecord | null>;
  /** For the operator; newest first, 100 unless given. */
  failed(limit?: number): Promise<JobRecord[]>;
  skipped(limit?: number): Promise<JobRecord[]>;
  /** NOT_FOUND if there is no such failed job. */
  retry(id: string): Promise<void>;
  /** Forgets a failed job. NOT_FOUND if there is no such. */
  discard(id: string): Promise<void>;
}

export function createJobs(deps: JobsDeps): Jobs {
  const { log } = deps;
  const driver = deps.driver.transactional ? deps.driver : withHandover(deps.driver, deps);
  const schedule = createSchedule(deps);
  const names = new Set<string>();
  const ended = deps.registry ? createMetric(deps.registry) : null;

  async function run<S extends z.ZodType>(
    pluginId: string,
    definition: JobDefinition<S>,
    job: RunningJob,
  ): Promise<JobOutcome> {
    const { tenantId } = job;
    if (tenantId !== null && pluginId !== 'core' && !deps.isActive(tenantId, pluginId)) {
      return { kind: 'skipped', reason: 'PLUGIN_NOT_ENABLED' };
    }
    // Again, because it may have been written by an older version of the plugin.
    const data = definition.data.safeParse(job.data);
    if (!data.success)
      return { kind: 'failed', error: `${errorCatalog.VALIDATION_FAILED.message} ${data.error.message}` };
    const value = {
      tenantId,
      actor: { kind: 'system', plugin: pluginId } as const,
      requestId: `job:${job.id}`,
    };
    try {
      await scope.run(value, () =>
        contained(deps.circuits, pluginId, `job:${job.name}`, () =>
          definition.run(data.data, {
            id: job.id,
            attempt: job.attempt,
            signal: job.signal,
            progress: (percent) => job.progress(Math.round(Math.min(100, Math.max(0, percent)))),
          }),
        ),
      );
      return { kind: 'done' };
    } catch (error) {
      const outcome = outcomeOfFailure(
        error,
        { attempt: job.attempt, attempts: job.attempts, stopping: job.signal.aborted },
        deps.pauses,
      );
      if (outcome.kind === 'failed')
        log.error(
          { plugin: pluginId, job: job.name, jobId: job.id, err: error },
          `Job "${job.name}" failed for good`,
        );
      else
        log.warn(
          { plugin: pluginId, job: job.name, jobId: job.id, err: error },
          `Job "${job.name}" did not finish and runs again`,
        );
      return outcome;
    }
  }

  return {
    store: deps.driver.transactional ? 'database' : 'redis',
    forPlugin: (pluginId, book) => ({
      define(name, definition) {
        const full = `${pluginId}:${name}`;
        if (names.has(full))
          throw new JackfieldError('PLUGIN_INVALID', `Job "${full}" is defined twice.`, {
            details: { plugin: pluginId },
          });
        names.add(full);
        const undo = driver.work(full, definition.concurrency ?? 1, async (job) => {
          const outcome = await run(pluginId, definition, job);
          ended?.inc({ job: full, outcome: outcome.kind });
          return outcome;
        });
        book(() => {
          names.delete(full);
          undo();
        });
        return {
          async enqueue(data, options = {}) {
            const checked = definition.data.safeParse(data);
            if (!checked.success) {
              throw new JackfieldError('VALIDATION_FAILED', `The data of job "${full}" is not valid.`, {
                details: { issues: checked.error.issues },
                cause: checked.error,
              });
            }
            const tenantId = scope.current()?.tenantId ?? null;
            return driver.add({
              id: ulid(),
              name: full,
              tenantId,
              data,
              attempts: definition.attempts ?? DEFAULT_ATTEMPTS,
              delayMs: Math.max(0, options.delayMs ?? 0),
              dedupe: options.key === undefined ? null : dedupeOf(full, tenantId, options.key),
            });
          },
        };
      },
      every(name, intervalMs, task) {
        const full = `${pluginId}:${name}`;
        const guarded = () => contained(deps.circuits, pluginId, `every:${full}`, task);
        return book(schedule.add({ name: full, intervalMs, run: guarded }));
      },
    }),
    async start() {
      await driver.start();
      schedule.start();
    },
    async stop() {
      await Promise.all([driver.stop(STOP_GRACE_MS), schedule.stop(STOP_GRACE_MS)]);
    },
    find: (id) => driver.find(id),
    failed: (limit = 100) => driver.list('failed', limit),
    skipped: (limit = 100) => driver.list('skipped', limit),
    async retry(id) {
      if (!(await driver.retry(id))) throw new JackfieldError('NOT_FOUND');
    },
    async discard(id) {
      if (!(await driver.discard(id))) throw new JackfieldError('NOT_FOUND');
    },
  };
}

/** Of any length in, short enough for an index out; the parts are told apart. */
function dedupeOf(name: string, tenantId: string | null, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([name, tenantId, key]))
    .digest('base64url');
}

function createMetric(registry: Registry): Counter {
  return new Counter({
    name: 'jackfield_jobs_total',
    help: 'Runs of jobs by what came of them',
    labelNames: ['job', 'outcome'],
    registers: [registry],
  });
}
