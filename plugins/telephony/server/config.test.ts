import { type TestUser, until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Acme, DOMAIN, followStream, openAcme } from './testing/acme.fixture.ts';

interface NumberView {
  readonly id: string;
  readonly number: string;
  readonly alias: string;
  readonly vip: boolean;
  readonly destination: { readonly kind: string; readonly label: string | null };
}
interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: { readonly path: string }[];
}

let acme: Acme;
let agent: TestUser;
let stranger: TestUser;
const hangup = { kind: 'hangup', target: {} };
beforeAll(async () => {
  acme = await openAcme({ tenants: ['acme', 'other'] });
  agent = await acme.agent('amy', '1001');
  stranger = await acme.app.admin('other');
});
afterAll(() => acme.app.stop());

const numbers = async (query = '') =>
  (await acme.admin.get<{ items: NumberView[]; total: number }>(`/api/telephony/numbers${query}`)).body;

describe('access numbers', () => {
  it('[telephony-02] are listed with what they lead to, and found by number and alias', async () => {
    await acme.number('021-6555 0001', { kind: 'extension', target: { number: '1001' } }, { alias: 'Sales' });
    await acme.number('021-6555 0002', hangup);
    const { items, total } = await numbers();
    expect(total).toBe(2);
    expect(
      items.map(({ number, alias, destination }) => [number, alias, destination.kind, destination.label]),
    ).toEqual([
      ['+862165550001', 'Sales', 'extension', '1001 amy'],
      ['+862165550002', '', 'hangup', 'Hang up'],
    ]);
    expect((await numbers('?search=sal')).items).toHaveLength(1);
    expect((await numbers('?search=0002')).items).toHaveLength(1);
    expect((await numbers('?sort=-number')).items[0]?.number).toBe('+862165550002');
  });

  it('offers what a number may lead to, and nothing that cannot be chosen', async () => {
    const { body } = await acme.admin.get<{
      kinds: { kind: string }[];
      options: { kind: string; label: string }[];
    }>('/api/telephony/destinations');
    expect(body.kinds.map((one) => one.kind)).toEqual(['hangup', 'extension', 'agent', 'number']);
    expect(body.options.map(({ kind, label }) => [kind, label])).toEqual([
      ['hangup', 'Hang up'],
      ['extension', '1001 amy'],
      ['agent', 'amy'],
    ]);
  });

  it.each([
    ['a kind nobody offers', { kind: 'queue', target: { queueId: 'x' } }],
    ['a target of the wrong shape', { kind: 'extension', target: { queueId: 'x' } }],
    ['an extension that is not there', { kind: 'extension', target: { number: '9999' } }],
    ['a number that is none', { kind: 'number', target: { number: 'help' } }],
  ])('are refused with %s', async (_what, destination) => {
    const { status, body } = await acme.admin.post<Problem>('/api/telephony/numbers', {
      number: '02165559999',
      destination,
    });
    expect([status, body.code]).toEqual([422, 'VALIDATION_FAILED']);
  });

  it.each(['', 'abc', '1', '+', '1'.repeat(41)])('are refused when the number is %j', async (number) => {
    const { status, body } = await acme.admin.post<Problem>('/api/telephony/numbers', {
      number,
      destination: hangup,
    });
    expect([status, body.errors?.[0]?.path]).toEqual([422, 'body.number']);
  });

  it('belong to one tenant only, in every form the number can be written', async () => {
    for (const number of ['02165550001', '+862165550001', '0086 21 6555 0001']) {
      const { status, body } = await stranger.post<Problem>('/api/telephony/numbers', {
        number,
        destination: hangup,
      });
      expect([number, status, body.code]).toEqual([number, 409, 'CONFLICT']);
    }
  });

  it('[telephony-07] no longer take calls when deleted, and do again when added anew', async () => {
    const id = await acme.number('02165550003', hangup);
    expect((await acme.admin.delete(`/api/telephony/numbers/${id}`)).status).toBe(204);
    expect((await acme.admin.delete(`/api/telephony/numbers/${id}`)).status).toBe(404);
    await acme.number('02165550003', hangup, { alias: 'Again' });
    acme.dial('02165550003');
    expect(await acme.record((call) => call.endedAt !== null)).toMatchObject({ alias: 'Again' });
  });

  it('are changed by who may, and every change is in the audit log without the number in full', async () => {
    const id = await acme.number('02165550004', hangup, { alias: 'Before' });
    const changed = { number: '02165550004', alias: 'After', vip: true, destination: hangup };
    expect((await agent.put(`/api/telephony/numbers/${id}`, changed)).status).toBe(403);
    expect((await agent.get('/api/telephony/numbers')).status).toBe(403);
    expect((await acme.app.anonymous.get('/api/telephony/numbers')).status).toBe(401);
    expect((await stranger.put(`/api/telephony/numbers/${id}`, changed)).status).toBe(404);
    const { body } = await acme.admin.put<NumberView>(`/api/telephony/numbers/${id}`, changed);
    expect(body).toMatchObject({ alias: 'After', vip: true });
    const log = await acme.admin.get('/api/core/audit?limit=200');
    const text = JSON.stringify(log.body);
    expect(text).toContain('number.update');
    expect(text).not.toContain('2165550004');
  });
});

describe('extensions', () => {
  it('show the password of the phone once, and another one when asked', async () => {
    const made = await acme.admin.post<{ id: string; password: string; domain: string }>(
      '/api/telephony/extensions',
      {
        number: '2001',
        label: 'Lobby',
      },
    );
    expect(made.status).toBe(201);
    expect(made.body.domain).toBe(DOMAIN);
    expect(made.body.password.length).toBeGreaterThanOrEqual(20);
    const rotated = await acme.admin.post<{ password: string }>(
      `/api/telephony/extensions/${made.body.id}/password`,
    );
    expect(rotated.body.password).not.toBe(made.body.password);
    const { body } = await acme.admin.get('/api/telephony/extensions');
    expect(JSON.stringify(body)).not.toContain(rotated.body.password);
    const log = JSON.stringify((await acme.admin.get('/api/core/audit?limit=200')).body);
    expect(log).toContain('extension.rotate-password');
    expect(log).not.toContain(rotated.body.password);
  });

  it('are given once each, to people of the tenant who are there', async () => {
    const post = (body: object) => acme.admin.post<Problem>('/api/telephony/extensions', body);
    expect((await post({ number: '1001' })).status).toBe(409);
    expect((await post({ number: '2002', userId: agent.id })).status).toBe(409);
    expect((await post({ number: '2003', userId: stranger.id })).status).toBe(422);
    expect((await post({ number: '12a' })).status).toBe(422);
    expect((await stranger.post('/api/telephony/extensions', { number: '1001' })).status).toBe(201);
    expect((await agent.get('/api/telephony/extensions')).status).toBe(403);
  });

  it('can be given to somebody else and removed', async () => {
    const ben = await acme.app.user('ben');
    const made = await acme.admin.post<{ id: string }>('/api/telephony/extensions', {
      number: '2010',
      userId: ben.id,
    });
    const off = await acme.admin.put<{ userId: string | null }>(`/api/telephony/extensions/${made.body.id}`, {
      userId: null,
      label: 'Spare',
    });
    expect(off.body.userId).toBeNull();
    expect((await ben.get<{ extension: unknown }>('/api/telephony/me')).body.extension).toBeNull();
    expect((await acme.admin.delete(`/api/telephony/extensions/${made.body.id}`)).status).toBe(204);
  });
});

describe('a virtual phone', () => {
  it('is there while the workbench of its agent is open', async () => {
    const dora = await acme.app.user('dora');
    const tab = await followStream<{ registered: boolean; extension: unknown }>(
      acme.app,
      dora,
      'telephony/agent/me',
    );
    expect(tab.snapshot).toEqual({
      extension: null,
      registered: false,
      device: 'desk',
      pageId: null,
      calls: [],
    });
    const phone = () => tab.messages.filter((message) => message.type === 'phone').at(-1)?.data;
    const made = await acme.admin.post<{ id: string }>('/api/telephony/extensions', {
      number: '2020',
      userId: dora.id,
    });
    await until(
      'the phone is registered',
      () => (phone() as { registered?: boolean } | undefined)?.registered,
    );
    const extension = { number: '2020', domain: DOMAIN };
    expect(phone()).toEqual({ extension, registered: true, device: 'virtual', pageId: null });
    await acme.admin.delete(`/api/telephony/extensions/${made.body.id}`);
    await until('the phone is gone', () => (phone() as { extension: unknown }).extension === null);
    tab.close();
  });

  it('is shown to nobody else', async () => {
    await expect(followStream(acme.app, agent, `telephony/agent/${acme.admin.id}`)).rejects.toThrow(
      /refused/,
    );
  });
});

describe('call records', () => {
  it('are an agent’s own, and all for who supervises, within the tenant', async () => {
    const id = await acme.number('02165550009', { kind: 'extension', target: { number: '1001' } });
    const caller = acme.dial('02165550009', '13900139000');
    acme.app.emulator?.answer(await acme.legAt('1001'));
    await acme.record((call) => call.answeredAt !== null && call.endedAt === null);
    acme.app.emulator?.hangup(caller);
    const call = await acme.record((one) => one.endedAt !== null);
    const eve = await acme.app.user('eve');
    const sara = await acme.app.user('sara', 'supervisor');
    const list = async (user: TestUser, query = '') =>
      (await user.get<{ items: { id: string; from: string }[] }>(`/api/telephony/calls${query}`)).body.items;
    expect((await list(agent)).map((one) => one.from)).toEqual(['+86139****9000']);
    expect(await list(eve)).toEqual([]);
    expect((await list(sara)).some((one) => one.id === call.id)).toBe(true);
    expect(await list(stranger)).toEqual([]);
    expect((await stranger.get(`/api/telephony/calls/${call.id}`)).status).toBe(404);
    // A number that is masked cannot be found out by searching for it.
    expect(await list(agent, '?search=13900139000')).toEqual([]);
    expect(await list(acme.admin, '?search=13900139000')).toHaveLength(1);
    expect(
      await list(acme.admin, `?outcome=connected&direction=inbound&since=${call.startedAt}`),
    ).toHaveLength(1);
    expect((await agent.get(`/api/telephony/calls?agentUserId=${sara.id}`)).status).toBe(403);
    const details = await agent.get(`/api/telephony/calls/${call.id}`);
    expect(JSON.stringify(details.body)).not.toContain('13900139000');
    await acme.admin.delete(`/api/telephony/numbers/${id}`);
  });
});
