import { until } from '@jackfield/core/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Acme, DOMAIN, openAcme, openWorkbench, type Workbench } from './testing/acme.fixture.ts';

let acme: Acme;
let amy: Awaited<ReturnType<Acme['agent']>>;
let ben: typeof amy;
const tabs: Workbench[] = [];
beforeAll(async () => {
  acme = await openAcme();
  amy = await acme.agent('amy', '1001');
  ben = await acme.agent('ben', '1002');
  await acme.number('4008001234', { kind: 'hangup', target: {} }, { alias: 'Hotline' });
});
afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.close();
  await until('every channel of the switch is gone', () => emulator().core.channels.size === 0);
});
afterAll(() => acme.app.stop());

const emulator = () => {
  if (!acme.app.emulator) throw new Error('no emulator');
  return acme.app.emulator;
};
const dial = (number: string, user = amy) => user.post<{ callId: string }>('/api/telephony/dial', { number });
const ended = () => acme.record((call) => call.endedAt !== null);
const talking = () => acme.record((call) => call.answeredAt !== null && call.endedAt === null);
const myCalls = async (user = amy) =>
  (await user.get<{ calls: { state: string; displayNumber: string; callId: string }[] }>('/api/telephony/me'))
    .body.calls;

describe('click-to-call', () => {
  it('[telephony-40] rings the own phone, which picks up by itself, then the number, and joins the two', async () => {
    const tab = await openWorkbench(acme.app, amy);
    tabs.push(tab);
    const { status, body } = await dial('138 0013-8077');
    expect(status).toBe(201);
    await until('the softphone shows that it dials', async () => (await myCalls())[0]?.state === 'dialling');
    await talking();
    await until('the contact is active', () => tab.contact()?.state === 'active');
    expect(tab.contact()).toMatchObject({ direction: 'outbound', displayAddress: '+86138****8077' });
    expect((await amy.post(`/api/telephony/calls/${body.callId}/hangup`)).status).toBe(204);
    expect(await ended()).toMatchObject({
      id: body.callId,
      direction: 'outbound',
      from: '+864008001234',
      to: '+8613800138077',
      outcome: 'connected',
      agentUserId: amy.id,
    });
    await until('the contact is gone', () => tab.contact() === undefined);
  });

  it.each([
    ['13800138001', 'busy'],
    ['13800138005', 'rejected'],
    ['13800138006', 'unreachable'],
    ['13800138008', 'unreachable'],
  ])('says of %s that it was %s', async (number, outcome) => {
    await dial(number);
    expect(await ended()).toMatchObject({ outcome, talkMs: 0, answeredAt: null });
  });

  it('is cancelled when the agent hangs up while the number rings', async () => {
    const { body } = await dial('13800138002');
    await until('the number rings', async () => {
      const { steps } = await acme.details(body.callId);
      return steps.some((step) => step.kind === 'leg-created' && step.data.role === 'target');
    });
    await amy.post(`/api/telephony/calls/${body.callId}/hangup`);
    expect(await ended()).toMatchObject({ outcome: 'cancelled', answeredAt: null });
  });

  it('ends when the called one hangs up', async () => {
    await dial('13800138009');
    await talking();
    expect(await ended()).toMatchObject({ outcome: 'connected', cause: 'NORMAL_CLEARING' });
  });

  it('gives up when the own phone is refused', async () => {
    emulator().registerPhone('1001', DOMAIN, 'reject');
    await dial('13800138077');
    expect(await ended()).toMatchObject({ outcome: 'own-phone-not-answered' });
    emulator().registerPhone('1001', DOMAIN);
  });

  it.each([
    ['', 'nothing'],
    ['hello', 'letters'],
    ['+', 'a sign alone'],
    ['1'.repeat(40), 'too many digits'],
    ['13800138000; hangup', 'a command'],
  ])('refuses %j before anything rings', async (number) => {
    const { status, body } = await amy.post<{ code: string; detail: string }>('/api/telephony/dial', {
      number,
    });
    expect(status).toBe(422);
    expect(body.code).toBe('VALIDATION_FAILED');
    expect(await myCalls()).toEqual([]);
  });

  it('dials emergency numbers as they are', async () => {
    const dialled: string[] = [];
    const off = emulator().onEvent((event) => {
      if (event.name === 'CHANNEL_CREATE') dialled.push(event.get('Channel-Name') ?? '');
    });
    const { body } = await dial('110');
    await talking();
    off();
    expect(dialled.join()).toMatch(/110\b/);
    await amy.post(`/api/telephony/calls/${body.callId}/hangup`);
    expect(await ended()).toMatchObject({ to: '110' });
  });

  it('is refused to who has no phone, has it off, or is in a call', async () => {
    const carl = await acme.app.user('carl');
    const without = await carl.post<{ code: string; detail: string }>('/api/telephony/dial', {
      number: '110',
    });
    expect([without.status, without.body.code]).toEqual([409, 'CALL_STATE']);
    emulator().unregisterPhone('1001', DOMAIN);
    expect((await dial('13800138077')).status).toBe(409);
    emulator().registerPhone('1001', DOMAIN);
    const [first, second] = await Promise.all([dial('13800138077'), dial('13800138077')]);
    expect([first.status, second.status].sort()).toEqual([201, 409]);
    await talking();
    expect((await dial('13800138077')).status).toBe(409);
    const [call] = await myCalls();
    await amy.post(`/api/telephony/calls/${call?.callId}/hangup`);
    await ended();
  });

  it('calls back a number that is shown masked, by the call it stands in', async () => {
    await dial('13800138077');
    const call = await talking();
    await amy.post(`/api/telephony/calls/${call.id}/hangup`);
    await ended();
    const { body } = await amy.get<{
      items: { callId: string; number: string | null; displayNumber: string }[];
    }>('/api/telephony/recent');
    expect(body.items[0]).toMatchObject({ callId: call.id, number: null, displayNumber: '+86138****8077' });
    const again = await amy.post('/api/telephony/dial', { ref: { type: 'telephony.call', id: call.id } });
    expect(again.status).toBe(201);
    const second = await talking();
    expect(second.to).toBe('+8613800138077');
    await amy.post(`/api/telephony/calls/${second.id}/hangup`);
    await ended();
    const foreign = await ben.post('/api/telephony/dial', { ref: { type: 'telephony.call', id: call.id } });
    expect(foreign.status).toBe(404);
  });

  it('[telephony-42] offers the last five people, each once', async () => {
    for (const last of ['1', '1', '5', '6', '8']) {
      await dial(`1380013800${last}`);
      await ended();
    }
    const { body } = await amy.get<{ items: { displayNumber: string }[] }>('/api/telephony/recent');
    expect(body.items).toHaveLength(5);
    const numbers = body.items.map((item) => item.displayNumber);
    expect(numbers.slice(0, 4)).toEqual(['8008', '8006', '8005', '8001'].map((end) => `+86138****${end}`));
    expect(new Set(numbers).size).toBe(5);
  });
});

describe('a call between colleagues', () => {
  it('rings the colleague, who sees who calls and is a participant', async () => {
    const tab = await openWorkbench(acme.app, ben);
    tabs.push(tab);
    await dial('1002');
    await until('his softphone rings', async () => {
      const [call] = await myCalls(ben);
      return call?.state === 'ringing' && call.displayNumber === '1001';
    });
    await until('he is offered the contact', () => tab.contact()?.direction === 'internal');
    emulator().answer(await acme.legAt('1002'));
    const call = await talking();
    expect(call).toMatchObject({ direction: 'internal', from: '1001', to: '1002' });
    await ben.post(`/api/telephony/calls/${call.id}/hangup`);
    expect(await ended()).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
    expect((await ben.get(`/api/telephony/calls/${call.id}`)).status).toBe(200);
  });

  it('says busy to who calls a colleague in a call', async () => {
    await dial('13800138077', ben);
    const call = await talking();
    const { body } = await dial('1002');
    const second = await until('the second call is over', async () => {
      const details = await acme.details(body.callId);
      return details.endedAt !== null ? details : null;
    });
    expect(second).toMatchObject({ direction: 'internal', outcome: 'busy' });
    expect(second.cause).toBe('USER_BUSY');
    await ben.post(`/api/telephony/calls/${call.id}/hangup`);
    await until('both are over', async () => (await acme.details(call.id)).endedAt !== null);
  });

  it('is dialled at the phone itself as well', async () => {
    const leg = emulator().dialFromPhone('1001', DOMAIN, '1002');
    emulator().answer(await acme.legAt('1002'));
    const call = await acme.record((one) => one.answeredAt !== null && one.endedAt === null);
    expect(call.direction).toBe('internal');
    expect(call).toMatchObject({ agentUserId: amy.id, to: '1002' });
    await until('the softphone of the caller talks', async () => (await myCalls())[0]?.state === 'talking');
    emulator().hangup(leg ?? '');
    expect(await ended()).toMatchObject({ outcome: 'connected' });
  });

  it('dials out from the phone as well, which is no internal call', async () => {
    const leg = emulator().dialFromPhone('1001', DOMAIN, '+8613800138077');
    const call = await talking();
    expect(call).toMatchObject({ direction: 'outbound', to: '+8613800138077', agentUserId: amy.id });
    emulator().hangup(leg ?? '');
    await ended();
  });

  it('refuses what is dialled at the phone of somebody who was locked out', async () => {
    const dave = await acme.agent('dave', '1003');
    await acme.admin.post(`/api/core/users/${dave.id}/disable`);
    emulator().dialFromPhone('1003', DOMAIN, '+8613800138077');
    expect(await ended()).toMatchObject({
      outcome: 'rejected',
      cause: 'CALL_REJECTED',
      agentUserId: dave.id,
    });
  });
});
