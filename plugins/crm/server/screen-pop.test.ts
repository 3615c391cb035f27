import { createTestApp, type TestApp, type TestUser, until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const DOMAIN = 'acme.jackfield.local';
const HOTLINE = '4008001234';

interface PopView {
  readonly customer: {
    readonly id: string;
    readonly name: string;
    readonly addresses: readonly { readonly id: string }[];
  } | null;
  readonly displayAddress: string | null;
  readonly name: string;
  readonly pop: boolean;
  readonly contacts: number;
  readonly lastContact: { readonly outcome: string | null } | null;
}
interface CallView {
  readonly id: string;
  readonly endedAt: number | null;
  readonly answeredAt: number | null;
  readonly interactionId: string | null;
  readonly fromName: string;
}

let app: TestApp;
let admin: TestUser;
let amy: TestUser;
beforeAll(async () => {
  app = await createTestApp({ plugins: ['interactions', 'telephony', 'crm'] });
  admin = await app.admin();
  amy = await app.user('amy');
  await admin.post('/api/telephony/extensions', { number: '1001', userId: amy.id });
  await admin.post('/api/telephony/numbers', {
    number: HOTLINE,
    destination: { kind: 'extension', target: { number: '1001' } },
  });
  emulator().registerPhone('1001', DOMAIN);
});
afterAll(() => app.stop());

const emulator = () => {
  if (!app.emulator) throw new Error('this test needs the emulator');
  return app.emulator;
};
const newest = async () =>
  (await admin.get<{ items: CallView[] }>('/api/telephony/calls?limit=1')).body.items[0];

/** A customer rings at Amy's phone; the id of the contact, and what ends it. */
async function ring(from: string, name?: string) {
  const before = (await newest())?.id;
  const caller = emulator().dial({ number: HOTLINE, from, ...(name ? { name } : {}) });
  if (!caller) throw new Error('the switch takes no calls');
  const leg = await until('the phone rings', () => emulator().callsOf('1001', DOMAIN)[0]?.uuid);
  const call = await until('the call has a contact', async () => {
    const one = await newest();
    return one && one.id !== before && one.interactionId ? one : null;
  });
  return {
    interactionId: call.interactionId ?? '',
    answer: () => emulator().answer(leg),
    async hangUp() {
      emulator().hangup(caller);
      await until('the call is over', async () => {
        const one = await newest();
        return one?.id === call.id && one.endedAt !== null;
      });
      await until('the phone is free', () => emulator().callsOf('1001', DOMAIN).length === 0);
    },
  };
}
const pop = async (interactionId: string, user = amy) => {
  const { status, body } = await user.get<PopView>(`/api/crm/lookup?interactionId=${interactionId}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
const nameOf = async (interactionId: string) =>
  (await amy.get<{ name: string }>(`/api/interactions/${interactionId}`)).body.name;
const history = async (query: string) =>
  (
    await amy.get<{ items: { displayAddress: string; direction: string; outcome: string | null }[] }>(
      `/api/crm/history?${query}`,
    )
  ).body.items;

describe('somebody new calls', () => {
  it('[crm-40] is nobody yet while the phone rings, and saved from the contact alone', async () => {
    const call = await ring('13800000001', 'Li Wei');
    expect(await pop(call.interactionId)).toMatchObject({
      customer: null,
      displayAddress: '+86138****0001',
      name: 'Li Wei',
      pop: true,
      contacts: 0,
    });
    const saved = await amy.post<{ id: string }>('/api/crm/customers', {
      name: 'Li Wei',
      interactionId: call.interactionId,
    });
    expect(saved.status).toBe(201);
    expect(await pop(call.interactionId)).toMatchObject({ customer: { id: saved.body.id, name: 'Li Wei' } });
    await call.hangUp();
    await amy.patch(`/api/crm/customers/${saved.body.id}`, { name: 'Li Weiguo' });
    expect(await nameOf(call.interactionId), 'what is over keeps its name').toBe('Li Wei');
    expect((await admin.get<PopView>('/api/crm/lookup?number=13800000001')).body.customer?.id).toBe(
      saved.body.id,
    );
  });

  it('[crm-40] does not tell by the caller’s name what is masked in the number', async () => {
    for (const name of ['13800000002', '+8613800000002']) {
      const call = await ring('13800000002', name);
      expect(await pop(call.interactionId)).toMatchObject({ name: '', displayAddress: '+86138****0002' });
      await call.hangUp();
    }
  });

  it('can be joined to a customer who has another number', async () => {
    const known = await admin.post<{ id: string }>('/api/crm/customers', {
      name: 'Two phones',
      addresses: [{ channel: 'voice', value: '13800000003' }],
    });
    const call = await ring('13800000004');
    expect(await nameOf(call.interactionId)).toBe('');
    const link = () =>
      amy.post<{ displayAddress: string }>(`/api/crm/customers/${known.body.id}/addresses`, {
        interactionId: call.interactionId,
      });
    expect(await link()).toMatchObject({ status: 201, body: { displayAddress: '+86138****0004' } });
    expect((await pop(call.interactionId)).customer?.name).toBe('Two phones');
    expect(await nameOf(call.interactionId)).toBe('Two phones');
    await call.hangUp();
  });

  it('may hide the number: there is nothing to look up, and the call goes on', async () => {
    const call = await ring('anonymous');
    expect(await pop(call.interactionId)).toMatchObject({
      customer: null,
      displayAddress: null,
      contacts: 0,
    });
    expect(await history(`interactionId=${call.interactionId}`)).toEqual([]);
    const saved = await amy.post<{ addresses: unknown[] }>('/api/crm/customers', {
      name: 'Without a number',
      interactionId: call.interactionId,
    });
    expect(saved).toMatchObject({ status: 201, body: { addresses: [] } });
    await call.hangUp();
  });
});

describe('a customer calls', () => {
  it('[crm-41] [crm-47] is known before the answer, with what was before on every number', async () => {
    await admin.post('/api/crm/customers', {
      name: 'Zhao',
      addresses: [
        { channel: 'voice', value: '13800000010' },
        { channel: 'voice', value: '13800000011' },
      ],
    });
    const first = await ring('13800000010', 'ZHAO M 1');
    expect(await nameOf(first.interactionId), 'ours, not what his phone says').toBe('Zhao');
    expect((await newest())?.fromName).toBe('Zhao');
    expect(await pop(first.interactionId)).toMatchObject({
      customer: { name: 'Zhao' },
      contacts: 0,
      lastContact: null,
    });
    first.answer();
    await until('they talk', async () => (await newest())?.answeredAt);
    await first.hangUp();
    const second = await ring('13800000011');
    const shown = await pop(second.interactionId);
    expect(shown).toMatchObject({
      customer: { name: 'Zhao' },
      pop: true,
      contacts: 1,
      lastContact: { outcome: 'connected' },
    });
    expect(await history(`customerId=${shown.customer?.id}`)).toMatchObject([
      { displayAddress: '+86138****0011', outcome: null },
      { displayAddress: '+86138****0010', direction: 'inbound', outcome: 'connected' },
    ]);
    await second.hangUp();
  });

  it('[crm-43] is changed in the pop while the call goes on', async () => {
    const call = await ring('13800000010');
    const { customer } = await pop(call.interactionId);
    await amy.patch(`/api/crm/customers/${customer?.id}`, { name: 'Zhao Ming', remark: 'Prefers mornings' });
    expect(await pop(call.interactionId)).toMatchObject({
      customer: { name: 'Zhao Ming', remark: 'Prefers mornings' },
    });
    expect(await nameOf(call.interactionId)).toBe('Zhao Ming');
    await call.hangUp();
  });

  it('[crm-45] pops up inbound and outbound, each unless the tenant has switched it off', async () => {
    const inbound = await ring('13800000010');
    const set = async (key: string, value: boolean) =>
      expect((await admin.put('/api/core/settings/crm', { [key]: value })).status).toBeLessThan(300);
    await set('popInbound', false);
    expect((await pop(inbound.interactionId)).pop).toBe(false);
    await set('popInbound', true);
    expect((await pop(inbound.interactionId)).pop).toBe(true);
    await inbound.hangUp();

    const dialled = await amy.post<{ callId: string }>('/api/telephony/dial', { number: '13800000010' });
    expect(dialled.status).toBe(201);
    const call = await until('the call has a contact', async () => {
      const one = await newest();
      return one?.id === dialled.body.callId && one.interactionId ? one : null;
    });
    expect(await pop(call.interactionId ?? '')).toMatchObject({ customer: { name: 'Zhao Ming' }, pop: true });
    await set('popOutbound', false);
    expect((await pop(call.interactionId ?? '')).pop).toBe(false);
    await set('popOutbound', true);
    emulator().hangup(await until('the own phone rings', () => emulator().callsOf('1001', DOMAIN)[0]?.uuid));
    await until('the call is over', async () => (await newest())?.endedAt);
  });

  it('is dialled by who may not see the number', async () => {
    const { body } = await amy.get<PopView>('/api/crm/lookup?number=13800000010');
    const id = body.customer?.addresses[0]?.id;
    const dialled = await amy.post<{ callId: string }>('/api/telephony/dial', {
      ref: { type: 'crm.address', id },
    });
    expect(dialled.status).toBe(201);
    const { body: call } = await admin.get<{ to: string }>(`/api/telephony/calls/${dialled.body.callId}`);
    expect(call.to).toBe('+8613800000010');
    emulator().hangup(await until('the own phone rings', () => emulator().callsOf('1001', DOMAIN)[0]?.uuid));
    await until('the call is over', async () => (await newest())?.endedAt);
  });

  it('is not found by what is no number', async () => {
    expect((await amy.get('/api/crm/lookup?number=abc')).status).toBe(422);
    expect((await amy.get('/api/crm/lookup')).status).toBe(422);
    expect((await amy.get('/api/crm/lookup?interactionId=01HZZZZZZZZZZZZZZZZZZZZZZZ')).status).toBe(404);
  });
});
