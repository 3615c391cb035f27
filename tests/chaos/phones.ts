/**
 * The hands on the phones, whatever the phones are: the virtual ones of the emulator, or SIP phones on a real
 * FreeSWITCH. What the switch says of their calls is read from `SwitchWatch`, which is the same for both.
 */
import type { SwitchAddress } from '../../core/src/freeswitch/switch/url.ts';
import type { SwitchWatch } from './switch-watch.ts';
import type { Person } from './world.ts';

/** One call at a phone, by the uuid of its channel. */
export interface PhoneCall {
  readonly uuid: string;
  hangup(): Promise<void>;
}
export interface CustomerCall extends PhoneCall {
  press(keys: string): Promise<void>;
}
export interface AgentCall extends PhoneCall {
  answer(): Promise<void>;
}
export interface AgentPhone {
  /** The next call that rings here and has not been asked for. */
  rings(timeoutMs?: number): Promise<AgentCall>;
  /** Does anything ring or talk here now? */
  isIdle(): Promise<boolean>;
}

export interface PhoneAccount {
  readonly number: string;
  readonly domain: string;
  /** Of the account in the directory that the server gives to the switch. */
  readonly password: string;
}

/** A switch with phones around it, that lives on when the server dies. */
export interface SwitchUnderTest {
  readonly address: SwitchAddress;
  /** What the server must be told of it besides FREESWITCH_URL. */
  readonly env: Readonly<Record<string, string>>;
  readonly watch: SwitchWatch;
  /** The server runs for the first time: the operator can set what the switch needs of it. */
  serverIsUp(operator: Person): Promise<void>;
  /** A customer dials; resolves when the channel is there. */
  dial(to: string, from: string): Promise<CustomerCall>;
  /** A phone that has registered with this account. */
  register(account: PhoneAccount): Promise<AgentPhone>;
  stop(): Promise<void>;
}
