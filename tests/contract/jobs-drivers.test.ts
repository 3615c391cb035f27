import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Clock, systemClock } from '../../core/src/boot/clock.ts';
import type { Database } from '../../core/src/data/database.ts';
import { createBullDriver } from '../../core/src/jobs/bull-driver.ts';
import type { JobDefinition } from '../../core/src/jobs/contract.ts';
import { createDatabaseDriver } from '../../core/src/jobs/database-driver.ts';
import type { JobDriver } from '../../core/src/jobs/driver.ts';
import { JobEntity } from '../../core/src/jobs/job.entity.ts';
import { createJobs, type Jobs } from '../../core/src/jobs/jobs.ts';
import { type Circuits, createCircuits } from '../../core/src/plugins/circuit.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { testDatabases } from '../../core/test-kit/databases.ts';
import { type FakeClock, fakeClock } from '../../core/test-kit/fake-clock.ts';
import { startRedis } from '../../core/test-kit/redis-server.ts';
import {
  activation,
  book,
  inTenant,
  memoryLog,
  NoteEntity,
  openEmpty,
  tenantA,
  tenantB,
} from './outbox-fixture.ts';

const redis = await startRedis();
afterAll(() => redis?.stop());

interface Harness {
  readonly name: string;
  readonly available: boolean;
  clock(): Clock;
  driver(database: Database, clock: Clock, run: string): JobDriver;
}
const harnesses: Harness[] = [
  {
    name: 'the table core_job',
    available: true,
    clock: fakeClock,
    driver: (database, clock) => createDatabaseDriver({ database, clock, log: memoryLog() }),
  },
  {
    name: 'Bull on Redis',
    available: redis !== null,
    clock: () => systemClock,
    driver: (_database, clock, run) =>
      createBullDriver({ url: redis?.url ?? '', clock, log: memoryLog(), prefix: run, lockMs: 500 }),
  },
];

const Count = z.object({ n: z.number() });
let runs = 0;

describe.each(testDatabases())('with $name', ({ open }) => {
  describe.each(harnesses)('jobs on $name', (harness) => {
    if (!harness.available) {
      it.skip('need redis-server, which is not installed', () => undefined);
      return;
    }
    let clock: Clock;
    let database: Database;
    let close: () => Promise<void>;
    let run: string;
    let circuits: Circuits;
    const { off, isActive } = activation();
    const stops: (() => Promise<void>)[] = [];

    beforeEach(async () => {
      off.clear();
      runs += 1;
      run = `test${runs}`;
      clock = harness.clock();
      circuits = createCircuits({ clock });
      ({ database, close } = await openEmpty(open, clock));
    });
    afterEach(async () => {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      await close();
    });

    /** One process, not yet started. */
    function newProcess(): Jobs & { readonly driver: JobDriver } {
      const driver = harness.driver(database, clock, run);
      const jobs = createJobs({
        driver,
        database,
        clock,
        log: memoryLog(),
        circuits,
        isActive,
        pauses: [10, 20, 30],
      });
      stops.push(() => stopped(jobs));
      return { ...jobs, driver };
    }
    const define = (jobs: Jobs, definition: Omit<JobDefinition<typeof Count>, 'data'>, plugin = 'crm') =>
      jobs.forPlugin(plugin, book).define('count', { data: Count, ...definition });
    /** Time passes by itself on Redis and by hand otherwise. */
    async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
      const giveUp = Date.now() + 15_000;
      while (!(await condition())) {
        if (Date.now() > giveUp) throw new Error(`Gave up waiting until ${what}`);
        if ('advance' in clock) await (clock as FakeClock).advance(50);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
    async function stopped(jobs: Pick<Jobs, 'stop'>): Promise<void> {
      let done = false;
      const stopping = jobs.stop().finally(() => {
        done = true;
      });
      await until('it has stopped', () => done);
      await stopping;
    }
    const stateIs = (jobs: Jobs, id: string, state: string) => async () =>
      (await jobs.find(id))?.state === state;

    it('runs a job in the tenant it was enqueued in, with its data checked and defaults filled in', async () => {
      const jobs = newProcess();
      const seen: unknown[] = [];
      const job = jobs.forPlugin('crm', book).define('import', {
        data: z.object({ file: z.string(), rows: z.number().default(10) }),
        async run(data, { id, attempt }) {
          seen.push({ data, id, attempt, tenantId: scope.tenantId(), actor: scope.current()?.actor });
        },
      });
      await jobs.start();
      const id = await inTenant(tenantA, () => job.enqueue({ file: 'a.csv' }));
      await until('it is done', stateIs(jobs, id, 'done'));
      expect(seen).toEqual([
        {
          data: { file: 'a.csv', rows: 10 },
          id,
          attempt: 1,
          tenantId: tenantA,
          actor: { kind: 'system', plugin: 'crm' },
        },
      ]);
      expect(await jobs.find(id)).toMatchObject({
        name: 'crm:import',
        tenantId: tenantA,
        progress: 100,
        error: null,
      });
    });

    it('refuses data that does not fit', async () => {
      const job = define(newProcess(), { run: async () => undefined });
      await expect(job.enqueue({ n: 'one' } as never)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    });

    it('has stored the job when enqueue resolves: another process can run it', async () => {
      const seen: number[] = [];
      const first = newProcess();
      const id = await define(first, { run: async () => undefined }).enqueue({ n: 5 });
      await stopped(first);
      const second = newProcess();
      define(second, { run: async ({ n }) => void seen.push(n) });
      await second.start();
      await until('it is done', stateIs(second, id, 'done'));
      expect(seen).toEqual([5]);
    });

    it('tries as often as asked, keeps the last error, and starts over for the operator', async () => {
      const jobs = newProcess();
      const attempts: number[] = [];
      let broken = true;
      const job = define(jobs, {
        attempts: 3,
        async run(_data, { attempt }) {
          attempts.push(attempt);
          if (broken) throw new Error(`try ${attempt}`);
        },
      });
      await jobs.start();
      const id = await inTenant(tenantA, () => job.enqueue({ n: 1 }));
      await until('it has failed', stateIs(jobs, id, 'failed'));
      expect(attempts).toEqual([1, 2, 3]);
      expect(await jobs.failed()).toMatchObject([
        { id, name: 'crm:count', tenantId: tenantA, error: 'try 3', attempt: 3, attempts: 3 },
      ]);
      broken = false;
      await jobs.retry(id);
      await until('it is done', stateIs(jobs, id, 'done'));
      expect(attempts).toEqual([1, 2, 3, 1]);
      await expect(jobs.retry(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(jobs.discard(id), 'one that is done is kept').rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('forgets a failed job that the operator gives up', async () => {
      const jobs = newProcess();
      const job = define(jobs, {
        attempts: 1,
        async run() {
          throw new Error('out of order');
        },
      });
      await jobs.start();
      const id = await inTenant(tenantA, () => job.enqueue({ n: 1 }));
      await until('it has failed', stateIs(jobs, id, 'failed'));
      await jobs.discard(id);
      expect(await jobs.failed()).toEqual([]);
      expect(await jobs.find(id)).toBeNull();
      await expect(jobs.discard(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('adds no second job of a key while one waits, and does once that has begun', async () => {
      const jobs = newProcess();
      const seen: number[] = [];
      let release = (): void => undefined;
      const job = define(jobs, {
        async run({ n }) {
          seen.push(n);
          if (n === 1)
            await new Promise<void>((resolve) => {
              release = resolve;
            });
        },
      });
      const enqueue = (n: number, tenantId: string, key: string) =>
        inTenant(tenantId, () => job.enqueue({ n }, { key }));
      const first = await enqueue(1, tenantA, 'k');
      expect(await enqueue(2, tenantA, 'k')).toBe(first);
      await jobs.start();
      await until('the first runs', () => seen.length === 1);
      const next = await enqueue(3, tenantA, 'k');
      expect(next).not.toBe(first);
      expect(await enqueue(4, tenantA, 'k')).toBe(next);
      const others = [await enqueue(5, tenantB, 'k'), await enqueue(6, tenantA, 'other')];
      expect(new Set([first, next, ...others]).size).toBe(4);
      release();
      for (const id of [first, next, ...others]) await until('all are done', stateIs(jobs, id, 'done'));
      expect(seen.sort()).toEqual([1, 3, 5, 6]);
    });

    it('adds one job when many ask for the same key at once', async () => {
      const jobs = newProcess();
      let count = 0;
      const job = define(jobs, {
        run: async () => {
          count += 1;
        },
      });
      const ids = await Promise.all(
        Array.from({ length: 12 }, (_, n) => inTenant(tenantA, () => job.enqueue({ n }, { key: 'same' }))),
      );
      expect(new Set(ids).size).toBe(1);
      await jobs.start();
      await until('it is done', stateIs(jobs, ids[0] ?? '', 'done'));
      expect(count).toBe(1);
    });

    it('waits as long as asked', async () => {
      const jobs = newProcess();
      let at = 0;
      const job = define(jobs, {
        run: async () => {
          at = clock.now();
        },
      });
      await jobs.start();
      const from = clock.now();
      await job.enqueue({ n: 1 }, { delayMs: 300 });
      await until('it has run', () => at > 0);
      expect(at - from).toBeGreaterThanOrEqual(300);
    });

    it('runs no more at once than allowed', async () => {
      const jobs = newProcess();
      let now = 0;
      let most = 0;
      const job = define(jobs, {
        concurrency: 2,
        async run() {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setTimeout(resolve, 5));
          now -= 1;
        },
      });
      const ids = await Promise.all(Array.from({ length: 7 }, (_, n) => job.enqueue({ n })));
      await jobs.start();
      for (const id of ids) await until('all are done', stateIs(jobs, id, 'done'));
      expect(most).toBe(2);
    });

    it('shows how far a job is', async () => {
      const jobs = newProcess();
      let release = (): void => undefined;
      const job = define(jobs, {
        async run(_data, { progress }) {
          await progress(41.6);
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        },
      });
      await jobs.start();
      const id = await job.enqueue({ n: 1 });
      await until('progress is seen', async () => (await jobs.find(id))?.progress === 42);
      expect((await jobs.find(id))?.state).toBe('running');
      release();
      await until('it is done', stateIs(jobs, id, 'done'));
    });

    it('aborts what runs when the server stops, and runs it again afterwards without losing a try', async () => {
      const first = newProcess();
      let begun = false;
      const id = await define(first, {
        attempts: 1,
        run: (_data, { signal }) =>
          new Promise((_resolve, reject) => {
            begun = true;
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      }).enqueue({ n: 1 });
      await first.start();
      await until('it runs', () => begun);
      await stopped(first);

      const second = newProcess();
      const attempts: number[] = [];
      define(second, { attempts: 1, run: async (_data, { attempt }) => void attempts.push(attempt) });
      await second.start();
      await until('it is done', stateIs(second, id, 'done'));
      expect(attempts).toEqual([1]);
    });

    it('runs a job again that a dead process left, even one with a single try', async () => {
      const first = newProcess();
      let begun = false;
      const job = define(first, {
        attempts: 1,
        run() {
          begun = true;
          return new Promise(() => undefined);
        },
      });
      await first.start();
      const id = await inTenant(tenantA, () => job.enqueue({ n: 1 }));
      await until('it runs', () => begun);
      // No grace and no answer: as after kill -9, only the lease is left.
      void first.driver.stop(0);
      stops.pop();

      const second = newProcess();
      const attempts: number[] = [];
      define(second, { attempts: 1, run: async (_data, { attempt }) => void attempts.push(attempt) });
      await second.start();
      await until('it is done', stateIs(second, id, 'done'));
      expect(attempts).toEqual([1]);
    });

    it('skips a job whose plugin is off in its tenant, and says so', async () => {
      const jobs = newProcess();
      const seen: string[] = [];
      const job = define(jobs, { run: async () => void seen.push(scope.tenantId()) });
      off.add(`${tenantA}/crm`);
      const skipped = await inTenant(tenantA, () => job.enqueue({ n: 1 }));
      const done = await inTenant(tenantB, () => job.enqueue({ n: 1 }));
      await jobs.start();
      await until('one is skipped', stateIs(jobs, skipped, 'skipped'));
      await until('the other is done', stateIs(jobs, done, 'done'));
      expect(seen).toEqual([tenantB]);
      expect(await jobs.skipped()).toMatchObject([
        { id: skipped, error: 'PLUGIN_NOT_ENABLED', tenantId: tenantA },
      ]);
    });

    it('fails a job whose stored data no longer fits, without trying it', async () => {
      const old = newProcess();
      const id = await old
        .forPlugin('crm', book)
        .define('count', { data: z.object({ n: z.string() }), run: async () => undefined })
        .enqueue({ n: 'one' });
      await stopped(old);
      const jobs = newProcess();
      let calls = 0;
      define(jobs, {
        run: async () => {
          calls += 1;
        },
      });
      await jobs.start();
      await until('it has failed', stateIs(jobs, id, 'failed'));
      expect(calls).toBe(0);
    });

    it('runs a job enqueued in a transaction after the commit, and none after a rollback', async () => {
      const jobs = newProcess();
      const notes = database.withData('notes');
      const seen: number[] = [];
      const job = define(jobs, {
        concurrency: 5,
        async run({ n }) {
          expect(await notes.repo(NoteEntity).findOne({ text: `note ${n}` })).not.toBeNull();
          seen.push(n);
        },
      });
      await jobs.start();
      const write = (n: number, key: string | undefined, fail: boolean) =>
        inTenant(tenantA, () =>
          notes.tx(async () => {
            const id = await job.enqueue({ n }, key === undefined ? {} : { key });
            await new Promise((resolve) => setTimeout(resolve, 20));
            await notes.repo(NoteEntity).insert({ text: `note ${n}` });
            if (fail) throw new Error('no');
            return id;
          }),
        );
      await expect(write(1, undefined, true)).rejects.toThrow('no');
      await expect(write(2, 'key', true)).rejects.toThrow('no');
      const ids = [await write(3, undefined, false), await write(4, 'key', false)];
      for (const id of ids) await until('it is done', stateIs(jobs, id, 'done'));
      expect(seen).toEqual([3, 4]);
      expect(await database.withData('core').repo(JobEntity).count({ state: 'handover' })).toBe(0);
    });

    it('rests a job that fails on and on, and takes no try for that', async () => {
      const jobs = newProcess();
      let calls = 0;
      const job = define(jobs, {
        attempts: 30,
        async run() {
          calls += 1;
          throw new Error('always');
        },
      });
      await jobs.start();
      const id = await job.enqueue({ n: 1 });
      await until('its circuit is open', async () => !circuits.allows('job:crm:count'));
      await until('it rests', async () => (await jobs.find(id))?.error?.includes('rests') === true);
      expect(calls).toBe(20);
      expect(await jobs.find(id)).toMatchObject({ state: 'waiting', attempt: 20 });
    });

    it('takes no new job of a definition that was taken back', async () => {
      const undos: (() => void)[] = [];
      const jobs = newProcess();
      let calls = 0;
      const job = jobs
        .forPlugin('crm', (undo) => {
          undos.push(undo);
          return undo;
        })
        .define('count', {
          data: Count,
          run: async () => {
            calls += 1;
          },
        });
      await jobs.start();
      const done = await job.enqueue({ n: 1 });
      await until('the first is done', stateIs(jobs, done, 'done'));
      for (const undo of undos) undo();
      const waits = await job.enqueue({ n: 2 });
      for (let turn = 0; turn < 30; turn += 1)
        await until('time passes', async () => (await jobs.find(waits)) !== null);
      expect(await jobs.find(waits)).toMatchObject({ state: 'waiting' });
      expect(calls).toBe(1);
    });
  });

  describe('every', () => {
    let clock: FakeClock;
    let database: Database;
    let close: () => Promise<void>;
    const nodes: Jobs[] = [];

    beforeEach(async () => {
      clock = fakeClock();
      ({ database, close } = await openEmpty(open, clock));
    });
    afterEach(async () => {
      await Promise.all(nodes.splice(0).map((node) => node.stop()));
      await close();
    });

    async function startNode(intervalMs: number, task: () => Promise<void>): Promise<Jobs> {
      const log = memoryLog();
      const node = createJobs({
        driver: createDatabaseDriver({ database, clock, log }),
        database,
        clock,
        log,
        circuits: createCircuits({ clock }),
        isActive: () => true,
      });
      node.forPlugin('crm', book).every('tidy', intervalMs, task);
      await node.start();
      nodes.push(node);
      return node;
    }
    /** Minutes in steps, so that the real database keeps up. */
    async function pass(ms: number): Promise<void> {
      for (let step = 0; step < 20; step += 1) {
        await clock.advance(ms / 20);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    }

    it('runs once an interval, however many nodes there are', async () => {
      const at: number[] = [];
      const from = clock.now();
      for (let node = 0; node < 3; node += 1)
        await startNode(60_000, async () => void at.push(clock.now() - from));
      for (let minute = 0; minute < 5; minute += 1) await pass(60_000);
      expect(at.length).toBeGreaterThanOrEqual(4);
      expect(at.length).toBeLessThanOrEqual(5);
      for (const [index, each] of at.entries())
        expect(each - (at[index - 1] ?? 0)).toBeGreaterThanOrEqual(60_000);
    });

    it('keeps step across a restart: neither again at once nor put off', async () => {
      const at: number[] = [];
      const from = clock.now();
      const task = async (): Promise<void> => void at.push(clock.now() - from);
      const first = await startNode(600_000, task);
      await pass(400_000);
      await first.stop();
      await startNode(600_000, task);
      await pass(180_000);
      expect(at).toEqual([]);
      await pass(60_000);
      expect(at).toHaveLength(1);
    });

    it('does not run again while it still runs, and goes on after a failure', async () => {
      let running = 0;
      let most = 0;
      let calls = 0;
      let release = (): void => undefined;
      const task = async (): Promise<void> => {
        calls += 1;
        running += 1;
        most = Math.max(most, running);
        if (calls === 1)
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        running -= 1;
        if (calls === 2) throw new Error('once');
      };
      await startNode(10_000, task);
      await startNode(10_000, task);
      await pass(120_000);
      expect(calls).toBe(1);
      release();
      await pass(60_000);
      expect(calls).toBeGreaterThan(2);
      expect(most).toBe(1);
    });
  });
});
