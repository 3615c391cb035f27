/**
 * One leg of a call. A FreeSWITCH channel has its own thread; here that is one async function
 * (session.ts) which sleeps in `idle` and is woken by whatever others do to the channel.
 */
import { type CallerProfile, type ChannelTimes, newTimes, snapshotProfile } from './caller-profile.ts';
import { sipOfCause } from './causes.ts';
import { addChannelHeaders } from './channel-headers.ts';
import { EventMessage, type Header } from './event-message.ts';
import type { FarEnd } from './far-end.ts';
import { holdEnds } from './hold.ts';
import type { Recorder } from './recorder.ts';
import { Sleep } from './sleep.ts';
import { type CallState, type ChannelState, callStateNumbers, stateNumbers } from './states.ts';
import type { EventSink, SwitchCore } from './switch-core.ts';

/** A command for the channel's own thread: a `sendmsg`, or what an api command made. */
export interface PrivateMessage {
  /** As sent; names without regard to case. */
  readonly headers: readonly Header[];
  readonly body: string | null;
}

export interface Digit {
  readonly digit: string;
  /** Samples at 8 kHz. */
  readonly duration: number;
  readonly source: 'RTP' | 'APP' | 'UNKNOWN';
}

/** One application of an extension of the dialplan. */
export interface DialplanStep {
  readonly app: string;
  readonly arg: string;
}

/** Another channel that gets whatever is said here: eavesdrop, and the file of a recording. */
export interface MediaBug {
  readonly function: string;
  readonly target: string;
  /** The channel that carries the bug has hung up. */
  readonly onTargetGone?: () => void;
}

/** What plays now, for `uuid_fileman`. */
export interface PlayingFile {
  readonly path: string;
  paused: boolean;
  stopped: boolean;
  /** Moves the position; milliseconds. */
  skip(ms: number): void;
}

export interface ChannelInit {
  readonly uuid: string;
  readonly direction: 'inbound' | 'outbound';
  readonly name: string;
  readonly profile: Omit<
    CallerProfile,
    'times' | 'index' | 'createdTime' | 'profileUuid' | 'channelName' | 'uuid'
  >;
  readonly farEnd: FarEnd;
  /** `user@domain` of a registered phone. */
  readonly presenceId?: string;
}

export class Channel {
  readonly core: SwitchCore;
  readonly uuid: string;
  readonly direction: 'inbound' | 'outbound';
  readonly name: string;
  readonly farEnd: FarEnd;
  readonly presenceId: string;
  readonly times: ChannelTimes;
  profile: CallerProfile;
  /** Earlier profiles, newest first. */
  readonly pastProfiles: CallerProfile[] = [];
  otherLeg: { type: 'originator' | 'originatee'; profile: CallerProfile } | null = null;
  readonly variables = new Map<string, string>();

  /** Where the channel shall go; `runningState` is where its thread is. */
  state: ChannelState = 'CS_NEW';
  runningState: ChannelState = 'CS_NEW';
  callState: CallState = 'DOWN';
  answered = false;
  earlyMedia = false;
  ringReady = false;
  hangupCause: string | null = null;
  codecReady = false;
  /** `Channel-HIT-Dialplan`. */
  dialplanFlag: boolean;
  held = false;
  callUuid: string;

  /** The other leg while bridged. */
  partner: Channel | null = null;
  /** False already when this leg has noticed that the bridge is over. */
  bridged = false;
  /** Set for the time in which the thread is inside park. Unsetting it ends the park. */
  parked = false;
  /** Set on the first leg of a uuid_bridge until it bridges. */
  uuidBridge: { role: 'originator' | 'originatee'; other: Channel } | null = null;
  /** Calls the originate that waits for this leg. */
  onProgress: (() => void) | null = null;
  /** Extension that CS_EXECUTE works through. */
  steps: DialplanStep[] = [];
  /** Application that runs innermost, for `show channels`. */
  application = '';
  applicationData = '';
  lastApp: DialplanStep | null = null;

  readonly queue: PrivateMessage[] = [];
  eventLock = false;
  breakRequest: 'none' | 'one' | 'all' = 'none';
  /** A break that came while a command ran also ends what that command interrupted. */
  breakOuter = false;
  /** How many commands run inside one another. */
  commandDepth = 0;
  playing: PlayingFile | null = null;
  readonly digits: Digit[] = [];
  dialedDigits = '';
  readonly bugs: MediaBug[] = [];
  readonly recorders = new Map<string, Recorder>();
  readonly onGone: (() => void)[] = [];
  /** Who keeps it from being destroyed although it has hung up: applications that linger (trace 10 A). */
  readonly holders = new Set<object>();
  /** Gets the keys that are pressed, instead of all listeners. */
  diverted: EventSink | null = null;

  readonly #sleep: Sleep;
  #stateWaiters: (() => void)[] = [];

  constructor(core: SwitchCore, init: ChannelInit) {
    this.core = core;
    this.#sleep = new Sleep(core.clock, core.options.tickMs);
    this.uuid = init.uuid;
    this.direction = init.direction;
    this.name = init.name;
    this.farEnd = init.farEnd;
    this.presenceId = init.presenceId ?? '';
    this.callUuid = init.uuid;
    this.dialplanFlag = init.direction === 'inbound';
    const created = core.now();
    this.times = newTimes(created);
    this.profile = {
      ...init.profile,
      uuid: init.uuid,
      channelName: init.name,
      index: 1,
      createdTime: created,
      profileUuid: core.newUuid(),
      times: this.times,
    };
    core.sessionCount++;
    core.channels.set(init.uuid, this);
    core.peakSessions = Math.max(core.peakSessions, core.channels.size);
  }

  get hungUp(): boolean {
    return this.hangupCause !== null;
  }

  get mediaUp(): boolean {
    return this.answered || this.earlyMedia;
  }

  /** False as soon as the thread has to leave what it is doing: hangup, transfer, bridge. */
  get ready(): boolean {
    return !this.hungUp && this.state === this.runningState;
  }

  get answerState(): 'answered' | 'early' | 'ringing' | 'hangup' {
    if (this.hungUp) return 'hangup';
    if (this.answered) return 'answered';
    return this.earlyMedia ? 'early' : 'ringing';
  }

  // --- variables

  get(name: string): string | null {
    return this.variables.get(name) ?? null;
  }

  isTrue(name: string): boolean {
    return isTrue(this.get(name));
  }

  /** An empty value unsets, as in FreeSWITCH. A value that is set anew moves to the end. */
  set(name: string, value: string | number | null): void {
    this.variables.delete(name);
    if (value !== null && value !== '') this.variables.set(name, String(value));
    if (name === 'call_uuid' && value) this.callUuid = String(value);
  }

  setAll(values: Readonly<Record<string, string | number>>): void {
    for (const [name, value] of Object.entries(values)) this.set(name, value);
  }

  // --- events

  /** @param first headers before `Channel-State` · @param last headers after the variables */
  fire(name: string, first: readonly Header[] = [], last: readonly Header[] = []): void {
    this.core.publish(this.event(name, null, first, last));
  }

  event(
    name: string,
    subclass: string | null = null,
    first: readonly Header[] = [],
    last: readonly Header[] = [],
  ): EventMessage {
    const event = this.core.event(name, subclass);
    for (const [key, value] of first) event.add(key, value);
    addChannelHeaders(event, this);
    for (const [key, value] of last) event.add(key, value);
    return event;
  }

  /** PRIVATE_COMMAND begins with the headers of the command itself. */
  firePrivate(message: PrivateMessage): void {
    const event = new EventMessage('PRIVATE_COMMAND');
    const data = new EventMessage('PRIVATE_COMMAND');
    addChannelHeaders(data, this);
    for (const [key, value] of message.headers) event.add(key, value);
    this.core.stamp(event);
    for (const [key, value] of data.headers) event.add(key, value);
    this.core.publish(event);
  }

  // --- states

  /** Asks the thread to go to another state. */
  setState(state: ChannelState): void {
    if (stateNumbers[this.state] >= stateNumbers.CS_HANGUP && stateNumbers[state] < stateNumbers.CS_HANGUP)
      return;
    this.state = state;
    this.notifyState();
    this.wake();
    this.partner?.wake();
  }

  /** The thread enters a state. */
  enter(state: ChannelState): void {
    this.runningState = state;
    if (this.direction === 'inbound' && stateNumbers[state] < stateNumbers.CS_HANGUP) {
      if (state === 'CS_ROUTING') this.setCallState('RINGING');
      else if (this.answered) this.setCallState('ACTIVE');
      else if (this.earlyMedia) this.setCallState('EARLY');
    }
    this.fire('CHANNEL_STATE');
    this.notifyState();
  }

  setCallState(callState: CallState): void {
    if (this.callState === callState) return;
    const before = this.callState;
    this.callState = callState;
    this.fire('CHANNEL_CALLSTATE', [
      ['Original-Channel-Call-State', before],
      ['Channel-Call-State-Number', String(callStateNumbers[callState])],
    ]);
  }

  /** Resolves at the next change of state (asked or entered) or hangup. */
  stateChange(): Promise<void> {
    return new Promise((resolve) => this.#stateWaiters.push(resolve));
  }

  notifyState(): void {
    const waiters = this.#stateWaiters;
    this.#stateWaiters = [];
    for (const waiter of waiters) waiter();
    this.onProgress?.();
  }

  /**
   * Ends the channel: CHANNEL_HANGUP at once, the rest by its thread.
   * @param disposition `sip_hangup_disposition`, when the far end did it
   */
  hangup(cause: string, disposition?: 'recv_bye' | 'recv_cancel' | 'recv_refuse'): void {
    if (this.hungUp) return;
    if (this.held) holdEnds(this);
    this.hangupCause = cause;
    this.state = 'CS_HANGUP';
    this.disposition = disposition ?? this.#ownDisposition();
    const partner = this.core.channels.get(this.get('signal_bond') ?? '');
    if (partner && !partner.hungUp) {
      partner.set('last_bridge_hangup_cause', cause);
      if (disposition === 'recv_bye') partner.set('sip_hangup_phrase', 'OK');
      partner.set('last_bridge_proto_specific_hangup_cause', this.get('proto_specific_hangup_cause'));
    }
    if (this.bridged) {
      this.set('last_bridge_role', this.runningState === 'CS_EXCHANGE_MEDIA' ? 'originatee' : 'originator');
    }
    this.fire('CHANNEL_HANGUP');
    if (disposition !== undefined) this.set('sip_hangup_disposition', disposition);
    this.notifyState();
    this.wake();
    this.partner?.wake();
    if (disposition === undefined) this.farEnd.ended(this, cause);
  }

  disposition = '';

  #ownDisposition(): string {
    if (this.answered) return 'send_bye';
    return this.direction === 'inbound' ? 'send_refuse' : 'send_cancel';
  }

  /** Variables of the SIP answer that ended or refused the call. */
  setTermStatus(status: number, q850: number): void {
    this.set('sip_term_status', status);
    this.set('proto_specific_hangup_cause', `sip:${status}`);
    this.set('sip_term_cause', q850);
  }

  get refusalStatus(): number {
    return Number(this.get('sip_respond_status') ?? sipOfCause(this.hangupCause ?? ''));
  }

  // --- the thread

  queueMessage(message: PrivateMessage): void {
    this.queue.push(message);
    this.wake();
  }

  /** Queues an application as `sendmsg execute` would. */
  queueApp(app: string, arg: string, headers: readonly Header[] = []): void {
    this.queueMessage({
      headers: [['call-command', 'execute'], ['execute-app-name', app], ['execute-app-arg', arg], ...headers],
      body: null,
    });
  }

  /** The thread looks around at its next media tick. */
  wake(): void {
    this.#sleep.wake();
  }

  /** Ends the sleep of the thread now, without waiting for the tick. */
  interrupt(): void {
    this.#sleep.end();
  }

  /** Sleeps until woken, or for `ms` milliseconds at most. To be called by the thread only. */
  idle(ms = Number.POSITIVE_INFINITY): Promise<void> {
    return this.#sleep.begin(ms);
  }

  /** Who is talked to from now on. What was recorded until now is written first. */
  setPartner(partner: Channel | null): void {
    for (const recorder of this.recorders.values()) recorder.flush();
    this.partner = partner;
  }

  // --- digits

  /** A key that the far end pressed (or `uuid_recv_dtmf`). Reported when something takes it from the queue. */
  receiveDigit(digit: string, duration = 1120, source: Digit['source'] = 'RTP'): void {
    this.digits.push({ digit, duration, source });
    this.wake();
  }

  takeDigit(): string | null {
    const digit = this.digits.shift();
    if (!digit) return null;
    this.dialedDigits += digit.digit;
    const event = this.event(
      'DTMF',
      null,
      [],
      [
        ['DTMF-Digit', digit.digit],
        ['DTMF-Duration', String(digit.duration)],
        ['DTMF-Source', digit.source],
      ],
    );
    if (this.diverted) this.diverted(event);
    else this.core.publish(event);
    return digit.digit;
  }

  // --- profiles

  /** A new profile in front of the present one (transfer, uuid_bridge). The other leg is forgotten. */
  pushProfile(changes: Partial<CallerProfile>): void {
    this.pastProfiles.unshift(this.profile);
    this.profile = {
      ...this.profile,
      ...changes,
      index: this.profile.index + 1,
      createdTime: this.core.now(),
      profileUuid: this.core.newUuid(),
    };
    this.otherLeg = null;
  }

  setOtherLeg(type: 'originator' | 'originatee', other: Channel): void {
    this.otherLeg = { type, profile: snapshotProfile(other.profile) };
  }
}

/** What FreeSWITCH takes for true. */
export function isTrue(value: string | null): boolean {
  return value !== null && /^(yes|on|true|t|enabled|active|allow|[1-9]\d*)$/i.test(value);
}
