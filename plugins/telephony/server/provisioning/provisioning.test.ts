import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { a1Hash } from '../extensions/extensions.ts';
import { type Acme, DOMAIN, openAcme } from '../testing/acme.fixture.ts';

const SECRET = 'secret-of-the-switch-1';

const OPERATOR = { username: 'operator', name: 'Operator', password: 'a-Password-4-operators' };

let acme: Acme;
beforeAll(async () => {
  acme = await openAcme({ tenants: ['acme', 'globex'], env: { SWITCH_SECRET: SECRET } });
  await acme.app.auth.createOperator(OPERATOR);
});
afterAll(() => acme.app.stop());

/** As mod_xml_curl asks. */
async function ask(
  question: Readonly<Record<string, string>>,
  secret = SECRET,
): Promise<{ status: number; xml: string }> {
  const response = await fetch(`${acme.app.url}/switch/xml`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`freeswitch:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ section: 'directory', ...question }),
  });
  return { status: response.status, xml: await response.text() };
}
const phone = async (user: string, domain = DOMAIN) => (await ask({ user, domain })).xml;
const NOT_FOUND = 'status="not found"';

describe('a phone that registers', () => {
  it('is known by the password that its extension was given, and by that one alone', async () => {
    const { body } = await acme.admin.post<{ id: string; password: string }>('/api/telephony/extensions', {
      number: '2001',
    });
    expect(await phone('2001')).toContain(a1Hash('2001', DOMAIN, body.password));
    const rotated = await acme.admin.post<{ password: string }>(
      `/api/telephony/extensions/${body.id}/password`,
    );
    const xml = await phone('2001');
    expect(xml).toContain(a1Hash('2001', DOMAIN, rotated.body.password));
    expect(xml).not.toContain(a1Hash('2001', DOMAIN, body.password));
    await acme.admin.delete(`/api/telephony/extensions/${body.id}`);
    expect(await phone('2001')).toContain(NOT_FOUND);
  });

  it('is not known in another tenant, in another domain of its tenant, or without the secret', async () => {
    const made = await acme.admin.post('/api/telephony/extensions', { number: '2002' });
    expect(made.status).toBe(201);
    expect(await phone('2002')).toContain('<user id="2002">');
    expect(await phone('2002', 'globex.jackfield.local')).toContain(NOT_FOUND);
    expect(await phone('2002', 'acme.example.com')).toContain(NOT_FOUND);
    expect(await phone('2002', 'nobody.jackfield.local')).toContain(NOT_FOUND);
    expect((await ask({ user: '2002', domain: DOMAIN }, 'not-the-secret-at-all')).status).toBe(401);
  });

  it('is not known where telephony is switched off', async () => {
    const { id } = await acme.app.user('dora');
    await acme.admin.post('/api/telephony/extensions', { number: '2003', userId: id });
    await acme.app.gate.disable(acme.app.tenant('acme'), 'telephony');
    expect(await phone('2003')).toContain(NOT_FOUND);
    await acme.app.gate.enable(acme.app.tenant('acme'), 'telephony');
    expect(await phone('2003')).toContain('<user id="2003">');
  });
});

describe('a carrier that calls in', () => {
  const carriers = async () =>
    (await ask({ purpose: 'network-list', domain: 'carriers.jackfield' })).xml.match(/cidr="[^"]*"/g) ?? [];

  it('is let in from the networks that the operator has set, which are told once', async () => {
    expect(await carriers()).toEqual([]);
    await setNetworks('192.0.2.10/32, 2001:db8::/64');
    expect(await carriers()).toEqual(['cidr="192.0.2.10/32,2001:db8::/64"']);
    await setNetworks(null);
    expect(await carriers()).toEqual([]);
  });

  it('is not set by a tenant, and not to what is no network', async () => {
    const byTenant = await acme.admin.put('/api/core/settings/telephony', {
      'carrier-networks': '0.0.0.0/0',
    });
    expect(byTenant.status).toBe(403);
    expect((await setNetworks('everybody', 422)).status).toBe(422);
  });

  async function setNetworks(networks: string | null, status = 200) {
    const set = await setAsOperator({ 'carrier-networks': networks });
    expect(set.status).toBe(status);
    return set;
  }
});

describe('a carrier that is called out over', () => {
  const gateways = async (profile = 'trunk') =>
    (await ask({ purpose: 'gateways', profile })).xml.match(/<gateway .*<\/gateway>/gs) ?? [];
  const param = (name: string, value: string) => `<param name="${name}" value="${value}"/>`;

  afterEach(() =>
    setAsOperator({
      'outbound-gateway': null,
      'gateway-proxy': null,
      'gateway-register': null,
      'gateway-username': null,
      'gateway-password': null,
    }),
  );

  it('is a gateway of the trunk as soon as the operator has set its proxy, once for all tenants', async () => {
    expect(await gateways()).toEqual([]);
    expect((await setAsOperator({ 'gateway-proxy': 'sip.carrier.example:5070' })).status).toBe(200);
    const [gateway = ''] = await gateways();
    expect(gateway.match(/<gateway /g)).toHaveLength(1);
    expect(gateway).toContain('<gateway name="carrier">');
    expect(gateway).toContain(param('proxy', 'sip.carrier.example:5070'));
    expect(gateway).toContain(param('register', 'false'));
    expect(gateway).not.toContain('password');
    expect(await gateways('internal')).toEqual([]);
  });

  it('is registered with, under the name that calls are dialled over', async () => {
    await setAsOperator({
      'outbound-gateway': 'telco_1',
      'gateway-proxy': 'sip.carrier.example',
      'gateway-register': true,
      'gateway-username': '+8602100',
      'gateway-password': 'p&<ss;1',
    });
    const [gateway = ''] = await gateways();
    expect(gateway).toContain('<gateway name="telco_1">');
    expect(gateway).toContain(param('register', 'true'));
    expect(gateway).toContain(param('username', '+8602100'));
    expect(gateway).toContain('p&#38;&#60;ss');
  });

  it('is registered with only if both name and password are there, and they stay while it is', async () => {
    const registered = { 'gateway-proxy': 'sip.carrier.example', 'gateway-register': true };
    const refusedAt = async (values: Readonly<Record<string, unknown>>) => {
      const { status, body } = await setAsOperator(values);
      return [status, ...(body.errors ?? []).map(({ path, message }) => `${path}: ${message}`)];
    };
    const text = '“Register with the carrier” needs this.';
    expect(await refusedAt(registered)).toEqual([
      422,
      `gateway-username: ${text}`,
      `gateway-password: ${text}`,
    ]);
    expect(await refusedAt({ ...registered, 'gateway-username': 'acme' })).toEqual([
      422,
      `gateway-password: ${text}`,
    ]);
    expect(await gateways()).toEqual([]);
    await setAsOperator({ 'gateway-username': 'acme', 'gateway-password': 'secret' });
    expect(await refusedAt(registered)).toEqual([200]);
    expect(await gateways()).toHaveLength(1);
    expect(await refusedAt({ 'gateway-password': null })).toEqual([422, `gateway-password: ${text}`]);
    expect(await refusedAt({ 'gateway-username': '', 'gateway-register': false })).toEqual([200]);
  });

  it.each([
    ['gateway-proxy', 'sip:carrier.example'],
    ['gateway-proxy', 'carrier.example:70000'],
    ['gateway-proxy', 'carrier.example;transport=tcp'],
    ['gateway-register', 'yes'],
    ['gateway-username', 'acme@carrier.example'],
    ['gateway-password', 'two words'],
    ['gateway-password', 'with:colon'],
    ['outbound-gateway', 'no/name'],
  ])('is not set to what is no %s: %s', async (key, value) => {
    const { status, body } = await setAsOperator({ [key]: value });
    expect(status).toBe(422);
    expect(body.errors?.map(({ path }) => path)).toEqual([key]);
    expect(await gateways()).toEqual([]);
  });

  it('keeps its password to itself, and is not set by a tenant', async () => {
    const { body } = await setAsOperator({ 'gateway-password': 'secret-of-the-carrier' });
    expect(body.settings?.find(({ key }) => key === 'gateway-password')).toMatchObject({
      value: null,
      isSet: true,
    });
    expect(JSON.stringify(body)).not.toContain('secret-of-the-carrier');
    const byTenant = await acme.admin.put('/api/core/settings/telephony', {
      'gateway-proxy': 'evil.example',
    });
    expect(byTenant.status).toBe(403);
  });
});

interface Answer {
  readonly settings?: readonly { readonly key: string; readonly value: unknown; readonly isSet: boolean }[];
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
async function setAsOperator(values: Readonly<Record<string, unknown>>) {
  const operator = await acme.app.signIn(OPERATOR.username, OPERATOR.password);
  return await operator.put<Answer>('/api/core/settings/telephony', values);
}
