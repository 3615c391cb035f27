/** Calls that come in: a customer over the trunk, or an agent who dials from a registered phone. */
import { Channel } from './channel.ts';
import type { FarEnd } from './far-end.ts';
import type { Phone } from './phone.ts';
import { startSession } from './session.ts';
import { inboundVariables } from './sip-variables.ts';
import type { SwitchCore } from './switch-core.ts';
import { voiceHz } from './voice.ts';

export interface CustomerCall {
  readonly number: string;
  /** Caller's number, as the From user. */
  readonly from: string;
  readonly name?: string;
  /** P-Asserted-Identity, which then is the caller id. */
  readonly assertedIdentity?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the customer talks after the answer, in milliseconds. For ever when left out. */
  readonly talksMs?: number;
  /** Follows what happens to the call from the customer's side. */
  readonly listener?: Partial<Pick<FarEnd, 'answered' | 'ended' | 'ringing' | 'held' | 'digits'>>;
}

const CUSTOMER_PORT = 6110;

/** @returns null when the switch takes no calls (paused): SIP 503, and no event at all */
export function customerCalls(core: SwitchCore, call: CustomerCall): Channel | null {
  const farEnd: FarEnd = {
    label: call.from,
    toneHz: voiceHz(call.from),
    ring: () => {},
    toneAt: (_leg, sinceAnswerMs) =>
      sinceAnswerMs > (call.talksMs ?? Number.POSITIVE_INFINITY) ? 0 : voiceHz(call.from),
    ended: (leg, cause) => call.listener?.ended?.(leg, cause),
    answered: (leg) => call.listener?.answered?.(leg),
    ringing: (leg) => call.listener?.ringing?.(leg),
    held: (leg, on) => call.listener?.held?.(leg, on),
    digits: (leg, digits) => call.listener?.digits?.(leg, digits),
  };
  return newInbound(core, {
    profile: 'trunk',
    context: 'public',
    number: call.number,
    from: call.from,
    fromHost: '127.0.0.1',
    name: call.name ?? '',
    callerNumber: call.assertedIdentity ?? call.from,
    assertedIdentity: call.assertedIdentity ?? null,
    headers: call.headers ?? {},
    port: CUSTOMER_PORT,
    farEnd,
    user: null,
  });
}

/** A registered phone dials: profile internal, context default. */
export function phoneCalls(core: SwitchCore, phone: Phone, number: string): Channel | null {
  const leg = newInbound(core, {
    profile: 'internal',
    context: 'default',
    number,
    from: phone.user,
    fromHost: phone.host,
    name: '',
    callerNumber: phone.user,
    assertedIdentity: null,
    headers: {},
    port: phone.port,
    farEnd: phone,
    user: {
      name: phone.user,
      domain: phone.domain,
      variables: core.phones.user(phone.user, phone.domain)?.variables ?? {},
    },
  });
  if (leg) {
    phone.legs.add(leg);
    leg.onGone.push(() => phone.legs.delete(leg));
  }
  return leg;
}

interface NewCall {
  readonly profile: 'trunk' | 'internal';
  readonly context: string;
  readonly number: string;
  readonly from: string;
  readonly fromHost: string;
  readonly name: string;
  readonly callerNumber: string;
  readonly assertedIdentity: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly port: number;
  readonly farEnd: FarEnd;
  readonly user: Caller | null;
}

interface Caller {
  readonly name: string;
  readonly domain: string;
  /** Of the directory. */
  readonly variables: Readonly<Record<string, string>>;
}

function newInbound(core: SwitchCore, call: NewCall): Channel | null {
  if (core.paused || core.shuttingDown) return null;
  // without a display name FreeSWITCH shows the number
  const name = call.name === '' ? call.callerNumber : call.name;
  const leg = new Channel(core, {
    uuid: core.newUuid(),
    direction: 'inbound',
    name: `sofia/${call.profile}/${call.from}@${call.fromHost}`,
    farEnd: call.farEnd,
    ...(call.user ? { presenceId: `${call.user.name}@${call.fromHost}` } : {}),
    profile: {
      direction: 'inbound',
      logicalDirection: 'inbound',
      username: call.callerNumber,
      dialplan: 'XML',
      callerIdName: name,
      callerIdNumber: call.callerNumber,
      origCallerIdName: name,
      origCallerIdNumber: call.callerNumber,
      calleeIdName: '',
      calleeIdNumber: '',
      networkAddr: '127.0.0.1',
      ani: call.callerNumber,
      destinationNumber: call.number,
      source: 'mod_sofia',
      transferSource: '',
      context: call.context,
      rdnis: '',
    },
  });
  inboundVariables(leg, {
    profile: call.profile,
    fromUser: call.from,
    fromHost: call.fromHost,
    displayName: call.name,
    destination: call.number,
    network: { ip: '127.0.0.1', port: call.port },
    userAgent: 'TestPhone/1.0',
    assertedIdentity: call.assertedIdentity,
    headers: call.headers,
    user: call.user,
  });
  leg.enter('CS_NEW');
  leg.state = 'CS_INIT';
  startSession(leg);
  return leg;
}
