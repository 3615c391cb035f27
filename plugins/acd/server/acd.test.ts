import { until } from '@jackfield/core/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Centre, DOMAIN, openCentre } from './testing/centre.fixture.ts';

const HOTLINE = '4008001234';
const VIP_LINE = '4008005678';

let centre: Centre;
beforeAll(async () => {
  centre = await openCentre();
});
afterEach(() => centre.clear());
afterAll(() => centre.app.stop());

describe('a call to a queue', () => {
  it('[acd-01] waits in its queue, is offered and talked, and leaves wrap-up behind', async () => {
    const [amy] = await centre.agents('amy');
    const queue = await centre.queue({ wrapUpMode: 'manual' }, [amy]);
    const other = await centre.queue({}, []);
    await centre.number(HOTLINE, queue);
    const caller = centre.dial(HOTLINE);
    await queue.becomes('the caller waits', ({ waiting }) => waiting === 1);
    expect((await queue.live()).contacts).toMatchObject([
      { place: 1, state: 'waiting', displayNumber: '+86138****8000' },
    ]);
    expect(await other.live()).toMatchObject({ waiting: 0, contacts: [] });

    await amy.ready();
    const leg = await amy.ringing();
    await amy.is('ringing');
    centre.emulator.answer(leg);
    await amy.talks();
    expect(await queue.live()).toMatchObject({ waiting: 0, talking: 1 });

    centre.emulator.hangup(caller);
    await amy.is('wrap-up');
    await amy.finish();
    expect(await amy.is('idle')).toMatchObject({ answered: 1, wrapUp: null });
    await queue.becomes('the queue is empty', ({ waiting, talking }) => waiting + talking === 0);
  });

  it('[core-38] stays with an agent whose page is loaded anew, with one wrap-up in the end', async () => {
    const [amy] = await centre.agents('amy');
    await amy.user.put('/api/telephony/me/phone', { device: 'browser' });
    const queue = await centre.queue({ wrapUpMode: 'manual' }, [amy]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    const caller = centre.dial(HOTLINE);
    const lost = await amy.ringing();
    centre.emulator.answer(lost);
    const { contact } = await amy.talks();
    expect((await amy.user.post(`/api/telephony/calls/${contact?.id}/rejoin`)).status).toBe(204);
    await until('the lost leg is gone', () => amy.legs() === 1);
    expect(centre.emulator.callsOf(amy.extension, DOMAIN)[0]?.uuid).not.toBe(lost);
    expect(await amy.me()).toMatchObject({ shown: 'talking', contact: { id: contact?.id } });

    centre.emulator.hangup(caller);
    await amy.is('wrap-up');
    await amy.finish();
    expect(await amy.is('idle')).toMatchObject({ answered: 1, wrapUp: null });
    await amy.user.put('/api/telephony/me/phone', { device: 'desk' });
  });

  it('[acd-02] reaches an agent of several queues by each of them', async () => {
    const [amy] = await centre.agents('amy');
    const sales = await centre.queue({ wrapUpMode: 'auto' }, [amy]);
    const support = await centre.queue({ wrapUpMode: 'auto' }, [amy]);
    await centre.number(HOTLINE, sales);
    await centre.number(VIP_LINE, support);
    await amy.ready();
    for (const number of [HOTLINE, VIP_LINE]) {
      const caller = centre.dial(number);
      centre.emulator.answer(await amy.ringing());
      await amy.talks();
      centre.emulator.hangup(caller);
      await amy.is('idle');
    }
    expect((await amy.me()).answered).toBe(2);
  });

  it('never rings an agent twice at once', async () => {
    const [amy] = await centre.agents('amy');
    const queue = await centre.queue({}, [amy]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    centre.dial(HOTLINE);
    await amy.ringing();
    centre.dial(HOTLINE, '13900139000');
    await queue.becomes('the second waits', ({ waiting }) => waiting === 2);
    expect(amy.legs()).toBe(1);
    expect((await queue.live()).contacts.map(({ place, state }) => [place, state])).toEqual([
      [1, 'offered'],
      [2, 'waiting'],
    ]);
  });

  it('[acd-36] goes to another agent when the first does not answer in time', async () => {
    const [amy, ben] = await centre.agents('amy', 'ben');
    const queue = await centre.queue({ ringSeconds: 1 }, [amy, ben]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    centre.dial(HOTLINE);
    await amy.ringing();
    await ben.ready();
    expect(ben.legs()).toBe(0);
    centre.emulator.answer(await ben.ringing());
    await ben.talks();
    expect(amy.legs()).toBe(0);
    expect((await amy.me()).answered).toBe(0);
  });

  it('[acd-38] that came back is offered before a VIP who waits', async () => {
    const [amy, ben] = await centre.agents('amy', 'ben');
    const queue = await centre.queue({ ringSeconds: 1, vipSeconds: 3_600 }, [amy, ben]);
    await centre.number(HOTLINE, queue);
    await centre.number(VIP_LINE, queue, { vip: true });
    await amy.ready();
    centre.dial(HOTLINE);
    await amy.ringing();
    centre.dial(VIP_LINE);
    const { contacts } = await queue.becomes(
      'the first came back to a queue with a VIP',
      (now) => now.waiting === 2 && now.contacts.some(({ returned }) => returned),
    );
    expect(contacts.map(({ returned }) => returned)).toEqual([true, false]);
    await ben.ready();
    await ben.ringing();
    expect((await queue.live()).contacts[0]).toMatchObject({ userId: ben.user.id, id: contacts[0]?.id });
  });

  it('of a VIP stands before who came earlier', async () => {
    const queue = await centre.queue({ vipSeconds: 600 }, []);
    await centre.number(HOTLINE, queue);
    await centre.number(VIP_LINE, queue, { vip: true });
    centre.dial(HOTLINE, '13800138000');
    await queue.becomes('the first waits', ({ waiting }) => waiting === 1);
    centre.dial(VIP_LINE, '13900139000');
    const { contacts } = await queue.becomes('the VIP waits', ({ waiting }) => waiting === 2);
    expect(contacts.map(({ displayNumber }) => displayNumber)).toEqual(['+86139****9000', '+86138****8000']);
  });

  it('stops ringing the agent when the caller gives up', async () => {
    const [amy] = await centre.agents('amy');
    const queue = await centre.queue({}, [amy]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    const caller = centre.dial(HOTLINE);
    await amy.ringing();
    centre.emulator.hangup(caller);
    await amy.is('idle');
    await until('his phone is quiet', () => amy.legs() === 0);
    expect(await queue.live()).toMatchObject({ waiting: 0, talking: 0 });
  });

  it('rings on with another when the agent signs out while it rings', async () => {
    const [amy, ben] = await centre.agents('amy', 'ben');
    const queue = await centre.queue({}, [amy, ben]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    centre.dial(HOTLINE);
    await amy.ringing();
    await ben.ready();
    await amy.presence('signed-out');
    await ben.ringing();
    await until('the phone of amy is quiet', () => amy.legs() === 0);
  });

  it('is turned away when the queue is switched off, and when it is deleted', async () => {
    const queue = await centre.queue({}, []);
    await centre.number(HOTLINE, queue);
    centre.dial(HOTLINE);
    await queue.becomes('the caller waits', ({ waiting }) => waiting === 1);
    await queue.change({ enabled: false });
    await until('the call is over', () => centre.emulator.core.channels.size === 0);
    centre.dial(HOTLINE);
    await until('the next call is over', () => centre.emulator.core.channels.size === 0);
    await queue.change({ enabled: true });
    centre.dial(HOTLINE);
    await queue.becomes('the third caller waits', ({ waiting }) => waiting === 1);
    expect((await centre.admin.delete(`/api/acd/queues/${queue.id}`)).status).toBe(204);
    await until('the third call is over', () => centre.emulator.core.channels.size === 0);
    const outcomes = await until('the three records are closed', async () => {
      const { body } = await centre.admin.get<{ items: { outcome: string | null }[] }>(
        '/api/telephony/calls?limit=3',
      );
      return body.items.every(({ outcome }) => outcome !== null) && body.items.map(({ outcome }) => outcome);
    });
    expect(outcomes).toEqual(['queue-closed', 'queue-closed', 'queue-closed']);
  });

  it('tells its way in the record: queued, offered, not taken, connected', async () => {
    const [amy] = await centre.agents('amy');
    const queue = await centre.queue({ ringSeconds: 1, noAnswerRestSeconds: 3 }, [amy]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    const caller = centre.dial(HOTLINE);
    await amy.ringing();
    await until('it stops', () => amy.legs() === 0);
    centre.emulator.answer(await amy.ringing());
    await amy.talks();
    centre.emulator.hangup(caller);
    const steps = await until('the record is closed', async () => {
      const list = await centre.admin.get<{ items: { id: string; endedAt: number | null }[] }>(
        '/api/telephony/calls?limit=1',
      );
      const call = list.body.items[0];
      if (!call?.endedAt) return null;
      const { body } = await centre.admin.get<{ steps: { kind: string; data: Record<string, unknown> }[] }>(
        `/api/telephony/calls/${call.id}`,
      );
      return body.steps;
    });
    const told = steps.filter(({ kind }) =>
      ['queued', 'offered', 'offer-failed', 'connected'].includes(kind),
    );
    expect(told.map(({ kind }) => kind)).toEqual([
      'queued',
      'offered',
      'offer-failed',
      'offered',
      'connected',
    ]);
    expect(told[2]?.data).toMatchObject({ userId: amy.user.id, why: 'no-answer' });
  });
});

describe('an agent', () => {
  it('whose phone is not registered is offered nothing until it is', async () => {
    const [amy] = await centre.agents('amy');
    const queue = await centre.queue({}, [amy]);
    await centre.number(HOTLINE, queue);
    centre.emulator.unregisterPhone(amy.extension, 'acme.jackfield.local');
    await amy.ready();
    await amy.is('unreachable');
    centre.dial(HOTLINE);
    await queue.becomes('the caller waits', ({ waiting }) => waiting === 1);
    centre.emulator.registerPhone(amy.extension, 'acme.jackfield.local');
    await amy.ringing();
  });

  it('in a call of his own is offered nothing until he hangs up', async () => {
    const [amy, ben] = await centre.agents('amy', 'ben');
    const queue = await centre.queue({}, [amy]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    const own = centre.emulator.dialFromPhone(amy.extension, 'acme.jackfield.local', ben.extension);
    centre.emulator.answer(await ben.ringing());
    await until('amy is not ready', async () => (await amy.me()).shown !== 'idle');
    centre.dial(HOTLINE);
    await queue.becomes('the caller waits', ({ waiting }) => waiting === 1);
    expect((await queue.live()).contacts[0]?.state).toBe('waiting');
    centre.emulator.hangup(own ?? '');
    await amy.ringing();
  });

  it('[acd-48] is idle again by himself after the time of the queue', async () => {
    const [amy] = await centre.agents('amy');
    const queue = await centre.queue({ wrapUpMode: 'timed', wrapUpSeconds: 1 }, [amy]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    const caller = centre.dial(HOTLINE);
    centre.emulator.answer(await amy.ringing());
    await amy.talks();
    centre.emulator.hangup(caller);
    expect((await amy.is('wrap-up')).wrapUp?.until).toBeGreaterThan(Date.now());
    await amy.is('idle');
  });

  it('[acd-47] is idle at once where the queue asks for no wrap-up', async () => {
    const [amy] = await centre.agents('amy');
    const queue = await centre.queue({ wrapUpMode: 'auto' }, [amy]);
    await centre.number(HOTLINE, queue);
    await amy.ready();
    const caller = centre.dial(HOTLINE);
    centre.emulator.answer(await amy.ringing());
    await amy.talks();
    centre.emulator.hangup(caller);
    expect((await amy.is('idle')).wrapUp).toBeNull();
  });

  it('goes on break for a reason of the list only', async () => {
    const [amy] = await centre.agents('amy');
    await amy.ready();
    expect(await amy.presence('break', 'meal')).toMatchObject({ shown: 'break', breakReason: 'meal' });
    const refused = await amy.user.put<{ code: string }>('/api/acd/me', {
      presence: 'break',
      breakReason: 'holiday',
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } });
    expect((await amy.user.put('/api/acd/me', { presence: 'break' })).status).toBe(422);
  });

  it('[acd-44] is counted in the list by the state of the moment', async () => {
    const [amy, ben] = await centre.agents('amy', 'ben');
    await amy.ready();
    await ben.ready();
    await ben.presence('break', 'rest');
    const { body } = await centre.admin.get<{ totals: Record<string, number>; items: { name: string }[] }>(
      '/api/acd/agents',
    );
    expect(body.totals).toMatchObject({ idle: 1, break: 1, talking: 0 });
    const onBreak = await centre.admin.get<typeof body>('/api/acd/agents?shown=break');
    expect(onBreak.body.items.map(({ name }) => name)).toEqual(['ben']);
    const page = await centre.admin.get<typeof body & { nextCursor: string }>('/api/acd/agents?limit=1');
    const next = await centre.admin.get<typeof body>(
      `/api/acd/agents?limit=1&cursor=${page.body.nextCursor}`,
    );
    expect(next.body.items[0]?.name).not.toBe(page.body.items[0]?.name);
  });

  it('can be sent on break by a supervisor, who is remembered for it', async () => {
    const [amy] = await centre.agents('amy');
    await amy.ready();
    const supervisor = await centre.app.user('sara', 'supervisor');
    const path = `/api/acd/agents/${amy.user.id}/presence`;
    const body = { presence: 'break', breakReason: 'meeting' };
    expect((await amy.user.put(path, body)).status).toBe(403);
    expect((await supervisor.put(path, body)).status).toBe(200);
    expect((await amy.me()).shown).toBe('break');
    const { body: audit } = await centre.admin.get<{ items: { action: string; actor: { name: string } }[] }>(
      '/api/core/audit?limit=1',
    );
    expect(audit.items[0]).toMatchObject({ action: 'agent.presence', actor: { name: 'sara' } });
  });
});

describe('a queue', () => {
  const base = { name: 'Sales', strategy: 'longest-idle' };
  const post = (body: object) => centre.admin.post<{ id: string; code: string }>('/api/acd/queues', body);
  const remove = (id: string) => centre.admin.delete(`/api/acd/queues/${id}`);

  it('[acd-12] has exactly one strategy, of those there are', async () => {
    expect((await post({ name: 'Sales' })).status).toBe(422);
    expect((await post({ ...base, strategy: 'none' })).status).toBe(422);
    expect((await post({ ...base, strategy: ['random', 'longest-idle'] })).status).toBe(422);
    const { body } = await centre.admin.get<{ items: { id: string }[] }>('/api/acd/strategies');
    expect(body.items.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['longest-idle', 'fewest-answered', 'sign-in-order', 'round-robin', 'random']),
    );
    const made = await post(base);
    expect(made.status).toBe(201);
    await remove(made.body.id);
  });

  it('[acd-04] has a name of at most 20 characters of any width, and no other has it', async () => {
    expect((await post({ ...base, name: 'x'.repeat(21) })).status).toBe(422);
    const made = await post({ ...base, name: '售'.repeat(20) });
    expect(made.status).toBe(201);
    expect(await post({ ...base, name: '售'.repeat(20) })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    await remove(made.body.id);
  });

  it('[acd-36] rings from 1 to 90 seconds', async () => {
    for (const ringSeconds of [0, 91, 1.5]) expect((await post({ ...base, ringSeconds })).status).toBe(422);
  });

  it('[acd-03] gives each agent a level from 0 to 9', async () => {
    const [amy, ben] = await centre.agents('amy', 'ben');
    const queue = await centre.queue({}, [
      [amy, 0],
      [ben, 9],
    ]);
    const { body } = await centre.admin.get<{ members: { name: string; level: number }[] }>(
      `/api/acd/queues/${queue.id}`,
    );
    expect(body.members.map(({ name, level }) => [name, level]).sort()).toEqual([
      ['amy', 0],
      ['ben', 9],
    ]);
    const path = `/api/acd/queues/${queue.id}/members`;
    const members = [{ userId: amy.user.id, level: 10 }];
    expect((await centre.admin.put(path, { members })).status).toBe(422);
    const stranger = [{ userId: '01AAAAAAAAAAAAAAAAAAAAAAAA', level: 1 }];
    expect((await centre.admin.put(path, { members: stranger })).status).toBe(422);
  });

  it('[acd-15] asks the agent who has been idle the longest, and says why', async () => {
    const [amy, ben] = await centre.agents('amy', 'ben');
    const queue = await centre.queue({ wrapUpMode: 'auto' }, [amy, ben]);
    await centre.number(HOTLINE, queue);
    const { signedInAt } = await ben.ready();
    await until('a moment has passed', () => Date.now() > signedInAt);
    await amy.ready();
    centre.dial(HOTLINE);
    await ben.ringing();
    const [contact] = (await queue.live()).contacts;
    const { body } = await centre.admin.get<{
      items: { chosen: string; chosenName: string; candidates: { name: string }[] }[];
    }>(`/api/acd/decisions?contactId=${contact?.id}`);
    expect(body.items).toMatchObject([
      { chosen: ben.user.id, chosenName: 'ben', candidates: [{ name: 'ben' }, { name: 'amy' }] },
    ]);
    expect((await amy.user.get('/api/acd/decisions')).status).toBe(403);
  });
});
