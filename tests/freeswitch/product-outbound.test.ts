import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, World } from '../chaos/world.ts';
import { describeWithFreeSwitch, eventually, type SipPhone } from './harness/index.ts';
import { type RealAgentPhone, type RealSwitch, realSwitch } from './real-switch.ts';

const CUSTOMER = '13900139000';
/** As the carrier is told of it. */
const DIALLED = '+8613900139000';
const CARRIER_TONE = 500;

interface CallView {
  readonly direction: string;
  readonly outcome: string | null;
  readonly cause: string | null;
  readonly agentUserId: string | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly talkMs: number;
}

describeWithFreeSwitch('Calls that the product makes over a carrier, on a real FreeSWITCH', () => {
  let real: RealSwitch;
  let world: World;
  let carrier: SipPhone;
  let amy: Agent & { readonly desk: RealAgentPhone };

  beforeAll(async () => {
    real = await realSwitch();
    world = await World.begin(real);
    const agent = await world.agent('amy');
    amy = { ...agent, desk: real.phone(agent.number) };
    carrier = await real.fs.carrierPhone('carrier', { tone: CARRIER_TONE });
    await set({ 'gateway-proxy': `127.0.0.1:${carrier.port}` });
    await gateway('carrier', (status) => status.includes(`127.0.0.1:${carrier.port}`));
  });
  afterAll(() => world?.stop());
  afterEach(async () => {
    carrier.behaviour = {};
    await world.settled();
  });

  it("[telephony-40] calls out over the carrier's gateway and talks", async () => {
    const { id, own } = await dial();
    expect(carrier.calls).toHaveLength(0);
    own.answer();
    const far = await carrier.incoming();
    expect(far.to).toBe(DIALLED);
    far.answer();
    await Promise.all([own.hears(CARRIER_TONE), far.hears(amy.desk.sip.tone)]);
    await own.hangup();
    await far.ended();
    const call = await closed(id);
    expect(call).toMatchObject({ direction: 'outbound', outcome: 'connected', agentUserId: amy.id });
    expect(call.talkMs).toBeGreaterThan(0);
  });

  it('shows the carrier one of the own numbers, at its own host', async () => {
    const { own } = await dial();
    own.answer();
    const far = await carrier.incoming();
    expect(far.header('From')).toMatch(/sip:\+[0-9]+@127\.0\.0\.1/);
    await own.hangup();
    await far.ended();
  });

  it.each([
    [486, 'busy'],
    [404, 'unreachable'],
    [603, 'rejected'],
    [503, 'unreachable'],
  ])('says what became of a call that the carrier refuses with %i: %s', async (reject, outcome) => {
    carrier.behaviour = { reject };
    const { id, own } = await dial();
    own.answer();
    await own.ended();
    expect(await closed(id)).toMatchObject({ outcome, answeredAt: null, talkMs: 0 });
  });

  it('is over for the agent when the one who was called hangs up', async () => {
    carrier.behaviour = { answerAfterMs: 0 };
    const { id, own } = await dial();
    own.answer();
    const far = await carrier.incoming();
    await own.hears(CARRIER_TONE);
    await far.hangup();
    await own.ended();
    expect(await closed(id)).toMatchObject({ outcome: 'connected' });
  });

  describe('a change of the carrier', () => {
    it('leads the next call to the other proxy, without a restart', async () => {
      const other = await real.fs.carrierPhone('other', { tone: 900 });
      await set({ 'gateway-proxy': `127.0.0.1:${other.port}` });
      await gateway('carrier', (status) => status.includes(`127.0.0.1:${other.port}`));
      const { own } = await dial();
      own.answer();
      const far = await other.incoming();
      far.answer();
      await own.hears(900);
      await far.hangup();
      await own.ended();
    });

    it('registers with the new one under its new name, and forgets the old', async () => {
      carrier.registrar = { user: 'acme', password: "p&<w;1'" };
      await set({
        'outbound-gateway': 'telco',
        'gateway-proxy': `127.0.0.1:${carrier.port}`,
        'gateway-register': true,
        'gateway-username': 'acme',
        'gateway-password': 'not-the-password',
      });
      await gateway('telco', (status) => /^State\s+FAIL/m.test(status));
      await set({ 'gateway-password': carrier.registrar.password });
      await gateway('telco', (status) => /^State\s+REGED/m.test(status));
      expect(await real.fs.api('sofia status gateway telco')).toMatch(/From\s+<sip:acme@127\.0\.0\.1/);
      await gateway('carrier', (status) => status.includes('Invalid'));
      const { own } = await dial();
      own.answer();
      const far = await carrier.incoming();
      far.answer();
      await own.hears(CARRIER_TONE);
      await far.hangup();
      await own.ended();
    });

    it('that takes the proxy back leaves no way out, and the record says so', async () => {
      await set({ 'gateway-proxy': null });
      await gateway('telco', (status) => status.includes('Invalid'));
      const { id, own } = await dial();
      own.answer();
      await own.ended();
      expect(await closed(id)).toMatchObject({ outcome: 'failed', cause: 'INVALID_GATEWAY', talkMs: 0 });
    });
  });

  async function set(values: Readonly<Record<string, unknown>>): Promise<void> {
    await (await world.as('operator')).send('PUT', '/api/core/settings/telephony', values);
  }

  /** Waits until the switch says this of a gateway. */
  async function gateway(name: string, is: (status: string) => boolean): Promise<void> {
    let status = '';
    await eventually(async () => {
      status = await real.fs.api(`sofia status gateway ${name}`);
      return is(status);
    }, `the gateway ${name}`).catch((error: unknown) => {
      throw new Error(`${status}\n${world.log.slice(-2_000)}`, { cause: error });
    });
  }

  /** Amy clicks on the number; her phone rings. */
  async function dial() {
    const { callId } = await amy.send<{ callId: string }>('POST', '/api/telephony/dial', {
      number: CUSTOMER,
    });
    return { id: callId, own: await amy.desk.sip.incoming() };
  }

  async function closed(id: string): Promise<CallView> {
    const admin = await world.as('admin@acme');
    return await eventually(async () => {
      const call = await admin.get<CallView>(`/api/telephony/calls/${id}`);
      return call.endedAt !== null && call;
    }, `the record of ${id} to be closed`);
  }
});
