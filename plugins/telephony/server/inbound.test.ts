import { until } from '@jackfield/core/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Acme, DOMAIN, openAcme, openWorkbench, type Workbench } from './testing/acme.fixture.ts';

const HOTLINE = '4008001234';
const CUSTOMER = '13800138000';

let acme: Acme;
let amy: Awaited<ReturnType<Acme['agent']>>;
let numberId: string;
const tabs: Workbench[] = [];
beforeAll(async () => {
  acme = await openAcme();
  amy = await acme.agent('amy', '1001');
  await acme.agent('ben', '1002');
  numberId = await acme.number(
    HOTLINE,
    { kind: 'extension', target: { number: '1001' } },
    { alias: 'Hotline' },
  );
});
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
});
afterAll(() => acme.app.stop());

const emulator = () => {
  if (!acme.app.emulator) throw new Error('no emulator');
  return acme.app.emulator;
};
const workbench = async (user = amy) => {
  const tab = await openWorkbench(acme.app, user);
  tabs.push(tab);
  return tab;
};
const ended = () => acme.record((call) => call.endedAt !== null);
const talking = () => acme.record((call) => call.answeredAt !== null && call.endedAt === null);
const kinds = async (id: string) => (await acme.details(id)).steps.map((step) => step.kind);
/** No leg, no call and no contact is left. */
async function nothingIsLeft(): Promise<void> {
  await until('every channel of the switch is gone', () => emulator().core.channels.size === 0);
  await until('the agent has no call', async () => {
    const { body } = await amy.get<{ calls: unknown[] }>('/api/telephony/me');
    return body.calls.length === 0;
  });
}

describe('a call to an access number', () => {
  it('rings where it leads, joins the two, and records the talk under the alias [telephony-08]', async () => {
    const tab = await workbench();
    const caller = acme.dial(HOTLINE, CUSTOMER, 'Li Wei');
    emulator().answer(await acme.legAt('1001'));
    await talking();
    emulator().hangup(caller);
    const call = await ended();
    expect(call).toMatchObject({
      direction: 'inbound',
      from: '+8613800138000',
      fromName: 'Li Wei',
      to: '+864008001234',
      alias: 'Hotline',
      outcome: 'connected',
      agentUserId: amy.id,
    });
    expect(call.talkMs).toBeGreaterThan(0);
    expect(call.talkMs).toBeLessThanOrEqual((call.endedAt ?? 0) - (call.answeredAt ?? 0));
    expect(await kinds(call.id)).toEqual(
      expect.arrayContaining([
        'destination',
        'leg-created',
        'talk-started',
        'talk-ended',
        'leg-ended',
        'ended',
      ]),
    );
    await until('the contact leaves the workbench', () => tab.states().includes('removed'));
    expect(tab.states()).toEqual(['offered', 'active', 'removed']);
    await nothingIsLeft();
  });

  it('shows an agent who may not see numbers a masked one, with the name of the line', async () => {
    const tab = await workbench();
    const caller = acme.dial(HOTLINE, CUSTOMER, 'Li Wei');
    const contact = await until('the contact is offered', () => tab.contact());
    expect(contact).toMatchObject({
      direction: 'inbound',
      address: null,
      displayAddress: '+86138****8000',
      name: 'Li Wei',
      via: 'Hotline',
    });
    const me = await amy.get<{ calls: unknown[] }>('/api/telephony/me');
    expect(me.body.calls).toMatchObject([
      { state: 'ringing', number: null, displayNumber: '+86138****8000', name: 'Li Wei', via: 'Hotline' },
    ]);
    emulator().hangup(caller);
    await ended();
    await nothingIsLeft();
  });

  it('[telephony-03] goes elsewhere from the next call on when the destination is changed', async () => {
    const to = (number: string) => ({
      number: HOTLINE,
      alias: 'Hotline',
      destination: { kind: 'extension', target: { number } },
    });
    expect((await acme.admin.put(`/api/telephony/numbers/${numberId}`, to('1002'))).status).toBe(200);
    const caller = acme.dial(HOTLINE);
    await acme.legAt('1002');
    expect(emulator().callsOf('1001', DOMAIN)).toEqual([]);
    emulator().hangup(caller);
    await ended();
    await acme.admin.put(`/api/telephony/numbers/${numberId}`, to('1001'));
    await nothingIsLeft();
  });

  it('[telephony-01] finds each of many numbers, in whatever form the trunk says it', async () => {
    for (let i = 0; i < 12; i += 1) {
      await acme.number(`021555500${String(i).padStart(2, '0')}`, { kind: 'hangup', target: {} });
    }
    for (const dialled of ['+862155550007', '862155550007', '00862155550007', '02155550007']) {
      acme.dial(dialled);
      await acme.record((call) => call.to === '+862155550007' && call.endedAt !== null);
    }
    const { body } = await acme.admin.get<{ total: number }>('/api/telephony/calls?search=%2B862155550007');
    expect(body.total).toBe(4);
  });

  it('is refused as unallocated when nobody has the number, or it is switched off', async () => {
    const causes: string[] = [];
    const off = emulator().onEvent((event) => {
      if (event.name === 'CHANNEL_HANGUP_COMPLETE') causes.push(event.get('Hangup-Cause') ?? '');
    });
    const before = await acme.admin.get<{ total: number }>('/api/telephony/calls');
    await acme.number('4008009999', { kind: 'hangup', target: {} }, { enabled: false });
    acme.dial('4007777777');
    acme.dial('4008009999');
    await until('both are refused', () => causes.length === 2);
    off();
    expect(causes).toEqual(['UNALLOCATED_NUMBER', 'UNALLOCATED_NUMBER']);
    const after = await acme.admin.get<{ total: number }>('/api/telephony/calls');
    expect(after.body.total).toBe(before.body.total);
    await nothingIsLeft();
  });

  it('marks calls to a VIP number', async () => {
    await acme.number('4008000888', { kind: 'hangup', target: {} }, { vip: true, alias: 'Gold' });
    acme.dial('4008000888');
    expect(await ended()).toMatchObject({ vip: true, alias: 'Gold', outcome: 'rejected' });
  });
});

describe('whoever hangs up, and whenever', () => {
  it('is rung without an answer when the caller gives up while the phone rings', async () => {
    const tab = await workbench();
    const caller = acme.dial(HOTLINE);
    await acme.legAt('1001');
    await until('the contact is offered', () => tab.contact());
    emulator().hangup(caller);
    expect(await ended()).toMatchObject({
      outcome: 'ring-no-answer',
      answeredAt: null,
      talkMs: 0,
      agentUserId: amy.id,
    });
    await until('the contact leaves the workbench', () => tab.states().at(-1) === 'removed');
    await nothingIsLeft();
  });

  it('is not connected when the agent refuses at his phone', async () => {
    const caller = acme.dial(HOTLINE);
    emulator().reject(await acme.legAt('1001'));
    expect(await ended()).toMatchObject({ outcome: 'ring-no-answer', cause: 'CALL_REJECTED' });
    expect(emulator().core.channels.has(caller)).toBe(false);
    await nothingIsLeft();
  });

  it('tells the caller that the phone is not there', async () => {
    emulator().unregisterPhone('1001', DOMAIN);
    acme.dial(HOTLINE);
    expect(await ended()).toMatchObject({ outcome: 'ring-no-answer', talkMs: 0 });
    emulator().registerPhone('1001', DOMAIN);
    await nothingIsLeft();
  });

  it('ends for the caller when the agent hangs up, and the other way round', async () => {
    for (const who of ['agent', 'caller'] as const) {
      const caller = acme.dial(HOTLINE);
      const leg = await acme.legAt('1001');
      emulator().answer(leg);
      await talking();
      emulator().hangup(who === 'agent' ? leg : caller);
      const call = await ended();
      expect(call).toMatchObject({ outcome: 'connected', cause: 'NORMAL_CLEARING' });
      const ends = (await acme.details(call.id)).steps.filter((step) => step.kind === 'leg-ended');
      expect(ends.find((step) => step.data.endedBy === 'party')?.data.role).toBe(who);
      await nothingIsLeft();
    }
  });

  it('leaves nothing behind when the caller is gone before anybody looked at the call', async () => {
    const off = emulator().onEvent((event) => {
      if (event.name === 'CHANNEL_PARK') emulator().hangup(event.get('Unique-ID') ?? '');
    });
    acme.dial(HOTLINE);
    expect(await ended()).toMatchObject({ outcome: 'abandoned', talkMs: 0, agentUserId: null });
    off();
    await nothingIsLeft();
  });
});

describe('what a caller may send', () => {
  it('keeps a name that is not text, and shows none of its control characters', async () => {
    acme.dial('4008000888', CUSTOMER, '\u00c0\u00ee\ufffd\u0007 \u202eGBK');
    const call = await acme.record((one) => one.endedAt !== null && one.fromName.includes('GBK'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(call.fromName).not.toMatch(/[\u0000-\u001f\u202e\ufffd]/);
  });

  it.each(['anonymous', '0'.repeat(60), '+', "'; DROP TABLE telephony_call; --"])(
    'takes a call from %s',
    async (from) => {
      acme.dial('4008000888', from);
      const call = await ended();
      expect(call).toMatchObject({ outcome: 'rejected', alias: 'Gold' });
      expect(call.from.length).toBeLessThanOrEqual(24);
    },
  );
});

describe('an agent at his call', () => {
  it('answers, holds with music, resumes and hangs up [telephony-26] [telephony-27]', async () => {
    const tab = await workbench();
    const caller = acme.dial(HOTLINE);
    await acme.legAt('1001');
    const { id } = await acme.record((call) => call.endedAt === null);
    const post = async (verb: string) => (await amy.post(`/api/telephony/calls/${id}/${verb}`)).status;
    const heard: string[] = [];
    const off = emulator().onEvent((event) => {
      if (event.name === 'PLAYBACK_START' && event.get('Unique-ID') === caller)
        heard.push(event.get('Playback-File-Path') ?? '');
    });

    expect(await post('hold')).toBe(409);
    expect(await post('answer')).toBe(204);
    await talking();
    expect(await post('answer')).toBe(409);
    expect(await post('resume')).toBe(409);
    expect(await post('hold')).toBe(204);
    await until('the contact is on hold', () => tab.contact()?.state === 'held');
    await until('the caller hears music', () => heard.some((path) => path.startsWith('tone_stream://')));
    const { body } = await amy.get<{ calls: { state: string }[] }>('/api/telephony/me');
    expect(body.calls[0]?.state).toBe('held');
    expect(await post('hold')).toBe(409);
    expect(await post('resume')).toBe(204);
    await until('the talk goes on', () => tab.contact()?.state === 'active');
    expect(await post('hangup')).toBe(204);
    const call = await ended();
    off();
    expect(call.holdMs).toBeGreaterThan(0);
    expect(call.talkMs + call.holdMs).toBeLessThanOrEqual((call.endedAt ?? 0) - (call.answeredAt ?? 0) + 5);
    expect(await post('hangup')).toBe(404);
    await nothingIsLeft();
  });

  it('frees the caller when he hangs up while the caller is on hold, and the other way round', async () => {
    for (const who of ['agent', 'caller'] as const) {
      const caller = acme.dial(HOTLINE);
      const leg = await acme.legAt('1001');
      emulator().answer(leg);
      const { id } = await talking();
      expect((await amy.post(`/api/telephony/calls/${id}/hold`)).status).toBe(204);
      if (who === 'agent') await amy.post(`/api/telephony/calls/${id}/hangup`);
      else emulator().hangup(caller);
      expect(await ended()).toMatchObject({ id, outcome: 'connected' });
      await nothingIsLeft();
    }
  });

  it('sends keys to the other side, and only keys', async () => {
    const caller = acme.dial(HOTLINE);
    emulator().answer(await acme.legAt('1001'));
    const { id } = await talking();
    const sent: string[] = [];
    const off = emulator().onEvent((event) => {
      if (event.name === 'SEND_DTMF' || event.get('Command') === 'send_dtmf') sent.push(event.name);
    });
    expect((await amy.post(`/api/telephony/calls/${id}/digits`, { digits: '12#' })).status).toBe(204);
    expect((await amy.post(`/api/telephony/calls/${id}/digits`, { digits: 'x' })).status).toBe(422);
    off();
    emulator().hangup(caller);
    await ended();
    await nothingIsLeft();
  });

  it('refuses at the screen, and the caller is told', async () => {
    acme.dial(HOTLINE);
    await acme.legAt('1001');
    const { id } = await acme.record((call) => call.endedAt === null);
    expect((await amy.post(`/api/telephony/calls/${id}/reject`)).status).toBe(204);
    expect(await ended()).toMatchObject({ outcome: 'ring-no-answer', cause: 'CALL_REJECTED' });
    await nothingIsLeft();
  });

  it('cannot touch the call of another, which a supervisor can end', async () => {
    const [carl, sara] = [await acme.app.user('carl'), await acme.app.user('sara', 'supervisor')];
    acme.dial(HOTLINE);
    emulator().answer(await acme.legAt('1001'));
    const { id } = await talking();
    for (const verb of ['answer', 'reject', 'hold', 'resume', 'hangup']) {
      expect((await carl.post(`/api/telephony/calls/${id}/${verb}`)).status).toBe(403);
    }
    expect((await carl.get(`/api/telephony/calls/${id}`)).status).toBe(404);
    expect((await sara.post(`/api/telephony/calls/${id}/hangup`)).status).toBe(204);
    await ended();
    await nothingIsLeft();
  });
});
