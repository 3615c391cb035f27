import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  describeWithFreeSwitch,
  eventually,
  type FreeSwitchServer,
  findProgram,
  makePrompts,
  readWav,
  startFreeSwitch,
  startSipp,
  toneIn,
} from './harness/index.ts';

describeWithFreeSwitch('The configuration that Jackfield ships', () => {
  let fs: FreeSwitchServer;
  beforeAll(async () => {
    fs = await startFreeSwitch();
  });
  afterAll(() => fs?.stop());
  afterEach(async () => {
    await fs.api('hupall');
    await fs.idle();
  });

  it('starts without an error in its log', async () => {
    expect(await fs.errors()).toEqual([]);
  });

  it('keeps its secrets from the calls', async () => {
    expect(
      await fs.api(`eval $\{jackfield_event_socket_password}$\{jackfield_provisioning_secret}`),
    ).not.toContain(fs.password);
    expect(await fs.api('global_getvar')).not.toContain(fs.password);
  });

  it('lets phones of the directory register, and nobody else', async () => {
    const agent = await fs.phone({ user: '1001' });
    expect(await fs.api('sofia_contact 1001@acme.test')).toContain(`127.0.0.1:${agent.port}`);
    fs.directory.accounts.set('1002@acme.test', { password: 'right' });
    const wrong = await fs.phone({ user: '1002', register: false });
    fs.directory.accounts.set('1002@acme.test', { password: 'changed' });
    expect(await wrong.register()).toBe(403);
    const stranger = await fs.phone({ user: '1003', register: false });
    fs.directory.accounts.delete('1003@acme.test');
    expect(await stranger.register()).toBe(403);
    await agent.unregister();
    expect(await fs.api('sofia_contact 1001@acme.test')).toContain('user_not_registered');
  });

  it('does not let a phone take the calls of the same number of another tenant', async () => {
    fs.directory.accounts.set('1001@other.test', { password: 'theirs' });
    const thief = await fs.phone({ user: '1001', domain: 'acme.test', register: false });
    expect(await thief.register({ to: 'sip:1001@other.test' })).toBe(403);
    expect(await fs.api('sofia_contact 1001@other.test')).toContain('user_not_registered');
  });

  it('[telephony-12] parks a call from a carrier, unanswered', async () => {
    const customer = await fs.phone({ number: '13800138000' });
    const call = await customer.call('4001234567', { headers: [['X-Campaign', 'spring']] });
    const uuid = await fs.channel('4001234567');
    const [row] = await fs.show('channels');
    expect(row).toMatchObject({
      direction: 'inbound',
      application: 'park',
      context: 'public',
      cid_num: '13800138000',
    });
    expect(await fs.api(`uuid_getvar ${uuid} sip_h_X-Campaign`)).toBe('spring');
    expect(call.state).toBe('new');
    await call.hangup();
    expect(call.status).toBe(487);
  });

  it('parks a call of an agent, and knows who calls', async () => {
    const agent = await fs.phone({ user: '1001' });
    const call = await agent.call('9013800138000');
    const uuid = await fs.channel('9013800138000');
    expect((await fs.show('channels'))[0]).toMatchObject({ application: 'park', context: 'default' });
    expect(await fs.api(`uuid_getvar ${uuid} user_name`)).toBe('1001');
    expect(await fs.api(`uuid_getvar ${uuid} domain_name`)).toBe('acme.test');
    await call.hangup();
  });

  it('reads any text of the directory as it was written', async () => {
    const text = `Müller & "Söhne" <$\${jackfield_ip}> <X-PRE-PROCESS cmd="exec" data="id"/> <include> 张 '1'\\n`;
    fs.directory.accounts.set('1004@acme.test', { password: 'x', variables: { jf_text: text } });
    expect(await fs.api('user_data 1004@acme.test var jf_text')).toBe(text);
  });

  it('takes calls only from carriers that it knows by address or password', async () => {
    const loopback = fs.directory.carriersById.get('loopback');
    fs.directory.carriersById.set('cloud', {
      id: 'cloud',
      networks: [],
      credential: { password: 'pw' },
      variables: { jf_trunk: 'T9' },
    });
    fs.directory.carriersById.delete('loopback');
    await fs.refresh();
    const stranger = await fs.phone({ number: '13900139000' });
    const refused = await stranger.call('4001234567');
    await refused.ended();
    expect(refused.status).toBe(403);
    const cloud = await fs.phone({ number: 'cloud', password: 'pw' });
    const call = await cloud.call('4001234568');
    const uuid = await fs.channel('4001234568');
    expect(await fs.api(`uuid_getvar ${uuid} jf_trunk`)).toBe('T9');
    expect((await fs.show('channels'))[0]).toMatchObject({ context: 'public', application: 'park' });
    await call.hangup();
    if (loopback) fs.directory.carriersById.set('loopback', { ...loopback, variables: { jf_trunk: 'T1' } });
    await fs.refresh();
    const known = await stranger.call('4001234569');
    expect(await fs.api(`uuid_getvar ${await fs.channel('4001234569')} jf_trunk`)).toBe('T1');
    await known.hangup();
  });

  it('[telephony-12] dials out over a gateway of the directory', async () => {
    const carrier = await fs.carrier('telco', { tone: 700 });
    const reply = fs.api(
      'originate {origination_caller_id_number=4001234567}sofia/gateway/telco/13900139000 &park()',
    );
    const call = await carrier.incoming();
    expect([call.to, call.from]).toEqual(['13900139000', '4001234567']);
    call.answer();
    expect(await reply).toMatch(/^\+OK/);
    fs.directory.gatewaysByName.delete('telco');
    await fs.refresh(['telco']);
    await eventually(
      async () => (await fs.api('sofia status gateway telco')).includes('Invalid'),
      'the gateway to go',
    );
  });

  it('records stereo: the leg itself on the left, the other side on the right', async () => {
    const customer = await fs.phone({ number: '13800138000', tone: 440 });
    const agent = await fs.phone({ user: '1001', tone: 660, behaviour: { answerAfterMs: 50 } });
    const call = await customer.call('4001234567');
    const leg = await fs.channel('4001234567');
    await fs.api(`uuid_answer ${leg}`);
    await call.answered();
    const other = (await fs.api('originate user/1001@acme.test &park()')).replace('+OK ', '');
    await fs.api(`uuid_bridge ${leg} ${other}`);
    await call.hears(660);
    const talk = await agent.incoming();
    await talk.hears(440);
    const file = join(fs.recordings, 'a', 'b.wav');
    await fs.api(`uuid_record ${leg} start ${file}`);
    await call.doesNotHear(440, { forMs: 1_500 });
    await fs.api(`uuid_record ${leg} stop ${file}`);
    const wav = await eventually(() => readWav(file).catch(() => null), 'the recording');
    expect(wav.channels).toHaveLength(2);
    expect(toneIn(wav, 0, 440)).toBeGreaterThan(4_000);
    expect(toneIn(wav, 0, 660)).toBeLessThan(500);
    expect(toneIn(wav, 1, 660)).toBeGreaterThan(4_000);
    expect(toneIn(wav, 1, 440)).toBeLessThan(500);
  });

  it('plays hold music to the customer when the agent holds by the key of the phone', async () => {
    const customer = await fs.phone({ number: '13800138000', tone: 440 });
    const agent = await fs.phone({ user: '1001', tone: 660, behaviour: { answerAfterMs: 50 } });
    const call = await customer.call('4001234567');
    const leg = await fs.channel('4001234567');
    await fs.api(`uuid_answer ${leg}`);
    const other = (await fs.api('originate user/1001@acme.test &park()')).replace('+OK ', '');
    await fs.api(`uuid_bridge ${leg} ${other}`);
    await call.hears(660);
    const talk = await agent.incoming();
    await talk.hold();
    await call.doesNotHear(660);
    await call.hearsSomething();
    await talk.resume();
    await call.hears(660);
  });

  it('speaks WebSocket to browsers', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const upgrade = request({
        host: fs.host,
        port: fs.ports.ws,
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-protocol': 'sip',
        },
      });
      upgrade.once('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      upgrade.once('error', reject);
      upgrade.end();
    });
    expect(status).toBe(101);
  });

  it('is the same again after a crash', async () => {
    const before = await fs.api(`eval $\{core_uuid}`);
    await fs.restart('kill');
    expect(await fs.api(`eval $\{core_uuid}`)).not.toBe(before);
    const customer = await fs.phone({ number: '13800138000' });
    const call = await customer.call('4001234567');
    await fs.channel('4001234567');
    await call.hangup();
  });
});

describeWithFreeSwitch('Customers and agents played by SIPp', () => {
  let fs: FreeSwitchServer;
  beforeAll(async () => {
    fs = await startFreeSwitch();
  });
  afterAll(() => fs?.stop());

  it.skipIf(!findProgram('sipp'))(
    'a customer is parked and presses keys that FreeSWITCH collects',
    async () => {
      const prompts = makePrompts(fs.sounds);
      const menu = await prompts.tone('menu', 500, 0.5);
      const peer = { address: fs.host, port: fs.ports.trunk };
      const keys = { digits: '7351', talk_ms: '4000' };
      const customer = await startSipp({
        scenario: 'customer',
        peer,
        service: '4001234567',
        fields: [['13800138000']],
        keys,
      });
      const leg = await fs.channel('4001234567');
      const collect = `play_and_get_digits:4 4 1 5000 # ${menu} silence_stream://250 jf_digits \\d{4} 2000,park`;
      await fs.api(`uuid_answer ${leg}`);
      await fs.api(`uuid_transfer ${leg} '${collect}' inline`);
      await eventually(
        async () => (await fs.api(`uuid_getvar ${leg} jf_digits`)) === '7351',
        'the keys 7351',
      );
      await customer.finished();
      await fs.idle();
    },
  );

  it.skipIf(!findProgram('sipp'))('an agent registers with a password and answers', async () => {
    fs.directory.accounts.set('2001@acme.test', { password: 'agent' });
    const peer = { address: fs.host, port: fs.ports.internal };
    const fields = [['2001', 'acme.test', '[authentication username=2001 password=agent]']];
    const registration = await startSipp({ scenario: 'agent-register', peer, fields });
    await registration.finished();
    const agent = await startSipp({
      scenario: 'agent-answer',
      peer,
      port: registration.port,
      keys: { ring_ms: '200' },
    });
    const reply = await fs.api('originate {originate_timeout=10}user/2001@acme.test &park()');
    expect(reply).toMatch(/^\+OK/);
    await fs.api(`uuid_kill ${reply.replace('+OK ', '')}`);
    await agent.finished();
  });
});
