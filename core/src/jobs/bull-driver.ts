/**
 * Jobs on Redis, by Bull. One queue for each kind, since Bull limits how many run at once by queue. When a job
 * is tried again is decided by the caller, as for the other driver; Bull keeps, claims, delays and recovers.
 */
import Bull from 'bull';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import {
  type JobDriver,
  type JobOutcome,
  type JobRecord,
  type JobRunner,
  type JobState,
  KEEP_DONE_MS,
  KEEP_FAILED_MS,
  MAX_CRASHES,
  type NewJob,
} from './driver.ts';

const LOCK_MS = 30_000;
const BACKOFF = 'decided';
/** The caller decides; Bull must never find that tries are used up. */
const NEVER_THE_LAST = 1_000_000;
const NOT_HERE_MS = 60_000;
const ADD_ROUNDS = 20;

/** What lies in Redis as the data of a job. */
interface Stored {
  readonly tenantId: string | null;
  readonly data: unknown;
  readonly attempts: number;
  /** Failures before the operator had it tried anew. */
  readonly forgiven: number;
  readonly dedupe: string | null;
}
type StoredJob = Bull.Job<Stored>;
interface Worker {
  readonly concurrency: number;
  readonly run: JobRunner;
}

export interface BullDriverDeps {
  /** redis:// or rediss:// */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** In front of every key; `jackfield` unless given. */
  readonly prefix?: string;
  /** How long a job of a process that died is left alone; 30,000 ms unless given. */
  readonly lockMs?: number;
}

/** Carries the decision to the back-off strategy. */
class TryAgain extends Error {
  readonly delayMs: number;
  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

export function createBullDriver(deps: BullDriverDeps): JobDriver {
  const { clock, log } = deps;
  const prefix = deps.prefix ?? 'jackfield';
  const lockMs = deps.lockMs ?? LOCK_MS;
  const client = connect({ maxRetriesPerRequest: 3 });
  const blocking = { maxRetriesPerRequest: null, enableReadyCheck: false };
  const subscriber = connect(blocking);
  const others: Redis[] = [];
  const queues = new Map<string, Bull.Queue<Stored>>();
  const workers = new Map<string, Worker>();
  const working = new Set<AbortController>();
  let running = false;

  function connect(options: { maxRetriesPerRequest: number | null; enableReadyCheck?: boolean }): Redis {
    const connection = new Redis(deps.url, { ...options, lazyConnect: false });
    connection.setMaxListeners(0);
    connection.on('error', (error) =>
      log.warn({ err: error }, 'The connection to Redis failed; it is tried again'),
    );
    return connection;
  }

  function blockingClient(): Redis {
    const connection = connect(blocking);
    others.push(connection);
    return connection;
  }

  function queueOf(name: string): Bull.Queue<Stored> {
    const known = queues.get(name);
    if (known) return known;
    const queue = new Bull<Stored>(name, {
      prefix,
      createClient: (type) =>
        type === 'client' ? client : type === 'subscriber' ? subscriber : blockingClient(),
      settings: {
        lockDuration: lockMs,
        stalledInterval: lockMs,
        maxStalledCount: MAX_CRASHES,
        backoffStrategies: {
          [BACKOFF]: (_made: number, error: Error) => (error instanceof TryAgain ? error.delayMs : -1),
        },
      },
    });
    queue.on('error', (error) =>
      log.warn({ err: error, job: name }, 'The job queue had an error; it goes on'),
    );
    queues.set(name, queue);
    return queue;
  }

  function put(job: NewJob, id: string): Promise<StoredJob> {
    const { tenantId, data, attempts, dedupe } = job;
    const stored: Stored = { tenantId, data, attempts, dedupe, forgiven: 0 };
    return queueOf(job.name).add(stored, {
      jobId: id,
      delay: job.delayMs,
      attempts: NEVER_THE_LAST,
      backoff: { type: BACKOFF },
      removeOnComplete: { age: KEEP_DONE_MS / 1_000 },
      removeOnFail: { age: KEEP_FAILED_MS / 1_000 },
    });
  }

  /**
   * The mark holds the id of the job that waits, and is set first: whoever comes second adds under the same id,
   * which Bull does not do twice, so a crash between mark and job heals with the next. The worker takes the
   * mark away before it runs the job; if it is gone after adding, the job had begun and another is needed.
   */
  async function putOnce(job: NewJob, dedupe: string): Promise<string> {
    const mark = markOf(dedupe);
    for (let round = 0; round < ADD_ROUNDS; round += 1) {
      await client.set(mark, job.id, 'NX');
      const id = await client.get(mark);
      if (id === null) continue;
      const stored = await put(job, id);
      // Ours, even if an idle worker has already taken it and the mark.
      if (id === job.id) return id;
      if ((await stored.isFailed()) || (await stored.isCompleted())) await unmark(mark, id);
      if ((await client.get(mark)) === id) return id;
    }
    throw new JackfieldError('CONFLICT', 'The job could not be added: others of the same key come and go.');
  }

  const markOf = (dedupe: string): string => `${prefix}:waits:${dedupe}`;

  async function unmark(mark: string, id: string): Promise<void> {
    await client.eval(
      "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end",
      1,
      mark,
      id,
    );
  }

  function consume(name: string, { concurrency, run }: Worker): void {
    const processing = queueOf(name).process(concurrency, (job) => execute(name, job, run));
    processing.catch((error: unknown) => log.error({ err: error, job: name }, 'The job queue has stopped'));
  }

  async function execute(name: string, job: StoredJob, run: JobRunner): Promise<{ skipped?: string }> {
    if (!workers.has(name)) {
      // Fetched while its definition was taken back; it waits for the definition to return.
      return await settle(job, {
        kind: 'again',
        delayMs: NOT_HERE_MS,
        counted: false,
        error: 'Not defined at the moment.',
      });
    }
    const stop = new AbortController();
    working.add(stop);
    try {
      const { tenantId, data, attempts, forgiven, dedupe } = job.data;
      if (dedupe !== null) await unmark(markOf(dedupe), String(job.id));
      const outcome = await run({
        id: String(job.id),
        name,
        tenantId,
        data,
        attempt: job.attemptsMade - forgiven + 1,
        attempts,
        signal: stop.signal,
        progress: (percent) => job.progress(percent),
      });
      return await settle(job, outcome);
    } finally {
      working.delete(stop);
    }
  }

  async function settle(job: StoredJob, outcome: JobOutcome): Promise<{ skipped?: string }> {
    if (outcome.kind === 'done') return {};
    if (outcome.kind === 'skipped') return { skipped: outcome.reason };
    if (outcome.kind === 'failed') await job.discard();
    // Bull counts each throw as a try; taken off beforehand when it was none.
    else if (!outcome.counted) job.attemptsMade -= 1;
    throw new TryAgain(outcome.error, outcome.kind === 'again' ? outcome.delayMs : 0);
  }

  async function findJob(id: string): Promise<{ readonly name: string; readonly job: StoredJob } | null> {
    for (const [name, queue] of queues) {
      const job = await queue.getJob(id);
      if (job) return { name, job };
    }
    return null;
  }

  return {
    transactional: false,
    async add(job) {
      try {
        return job.dedupe === null ? String((await put(job, job.id)).id) : await putOnce(job, job.dedupe);
      } catch (error) {
        throw JackfieldError.is(error)
          ? error
          : new JackfieldError('UNAVAILABLE', 'The job queue cannot be reached.', { cause: error });
      }
    },
    work(name, concurrency, run) {
      const worker = { concurrency, run };
      workers.set(name, worker);
      // Made now, so that jobs of this kind can be found before the first is added here.
      queueOf(name);
      if (running) consume(name, worker);
      return () => {
        workers.delete(name);
        void queueOf(name).pause(true, true);
      };
    },
    async start() {
      running = true;
      for (const [name, worker] of workers) consume(name, worker);
    },
    async stop(graceMs) {
      running = false;
      const closing = Promise.all([...queues.values()].map((queue) => queue.close()));
      for (const stop of working) stop.abort(new JackfieldError('UNAVAILABLE', 'The server stops.'));
      const enough = new AbortController();
      await Promise.race([closing, clock.sleep(graceMs, enough.signal).catch(() => undefined)]);
      enough.abort();
      for (const connection of [client, subscriber, ...others]) connection.disconnect();
    },
    async find(id) {
      const found = await findJob(id);
      return found ? recordOf(found.name, found.job, await stateOf(found.job)) : null;
    },
    async list(state, limit) {
      const records: JobRecord[] = [];
      for (const [name, queue] of queues) {
        const jobs =
          state === 'failed'
            ? await queue.getFailed(0, limit - 1)
            : (await queue.getCompleted(0, 1_000)).filter(wasSkipped);
        records.push(...jobs.map((job) => recordOf(name, job, state)));
      }
      return records.sort((a, b) => (b.doneAt ?? 0) - (a.doneAt ?? 0)).slice(0, limit);
    },
    async retry(id) {
      const found = await findJob(id);
      if (!found || !(await found.job.isFailed())) return false;
      await found.job.update({ ...found.job.data, forgiven: found.job.attemptsMade });
      await found.job.retry();
      return true;
    },
    async discard(id) {
      const found = await findJob(id);
      if (!found || !(await found.job.isFailed())) return false;
      await found.job.remove();
      return true;
    },
  };
}

function wasSkipped(job: StoredJob): boolean {
  const value: unknown = job.returnvalue;
  return typeof value === 'object' && value !== null && 'skipped' in value;
}

async function stateOf(job: StoredJob): Promise<JobState> {
  const state = await job.getState();
  if (state === 'completed') return wasSkipped(job) ? 'skipped' : 'done';
  if (state === 'failed') return 'failed';
  return state === 'active' ? 'running' : 'waiting';
}

function recordOf(name: string, job: StoredJob, state: JobState): JobRecord {
  const progress: unknown = job.progress();
  return {
    id: String(job.id),
    name,
    tenantId: job.data.tenantId,
    state,
    attempt: job.attemptsMade - job.data.forgiven,
    attempts: job.data.attempts,
    progress: state === 'done' ? 100 : typeof progress === 'number' ? progress : 0,
    error: state === 'skipped' ? String(job.returnvalue.skipped) : (job.failedReason ?? null),
    createdAt: job.timestamp,
    doneAt: job.finishedOn ?? null,
  };
}
