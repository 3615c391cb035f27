import { randomBytes } from 'node:crypto';
import type { AgentCall, AgentPhone, CustomerCall, SwitchUnderTest } from '../chaos/phones.ts';
import { SwitchWatch } from '../chaos/switch-watch.ts';
import {
  eventually,
  type FreeSwitchServer,
  type SipCall,
  type SipPhone,
  startFreeSwitch,
} from './harness/index.ts';
import { freePorts } from './harness/ports.ts';

/** A call at a SIP phone: what the phone sees and hears, and its channel. */
export interface RealCall extends CustomerCall, AgentCall {
  readonly sip: SipCall;
}
export interface RealAgentPhone extends AgentPhone {
  readonly sip: SipPhone;
  rings(timeoutMs?: number): Promise<RealCall>;
}
interface DialOptions {
  readonly tone?: number;
  readonly name?: string;
  readonly encoding?: BufferEncoding;
}
export interface RealSwitch extends SwitchUnderTest {
  readonly fs: FreeSwitchServer;
  /** `encoding`: `latin1` sends each character of the name as a byte. */
  dial(to: string, from: string, options?: DialOptions): Promise<RealCall>;
  /** Kills the switch and starts it again: it knows nothing of its calls, and no phone of its registration. */
  restart(): Promise<void>;
  /** The phone that has registered with this number. */
  phone(number: string): RealAgentPhone;
  register(account: Parameters<SwitchUnderTest['register']>[0]): Promise<RealAgentPhone>;
}

/**
 * A real FreeSWITCH that asks the server for its phones and carriers, with SIP phones around it. Customers send
 * 440 Hz unless told otherwise; the first agent to register 660 Hz, the next 740, and so on.
 */
export async function realSwitch(): Promise<RealSwitch> {
  const [port = 0] = await freePorts(1);
  const secret = randomBytes(16).toString('hex');
  const fs = await startFreeSwitch({
    provisioning: { url: `http://127.0.0.1:${port}/switch/xml`, secret },
  });
  let watch = await SwitchWatch.on(fs.eventSocket);
  const phones = new Map<string, RealAgentPhone>();
  let tone = 580;

  const knowsCarriers = () =>
    eventually(
      async () => (await fs.api('acl 127.0.0.1 jackfield_carriers')) === 'true',
      'the switch to know its carrier',
    );

  /** The channel of a call is known by its Call-ID, which both sides have. */
  const callOf = async (sip: SipCall): Promise<RealCall> => {
    const event = await watch.until(
      () => watch.events.findLast((one) => one.variable('sip_call_id') === sip.id && one.uuid !== null),
      `the channel of the call ${sip.id}`,
    );
    return {
      uuid: event.uuid ?? '',
      sip,
      hangup: () => sip.hangup(),
      async answer() {
        sip.answer();
        await watch.event('CHANNEL_ANSWER', event.uuid ?? '');
      },
      press: (keys) => sip.press(keys),
    };
  };

  return {
    fs,
    address: fs.eventSocket,
    env: {
      PORT: String(port),
      SWITCH_SECRET: secret,
      SWITCH_WS_URL: `ws://${fs.host}:${fs.ports.ws}`,
    },
    get watch() {
      return watch;
    },
    async restart() {
      watch.close();
      await fs.restart('kill');
      watch = await SwitchWatch.on(fs.eventSocket);
      await knowsCarriers();
    },
    async serverIsUp(operator) {
      await operator.send('PUT', '/api/core/settings/telephony', { 'carrier-networks': '127.0.0.0/8' });
      await knowsCarriers();
    },
    phone(number) {
      const found = phones.get(number);
      if (!found) throw new Error(`no phone has registered as ${number}`);
      return found;
    },
    async dial(to, from, { tone: hertz = 440, name, encoding = 'utf8' } = {}) {
      const phone = await fs.phone({ number: from, tone: hertz });
      phone.encoding = encoding;
      return await callOf(await phone.call(to, name === undefined ? {} : { name }));
    },
    async register({ number, domain, password }) {
      tone += 80;
      fs.directory.accounts.set(`${number}@${domain}`, { password });
      const sip = await fs.phone({ user: number, domain, tone });
      const phone: RealAgentPhone = {
        sip,
        rings: async (timeoutMs) => callOf(await sip.incoming(timeoutMs)),
        isIdle: async () => sip.calls.every(({ state }) => state === 'ended'),
      };
      phones.set(number, phone);
      return phone;
    },
    async stop() {
      watch.close();
      await fs.stop();
    },
  };
}
