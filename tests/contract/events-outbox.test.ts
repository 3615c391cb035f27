import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../core/src/data/database.ts';
import type { DomainEvent, EventName, PluginEvents } from '../../core/src/events/contract.ts';
import { DeliveryEntity, EventEntity } from '../../core/src/events/event.entity.ts';
import { createEvents, type Events } from '../../core/src/events/events.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { type TestDatabase, testDatabases } from '../../core/test-kit/databases.ts';
import { type FakeClock, fakeClock } from '../../core/test-kit/fake-clock.ts';
import {
  activation,
  book,
  circuitsFor,
  inTenant,
  memoryLog,
  NoteEntity,
  openAgain,
  openEmpty,
  tenantA,
  tenantB,
  until,
} from './outbox-fixture.ts';

declare module '../../core/src/events/contract.ts' {
  interface EventCatalog {
    'note:written': { n: number };
    'note:read': { n: number };
  }
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe.each(testDatabases())('events on $name', ({ open }) => {
  let clock: FakeClock;
  let db: TestDatabase;
  let database: Database;
  let close: () => Promise<void>;
  let log: ReturnType<typeof memoryLog>;
  const { off, isActive } = activation();
  const started: Events[] = [];
  const closers: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    off.clear();
    clock = fakeClock();
    log = memoryLog();
    ({ db, database, close } = await openEmpty(open, clock));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((events) => events.stop()));
    for (const closer of closers.splice(0)) await closer();
    await close();
  });

  /** One process: its events, not yet started. */
  function processOn(on: Database = database): Events {
    const events = createEvents({ database: on, clock, log, circuits: circuitsFor(clock), isActive });
    started.push(events);
    return events;
  }
  /** SQLite is for one process; there the others share its connection. */
  async function secondConnection(): Promise<Database> {
    if (database.dialect === 'sqlite') return database;
    const other = await openAgain(db, clock);
    closers.push(other.close);
    return other.database;
  }
  const deliveries = () => database.withData('core').repo(DeliveryEntity);
  const stored = () => database.withData('core').repo(EventEntity);
  const states = async () => (await deliveries().find()).map((row) => row.state);
  const allIn = (state: string, count: number) => async () =>
    (await states()).filter((each) => each === state).length === count;
  const publish = (events: PluginEvents, n: number, key?: string) =>
    inTenant(tenantA, () => events.publish('note:written', { n }, key === undefined ? {} : { key }));
  /** Time passes in small steps, so that work which needs the real database keeps up with it. */
  async function pass(ms: number, condition: () => boolean | Promise<boolean>): Promise<void> {
    const step = Math.max(250, ms / 40);
    for (const end = clock.now() + ms; clock.now() <= end; await clock.advance(step)) {
      for (let look = 0; look < 10; look += 1) {
        if (await condition()) return;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
    throw new Error(`Not seen within ${ms} ms of the clock`);
  }

  it('delivers in the tenant of the publisher, with id, name, key, time and payload', async () => {
    const events = processOn();
    const seen: {
      event: DomainEvent<EventName>;
      tenantId: string | null | undefined;
      actor: string | undefined;
    }[] = [];
    events.forPlugin('crm', book).on('note:written', (event) => {
      seen.push({ event, tenantId: scope.current()?.tenantId, actor: scope.current()?.actor.kind });
    });
    events.start();
    await publish(events.forPlugin('notes', book), 7, 'note-7');
    await until('it is delivered', () => seen.length === 1);
    expect(seen[0]).toMatchObject({
      event: { name: 'note:written', tenantId: tenantA, key: 'note-7', at: clock.now(), payload: { n: 7 } },
      tenantId: tenantA,
      actor: 'system',
    });
    expect(seen[0]?.event.id).toHaveLength(26);
    await until('it is done', allIn('delivered', 1));
  });

  it('delivers after the commit, and never what was rolled back', async () => {
    const events = processOn();
    const seen: number[] = [];
    const notes = database.withData('notes');
    events.forPlugin('crm', book).on('note:written', async ({ payload }) => {
      expect(await notes.repo(NoteEntity).findOne({ text: `note ${payload.n}` })).not.toBeNull();
      seen.push(payload.n);
    });
    events.start();
    const write = (n: number, fail: boolean) =>
      inTenant(tenantA, () =>
        notes.tx(async () => {
          await events.forPlugin('notes', book).publish('note:written', { n });
          await notes.repo(NoteEntity).insert({ text: `note ${n}` });
          await clock.advance(0);
          expect(seen).not.toContain(n);
          if (fail) throw new Error('no');
        }),
      );
    await expect(write(1, true)).rejects.toThrow('no');
    await write(2, false);
    await until('the second is done', allIn('delivered', 1));
    expect(seen).toEqual([2]);
    expect(await stored().count()).toBe(1);
  });

  it('keeps the order of each key, also over failures, and lets other keys pass', async () => {
    const events = processOn();
    const seen: string[] = [];
    let failures = 2;
    events.forPlugin('crm', book).on('note:written', ({ key, payload }) => {
      if (key === 'slow' && payload.n === 1 && failures > 0) {
        failures -= 1;
        throw new Error('not yet');
      }
      seen.push(`${key}${payload.n}`);
    });
    events.start();
    const notes = events.forPlugin('notes', book);
    for (let n = 1; n <= 5; n += 1) {
      await publish(notes, n, 'slow');
      await publish(notes, n, 'fast');
    }
    await until('the other key is through', () => seen.length === 5);
    expect(seen).toEqual(['fast1', 'fast2', 'fast3', 'fast4', 'fast5']);
    await pass(10_000, () => seen.length === 10);
    expect(seen.slice(5)).toEqual(['slow1', 'slow2', 'slow3', 'slow4', 'slow5']);
    await until('all are done', allIn('delivered', 10));
  });

  it('does not hold up one subscriber for another', async () => {
    const events = processOn();
    const seen: number[] = [];
    events.forPlugin('broken', book).on('note:written', () => {
      throw new Error('always');
    });
    events.forPlugin('crm', book).on('note:written', ({ payload }) => void seen.push(payload.n));
    events.start();
    for (let n = 1; n <= 3; n += 1) await publish(events.forPlugin('notes', book), n, 'same');
    await until('the healthy one has all', () => seen.length === 3);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('tries again after 1 s, 5 s, 30 s, 5 min and 1 h, then sets the event aside for the operator', async () => {
    const events = processOn();
    const tries: number[] = [];
    let broken = true;
    events.forPlugin('crm', book).on('note:written', () => {
      tries.push(clock.now());
      if (broken) throw new Error('out of order');
    });
    events.start();
    const from = clock.now();
    await publish(events.forPlugin('notes', book), 1);
    const pauses = [0, 1_000, 5_000, 30_000, 300_000, HOUR];
    for (const [index, pause] of pauses.entries()) {
      await clock.advance(pause);
      await until(`try ${index + 1} is made`, () => tries.length === index + 1);
      await until('the try is written down', async () => (await deliveries().find())[0]?.claim === '');
    }
    await until('it is set aside', allIn('failed', 1));
    await clock.advance(MINUTE);
    expect(tries).toHaveLength(6);
    expect(tries.map((at, index) => at - (tries[index - 1] ?? from))).toEqual(pauses);
    const [failed] = await events.failed();
    expect(failed).toMatchObject({
      subscriber: 'crm:note:written',
      attempts: 6,
      error: 'out of order',
      event: { name: 'note:written', tenantId: tenantA },
    });

    broken = false;
    await events.retry(failed?.id ?? '');
    await until('the repeat is done', allIn('delivered', 1));
    expect(await events.failed()).toEqual([]);
    await expect(events.retry(failed?.id ?? '')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('asks whether the plugin is active at the moment of delivery', async () => {
    const events = processOn();
    const seen: string[] = [];
    events
      .forPlugin('crm', book)
      .on(
        'note:written',
        ({ tenantId, payload }) => void seen.push(`${tenantId === tenantA ? 'A' : 'B'}${payload.n}`),
      );
    const notes = events.forPlugin('notes', book);
    await inTenant(tenantA, () => notes.publish('note:written', { n: 1 }));
    await inTenant(tenantB, () => notes.publish('note:written', { n: 1 }));
    off.add(`${tenantA}/crm`);
    events.start();
    await until('both are settled', async () => !(await states()).includes('pending'));
    expect(seen).toEqual(['B1']);
    expect((await states()).sort()).toEqual(['delivered', 'skipped']);
  });

  it('delivers what a process left behind, after its lease has run out', async () => {
    const first = processOn();
    let begun = 0;
    first.forPlugin('crm', book).on('note:written', () => {
      begun += 1;
      // The process dies here: never settled, never written down.
      return new Promise<void>(() => undefined);
    });
    first.start();
    await publish(first.forPlugin('notes', book), 1, 'k');
    await publish(first.forPlugin('notes', book), 2, 'k');
    await until('the first has begun', () => begun === 1);
    // Never awaited: the dead do not come back.
    void first.stop();

    const seen: number[] = [];
    const second = processOn();
    second.forPlugin('crm', book).on('note:written', ({ payload }) => void seen.push(payload.n));
    // Only the lease is between the second process and the event: the first handler is never timed out here.
    await deliveries().updateWhere({ state: 'pending', attempt: 1 }, { claim: '01JDEADDEADDEADDEADDEADDEA' });
    second.start();
    await clock.advance(20_000);
    expect(seen).toEqual([]);
    await pass(60_000, () => seen.length === 2);
    expect(seen).toEqual([1, 2]);
    await until('both are done', allIn('delivered', 2));
  });

  it('delivers at the start what was published while nobody listened', async () => {
    const before = processOn();
    before.forPlugin('crm', book).on('note:written', () => undefined);
    await publish(before.forPlugin('notes', book), 1);

    const after = processOn();
    const seen: number[] = [];
    after.forPlugin('crm', book).on('note:written', ({ payload }) => void seen.push(payload.n));
    after.start();
    await until('it is delivered', () => seen.length === 1);
  });

  it('delivers each event once and in order with several processes at work', async () => {
    const seen: string[] = [];
    const processes: Events[] = [];
    for (let index = 0; index < 3; index += 1) {
      const events = processOn(await secondConnection());
      events.forPlugin('crm', book).on('note:written', async ({ key, payload }) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${key}:${payload.n}`);
      });
      processes.push(events);
    }
    for (const events of processes) events.start();
    const keys = ['a', 'b', 'c', 'd'];
    for (let n = 0; n < 10; n += 1) {
      for (const [index, key] of keys.entries()) {
        await publish((processes[(n + index) % 3] as Events).forPlugin('notes', book), n, key);
      }
    }
    await pass(MINUTE, () => seen.length >= 40);
    await until('all are done', allIn('delivered', 40));
    expect(seen).toHaveLength(40);
    for (const key of keys) {
      expect(seen.filter((each) => each.startsWith(key))).toEqual(
        Array.from({ length: 10 }, (_, n) => `${key}:${n}`),
      );
    }
  });

  it('numbers one key without gaps or twins when many publish at once', async () => {
    const events = processOn();
    events.forPlugin('crm', book).on('note:written', () => undefined);
    const notes = events.forPlugin('notes', book);
    await Promise.all(Array.from({ length: 8 }, (_, n) => publish(notes, n, 'busy')));
    const places = (await stored().find({}, { orderBy: { seq: 'asc' } })).map((row) => row.seq);
    expect(places).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('rests a subscriber that fails on and on, and uses up none of its tries for that', async () => {
    const events = processOn();
    let calls = 0;
    let broken = true;
    events.forPlugin('crm', book).on('note:written', () => {
      calls += 1;
      if (broken) throw new Error('always');
    });
    events.start();
    for (let n = 0; n < 25; n += 1) await publish(events.forPlugin('notes', book), n);
    await until('every event was looked at', async () =>
      (await deliveries().find()).every((row) => row.claim === '' && row.dueAt > clock.now()),
    );
    expect(calls).toBeGreaterThanOrEqual(20);
    expect(calls).toBeLessThan(25 + 8);
    const refused = (await deliveries().find()).filter((row) => row.attempt === 0);
    expect(refused.length).toBeGreaterThan(0);
    broken = false;
    await clock.advance(300_000);
    await pass(120_000, allIn('delivered', 25));
  });

  it('gives up on a handler after 30 s', async () => {
    const events = processOn();
    let calls = 0;
    events.forPlugin('crm', book).on('note:written', () => {
      calls += 1;
      return calls === 1 ? new Promise<void>(() => undefined) : undefined;
    });
    events.start();
    await publish(events.forPlugin('notes', book), 1);
    await until('it has begun', () => calls === 1);
    await pass(33_000, () => calls === 2);
    await until('it is done', allIn('delivered', 1));
    expect((await deliveries().find())[0]?.error).toContain('30 s');
  });

  it('waits for running handlers when it stops, and begins nothing more', async () => {
    const events = processOn();
    const seen: number[] = [];
    let release = (): void => undefined;
    events.forPlugin('crm', book).on('note:written', async ({ payload }) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      seen.push(payload.n);
    });
    events.start();
    await publish(events.forPlugin('notes', book), 1, 'k');
    await publish(events.forPlugin('notes', book), 2, 'k');
    await until('the first runs', async () => (await deliveries().find()).some((row) => row.claim !== ''));
    await clock.advance(0);
    const stopped = events.stop();
    release();
    await stopped;
    expect(seen).toEqual([1]);
    expect((await states()).sort()).toEqual(['delivered', 'pending']);
    expect(clock.pending()).toBe(0);
  });

  it('deletes what was delivered more than 7 days ago and keeps what was set aside', async () => {
    const events = processOn();
    events.forPlugin('crm', book).on('note:written', ({ payload }) => {
      if (payload.n === 13) throw new Error('unlucky');
    });
    const notes = events.forPlugin('notes', book);
    for (const n of [1, 2, 13]) await publish(notes, n);
    events.start();
    await until('two are done', allIn('delivered', 2));
    await deliveries().updateWhere({ state: 'pending' }, { state: 'failed', doneAt: clock.now() });
    await events.stop();
    const anHourOn = async (at: number): Promise<void> => {
      const then = fakeClock(at);
      const later = createEvents({ database, clock: then, log, circuits: circuitsFor(then), isActive });
      later.start();
      await then.advance(HOUR);
      await later.stop();
    };
    await anHourOn(clock.now() + 7 * DAY - 2 * HOUR);
    expect(await stored().count()).toBe(3);
    await anHourOn(clock.now() + 7 * DAY);
    await until('the old ones are gone', async () => (await stored().count()) === 1);
    expect(await states()).toEqual(['failed']);
  });

  it('stores nothing when nobody subscribes, and refuses a key that is too long', async () => {
    const events = processOn();
    await publish(events.forPlugin('notes', book), 1);
    expect(await stored().count()).toBe(0);
    events.forPlugin('crm', book).on('note:written', () => undefined);
    await expect(publish(events.forPlugin('notes', book), 1, 'x'.repeat(129))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('wants a name for the second subscriber of a plugin to one event', () => {
    const crm = processOn().forPlugin('crm', book);
    crm.on('note:written', () => undefined);
    expect(() => crm.on('note:written', () => undefined)).toThrow(/give one a name/);
    crm.on('note:written', () => undefined, { name: 'second' });
  });

  it('delivers nothing to a subscriber that was taken back', async () => {
    const events = processOn();
    const seen: number[] = [];
    const undo = events.forPlugin('crm', book).on('note:written', ({ payload }) => void seen.push(payload.n));
    events.start();
    undo();
    await publish(events.forPlugin('notes', book), 1);
    await clock.advance(5_000);
    expect(seen).toEqual([]);
  });
});
