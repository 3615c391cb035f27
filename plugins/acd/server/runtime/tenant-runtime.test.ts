import { fakeClock } from '@jackfield/core/test-kit';
import { describe, expect, it } from 'vitest';
import { fakeDesk, memoryTables } from '../testing/runtime.fixture.ts';
import { createAbsence } from './absence.ts';

async function openDesk(...given: Parameters<typeof fakeDesk>) {
  const desk = fakeDesk(...given);
  await desk.runtime.start();
  return desk;
}

describe('the routing of a tenant', () => {
  it('stores an offer and why it was made before it rings', async () => {
    const desk = await openDesk();
    await desk.ready('amy');
    await desk.enter('c1');
    expect(desk.ringing()).toEqual(['c1→amy']);
    expect(desk.tables.contacts.get('c1')).toMatchObject({ state: 'offered', agent: 'amy', attempt: 1 });
    expect(desk.tables.decisions).toMatchObject([{ contactId: 'c1', chosen: 'amy', attempt: 1 }]);
    expect(desk.last().offer).toMatchObject({ ringMs: 20_000, attempt: 1 });
  });

  it('connects who answers, and hangs up who answers too late', async () => {
    const desk = await openDesk();
    await desk.ready('amy');
    await desk.enter('c1');
    const first = desk.last();
    await desk.ready('ben');
    await desk.runtime.send({ type: 'presence', userId: 'amy', presence: 'signed-out', reason: null });
    expect(first.stopped).toBe(true);
    await first.answer();
    expect(first.verdict).toBe('declined');
    const second = desk.last();
    expect(second.userId).toBe('ben');
    await second.answer();
    expect(second.verdict).toBe('accepted');
    expect(desk.runtime.agentView('ben')).toMatchObject({ shown: 'talking', answered: 1 });
  });

  it('hangs up an agent who answers after the caller has gone', async () => {
    const desk = await openDesk();
    await desk.ready('amy');
    await desk.enter('c1');
    await desk.runtime.leave('c1');
    await desk.last().answer();
    expect(desk.last().verdict).toBe('declined');
    expect(desk.runtime.agentView('amy')?.shown).toBe('idle');
  });

  it('[acd-36] takes an unanswered offer to the next agent', async () => {
    const desk = await openDesk();
    await desk.ready('amy', 'ben');
    await desk.enter('c1');
    const { userId } = desk.last();
    await desk.last().fail('no-answer');
    expect(desk.ringing()).toHaveLength(1);
    expect(desk.last().userId).not.toBe(userId);
  });

  it('[acd-48] ends a wrap-up at its time, by itself, and takes the contact from the workbench', async () => {
    const desk = await openDesk();
    await desk.ready('amy');
    await desk.enter('c1');
    await desk.last().answer();
    await desk.runtime.finish('c1');
    expect(desk.runtime.agentView('amy')?.shown).toBe('wrap-up');
    await desk.enter('c2');
    await desk.clock.advance(29_999);
    expect(desk.ringing()).toEqual([]);
    await desk.clock.advance(1);
    expect(desk.ringing()).toEqual(['c2→amy']);
    expect(desk.wrapUpsOver).toEqual(['c1 amy']);
  });

  it('offers to an agent whose phone was in use before he ever signed in', async () => {
    const desk = await openDesk();
    await desk.runtime.setDevice('zoe', 'in-call');
    await desk.runtime.setDevice('zoe', 'ready');
    await desk.runtime.admit('zoe');
    await desk.runtime.setDevice('zoe', 'ready');
    expect(desk.runtime.state.agents.zoe?.deviceReady).toBe(true);
  });

  it('turns away who waits in a queue that is switched off', async () => {
    const desk = await openDesk();
    await desk.enter('c1');
    const [row] = desk.tables.rows;
    if (row) row.enabled = false;
    await desk.runtime.reloadQueue('sales');
    expect(desk.turnedAway).toEqual(['c1']);
    expect(desk.tables.contacts.size).toBe(0);
  });

  it('goes on while the database is away, and stores what it owes when it is back', async () => {
    const desk = await openDesk();
    desk.tables.failing = true;
    await desk.ready('amy');
    await desk.enter('c1');
    expect(desk.ringing()).toEqual(['c1→amy']);
    expect(desk.tables.contacts.size).toBe(0);
    desk.tables.failing = false;
    await desk.clock.advance(1_000);
    expect(desk.tables.contacts.get('c1')).toMatchObject({ state: 'offered', agent: 'amy' });
    expect(desk.tables.agents.get('amy')).toMatchObject({ presence: 'available' });
    expect(desk.tables.decisions).toHaveLength(1);
  });
});

describe('after a restart', () => {
  /** The server is gone; the tables and the clock are as it left them. */
  async function restarted(
    before: Awaited<ReturnType<typeof openDesk>>,
    memory: ReturnType<typeof memoryTables>,
  ) {
    await before.runtime.stop();
    return openDesk(memory, before.clock);
  }

  it('[acd-50] an agent is as he was: presence, counts, sign-in, idle time and the end of his wrap-up', async () => {
    const memory = memoryTables();
    const before = await openDesk(memory);
    await before.ready('amy');
    await before.enter('c1');
    await before.last().answer();
    await before.runtime.finish('c1');
    const was = before.runtime.agentView('amy');
    const desk = await restarted(before, memory);
    await desk.runtime.setDevice('amy', 'ready');
    expect(desk.runtime.agentView('amy')).toEqual({ ...was });
    await desk.clock.advance(30_000);
    expect(desk.runtime.agentView('amy')?.shown).toBe('idle');
  });

  it('a wrap-up whose time has run out meanwhile is over', async () => {
    const memory = memoryTables();
    const before = await openDesk(memory);
    await before.ready('amy');
    await before.enter('c1');
    await before.last().answer();
    await before.runtime.finish('c1');
    await before.runtime.stop();
    await before.clock.advance(60_000);
    const desk = await openDesk(memory, before.clock);
    expect(desk.runtime.agentView('amy')?.wrapUp).toBeNull();
    expect(desk.wrapUpsOver).toEqual(['c1 amy']);
  });

  it('callers keep their places, whoever of them comes back first', async () => {
    const memory = memoryTables();
    const before = await openDesk(memory);
    const times = new Map<string, number>();
    for (const id of ['first', 'second', 'third']) {
      times.set(id, before.clock.now());
      await before.enter(id);
      await before.clock.advance(1_000);
    }
    const desk = await restarted(before, memory);
    await desk.ready('amy');
    for (const id of ['third', 'second']) await desk.enter(id, { joinedAt: times.get(id) ?? 0 });
    expect(desk.ringing()).toEqual([]);
    await desk.enter('first', { joinedAt: times.get('first') ?? 0 });
    await desk.clock.advance(0);
    expect(desk.ringing()).toEqual(['first→amy']);
    expect(desk.runtime.queueView('sales').contacts.map(({ id }) => id)).toEqual([
      'first',
      'second',
      'third',
    ]);
  });

  it('nobody is waited for who hung up meanwhile', async () => {
    const memory = memoryTables();
    const before = await openDesk(memory);
    for (const id of ['gone', 'here']) await before.enter(id);
    const desk = await restarted(before, memory);
    await desk.ready('amy');
    await desk.enter('here', { joinedAt: 0 });
    expect(desk.ringing()).toEqual([]);
    await desk.runtime.leave('gone');
    await desk.clock.advance(0);
    expect(desk.ringing()).toEqual(['here→amy']);
    expect([...desk.tables.contacts.keys()]).toEqual(['here']);
  });

  it('nobody is waited for longer than 5 seconds', async () => {
    const memory = memoryTables();
    const before = await openDesk(memory);
    for (const id of ['gone', 'here']) await before.enter(id);
    const desk = await restarted(before, memory);
    await desk.ready('amy');
    await desk.enter('here', { joinedAt: 0 });
    await desk.clock.advance(4_999);
    expect(desk.ringing()).toEqual([]);
    await desk.clock.advance(1);
    expect(desk.ringing()).toEqual(['here→amy']);
    expect([...desk.tables.contacts.keys()]).toEqual(['here']);
  });

  it('a talk goes on, and its agent is not offered anything', async () => {
    const memory = memoryTables([{ id: 'sales' }], ['amy']);
    const before = await openDesk(memory);
    await before.ready('amy');
    await before.enter('c1');
    await before.last().answer();
    const desk = await restarted(before, memory);
    await desk.runtime.restore({
      contactId: 'c1',
      queueId: 'sales',
      joinedAt: 0,
      userId: 'amy',
      label: { displayNumber: '', name: '' },
    });
    await desk.runtime.setDevice('amy', 'ready');
    await desk.enter('c2');
    expect(desk.ringing()).toEqual([]);
    expect(desk.runtime.agentView('amy')?.shown).toBe('talking');
    await desk.runtime.finish('c1');
    expect(desk.runtime.agentView('amy')?.shown).toBe('wrap-up');
  });
});

describe('an agent whose browser is gone', () => {
  async function away(minutes = 2) {
    const desk = await openDesk();
    await desk.ready('amy');
    const absence = createAbsence({
      clock: desk.clock,
      runtime: desk.runtime,
      minutes: () => minutes,
      inScope: (work) => work(),
    });
    return { desk, absence, presence: () => desk.runtime.agentView('amy')?.presence };
  }

  it('[acd-50] keeps everything when he is back in time', async () => {
    const { desk, absence, presence } = await away();
    const was = desk.runtime.agentView('amy');
    absence.left('amy');
    await desk.clock.advance(119_999);
    absence.back('amy');
    await desk.clock.advance(600_000);
    expect(presence()).toBe('available');
    expect(desk.runtime.agentView('amy')).toEqual(was);
  });

  it('is signed out when he is gone for longer', async () => {
    const { desk, absence, presence } = await away();
    absence.left('amy');
    await desk.clock.advance(120_000);
    expect(presence()).toBe('signed-out');
  });

  it('is not signed out of a talk, but after it', async () => {
    const { desk, absence, presence } = await away();
    await desk.enter('c1');
    await desk.last().answer();
    absence.left('amy');
    await desk.clock.advance(300_000);
    expect(presence()).toBe('available');
    await desk.runtime.finish('c1');
    await desk.clock.advance(30_000);
    expect(presence()).toBe('signed-out');
  });
});

it('a stopped runtime leaves no timer behind', async () => {
  const clock = fakeClock();
  const desk = await openDesk(memoryTables(), clock);
  await desk.ready('amy');
  await desk.enter('c1');
  await desk.last().answer();
  await desk.runtime.leave('c1');
  await desk.runtime.stop();
  expect(clock.pending()).toBe(0);
});
