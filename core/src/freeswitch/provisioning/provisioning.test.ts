import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { afterEach, describe, expect, it } from 'vitest';
import { JackfieldError } from '../../errors/index.ts';
import type { ProvisioningLookup, SipCarrier } from './contract.ts';
import { a1Hash } from './directory-xml.ts';
import { refreshCommands } from './gateways-xml.ts';
import { answer, createProvisioning } from './provisioning.ts';

const carriers: SipCarrier[] = [
  { id: 'telco', networks: ['192.0.2.10/32', '192.0.2.128/25'], variables: { jf_trunk: 't1' } },
  { id: 'cloud', networks: [], credential: { password: 'p & "w"' } },
];
const lookup: ProvisioningLookup = {
  user: async (user, domain) =>
    user === '1001' && domain === 'acme.test'
      ? { a1Hash: a1Hash(user, domain, 'secret'), variables: { jf_tenant: 'Müller & "Co"' } }
      : null,
  gateways: async (profile) =>
    profile === 'trunk' ? [{ name: 'telco', proxy: '192.0.2.10:5060', register: false }] : [],
  carriers: async () => carriers,
};
const directory = (params: Record<string, string>) =>
  new URLSearchParams({ section: 'directory', ...params });
const NOT_FOUND = '<result status="not found"/>';

describe('what FreeSWITCH is told', () => {
  it('is the hash of a password, never an account without one', async () => {
    const xml = await answer(directory({ user: '1001', domain: 'acme.test' }), lookup);
    expect(xml).toContain(`<param name="a1&#45;hash" value="${a1Hash('1001', 'acme.test', 'secret')}"/>`);
    expect(xml).toContain('<param name="allow&#45;empty&#45;password" value="false"/>');
    expect(xml).toContain('<variable name="user_context" value="default"/>');
  });

  it('is the same variables for legs from and to a phone', async () => {
    const xml = await answer(directory({ user: '1001', domain: 'acme.test' }), lookup);
    const value = 'value="Müller &#38; &#34;Co&#34;"';
    expect(xml).toContain(`<variable name="jf_tenant" ${value}/>`);
    expect(xml).toContain(`<param name="dial&#45;var&#45;jf_tenant" ${value}/>`);
  });

  it('computes the hash as RFC 2617 does', () => {
    expect(a1Hash('Mufasa', 'testrealm@host.com', 'Circle Of Life')).toBe('939e7578ed9e3c518a452acee763bce9');
  });

  it.each<[string, Record<string, string>]>([
    ['an unknown user', { user: '1002', domain: 'acme.test' }],
    ['a user of another tenant', { user: '1001', domain: 'other.test' }],
    ['no user', { domain: 'acme.test' }],
    ['another section', { section: 'dialplan', user: '1001', domain: 'acme.test' }],
    ['the configuration of a module', { section: 'configuration', key_value: 'sofia.conf' }],
    ['a network list that is not ours', { purpose: 'network-list', domain: 'acme.test' }],
    ['an unknown carrier', { user: '1001', domain: 'carriers.jackfield' }],
  ])('is "not found" for %s', async (_, params) => {
    expect(await answer(directory(params), lookup)).toContain(NOT_FOUND);
  });

  it('is the gateways of the profile that asks', async () => {
    const trunk = await answer(directory({ purpose: 'gateways', profile: 'trunk' }), lookup);
    expect(trunk).toContain('<gateway name="telco">');
    expect(trunk).toContain('<param name="proxy" value="192.0.2.10:5060"/>');
    const internal = await answer(directory({ purpose: 'gateways', profile: 'internal' }), lookup);
    expect(internal).not.toContain('<gateway ');
  });

  it('is which networks carriers call from, and for each its account', async () => {
    const list = await answer(directory({ purpose: 'network-list', domain: 'carriers.jackfield' }), lookup);
    expect(list).toContain('<user id="telco" cidr="192.0.2.10/32,192.0.2.128/25"/>');
    expect(list).not.toContain('cloud');
    const telco = await answer(directory({ user: 'telco', domain: 'carriers.jackfield' }), lookup);
    expect(telco).toContain('<variable name="user_context" value="public"/>');
    expect(telco).toContain('<variable name="jf_trunk" value="t1"/>');
    expect(telco).toContain('<param name="sip&#45;forbid&#45;register" value="true"/>');
  });

  it('forgets changed gateways before it reads them again', () => {
    expect(refreshCommands('trunk', ['telco'])).toEqual([
      'reloadacl',
      'sofia profile trunk killgw telco',
      'sofia profile trunk rescan',
    ]);
  });
});

describe('a phone that authenticates', () => {
  const register = {
    ...{ user: '1001', domain: 'acme.test', action: 'sip_auth', sip_auth_method: 'REGISTER' },
    ...{
      sip_auth_username: '1001',
      sip_auth_realm: 'acme.test',
      sip_to_user: '1001',
      sip_to_host: 'acme.test',
    },
  };
  const invite = {
    ...register,
    sip_auth_method: 'INVITE',
    sip_from_user: '1001',
    sip_from_host: 'ACME.test',
  };

  it('may register and call under its own name', async () => {
    expect(await answer(directory(register), lookup)).toContain('<user id="1001">');
    expect(await answer(directory(invite), lookup)).toContain('<user id="1001">');
  });

  it.each<[string, Record<string, string>]>([
    ['register the same number of another tenant', { ...register, sip_to_host: 'other.test' }],
    ['register a colleague', { ...register, sip_to_user: '1002' }],
    ['call as another tenant', { ...invite, sip_from_host: 'other.test' }],
    ['call as a colleague', { ...invite, sip_from_user: '1002' }],
    ['leave its name out', { ...register, sip_to_host: '' }],
  ])('may not %s', async (_, params) => {
    expect(await answer(directory(params), lookup)).toContain(NOT_FOUND);
  });

  it('may, as a carrier, pass on any caller but register nothing', async () => {
    const cloud = {
      user: 'cloud',
      domain: 'carriers.jackfield',
      action: 'sip_auth',
      sip_auth_realm: 'carriers.jackfield',
    };
    const from = { sip_auth_username: 'cloud', sip_from_user: '13800138000', sip_from_host: 'pstn.example' };
    const call = directory({ ...cloud, ...from, sip_auth_method: 'INVITE' });
    expect(await answer(call, lookup)).toContain('value="p &#38; &#34;w&#34;"');
    const to = { sip_to_user: 'cloud', sip_to_host: 'carriers.jackfield' };
    const registration = directory({ ...cloud, ...from, ...to, sip_auth_method: 'REGISTER' });
    expect(await answer(registration, lookup)).toContain(NOT_FOUND);
  });
});

describe('the address that FreeSWITCH asks', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function listen(): Promise<string> {
    const app = new Koa();
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        if (!JackfieldError.is(error)) throw error;
        ctx.status = error.status;
        ctx.body = error.code;
      }
    });
    app.use(createProvisioning({ secret: 'sésame', lookup }));
    const started = createServer(app.callback());
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}/switch/xml`;
  }
  const basic = (secret: string) => ({
    authorization: `Basic ${Buffer.from(`freeswitch:${secret}`).toString('base64')}`,
  });
  const body = directory({ user: '1001', domain: 'acme.test' });

  it('answers whoever has the secret', async () => {
    const url = await listen();
    const byHeader = await fetch(url, { method: 'POST', body, headers: basic('sésame') });
    expect(byHeader.status).toBe(200);
    expect(byHeader.headers.get('content-type')).toContain('text/xml');
    expect(await byHeader.text()).toContain('<user id="1001">');
    const byQuery = await fetch(`${url}?secret=${encodeURIComponent('sésame')}`, { method: 'POST', body });
    expect(await byQuery.text()).toContain('<user id="1001">');
  });

  it('says "not found" with status 200, since anything else is an error to FreeSWITCH', async () => {
    const response = await fetch(await listen(), {
      method: 'POST',
      body: directory({}),
      headers: basic('sésame'),
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(NOT_FOUND);
  });

  it.each(['', 'sesame', 'sésame '])('refuses "%s"', async (wrong) => {
    const url = await listen();
    const response = await fetch(url, { method: 'POST', body, headers: basic(wrong) });
    expect([response.status, await response.text()]).toEqual([401, 'BAD_CREDENTIALS']);
  });

  it('refuses a request without a secret, and one that is no form', async () => {
    const url = await listen();
    expect((await fetch(url, { method: 'POST', body })).status).toBe(401);
    const json = {
      method: 'POST',
      body: '{}',
      headers: { ...basic('sésame'), 'content-type': 'application/json' },
    };
    expect((await fetch(url, json)).status).toBe(415);
    const large = {
      method: 'POST',
      body: `a=${'x'.repeat(300_000)}`,
      headers: { ...basic('sésame'), 'content-type': 'application/x-www-form-urlencoded' },
    };
    expect((await fetch(url, large)).status).toBe(413);
  });

  it('cannot be set up without a secret', () => {
    expect(() => createProvisioning({ secret: '', lookup })).toThrow('secret');
  });
});
