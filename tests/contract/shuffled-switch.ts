/**
 * A switch that keeps the promises of its contract and no others: what it fires, what it answers and what it finds in
 * a resync come when the test says, in any order that the contract allows. Events of one channel keep their order,
 * those of different channels have none; a command's promise settles after the events that prove it; a connection that
 * is cut loses what was on its way.
 */
import type { Clock } from '../../core/src/boot/clock.ts';
import { JackfieldError } from '../../core/src/errors/index.ts';
import { PlainEvent } from '../../core/src/freeswitch/event-socket/plain-event.ts';
import type { SwitchEvent } from '../../core/src/freeswitch/event-socket/switch-event.ts';
import type {
  ChannelSnapshot,
  HangupReceipt,
  OriginateRequest,
  OriginateResult,
  PlayResult,
  Resync,
  Switch,
  SwitchListener,
  SwitchState,
} from '../../core/src/freeswitch/switch/contract.ts';
import { callEnded, isHangup, ProofBook } from '../../core/src/freeswitch/switch/proofs.ts';

/** Something that may happen next. */
export interface Move {
  readonly name: string;
  make(): void;
}
/** Something that happens when its time has come, and then at any moment. */
interface Job extends Move {
  isDue(): boolean;
}

export interface SwitchChannel {
  readonly uuid: string;
  readonly direction: 'inbound' | 'outbound';
  readonly number: string;
  readonly createdAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  /** Of the server's own marks. */
  readonly variables: ReadonlyMap<string, string>;
}
/** Two legs that heard each other. */
export interface Talk {
  readonly legs: readonly [string, string];
  readonly from: number;
  to: number | null;
}
interface Channel extends SwitchChannel {
  /** Set between CHANNEL_BRIDGE and CHANNEL_UNBRIDGE. */
  partner: Channel | null;
  /** It is the one on which bridge and unbridge are told. */
  leads: boolean;
  /** The bridge that was ordered and is not there yet. */
  joining: Channel | null;
  cause: string;
  readonly variables: Map<string, string>;
  /** Fired, and not yet handed out. */
  readonly news: SwitchEvent[];
  stopMusic: (result: PlayResult) => void;
}

/** What a resync is reading, and what of it has been read. */
interface Reading {
  readonly reason: Resync['reason'];
  readonly left: string[];
  readonly read: ChannelSnapshot[];
  /** Came meanwhile: handed out after it. */
  readonly held: SwitchEvent[];
}

const NOTHING = () => undefined;
const UP = { version: 'shuffled', coreUuid: 'core-1', emulator: false } as const;

export class ShuffledSwitch implements Switch {
  readonly nodeId = 'default';
  readonly #clock: Clock;
  readonly #proofs: ProofBook;
  readonly #listeners = new Set<SwitchListener>();
  readonly #channels = new Map<string, Channel>();
  readonly #receipts = new Map<string, HangupReceipt>();
  /** Channels that the server has heard of and not yet of their end. */
  readonly #heardOf = new Set<string>();
  readonly #phones = new Set<string>();
  /** Commands on their way, in order. */
  #commands: { readonly name: string; readonly run: () => void; readonly lost: () => void }[] = [];
  /** Results of background jobs and joints of bridges: each comes when it comes. */
  #jobs: Job[] = [];
  #reading: Reading | null = null;
  #state: SwitchState = { state: 'stopped' };
  #ids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#proofs = new ProofBook(clock);
  }

  // --- for the test -----------------------------------------------------------------------------------------

  /** All that the switch or the wire may do next. */
  moves(): Move[] {
    const moves: Move[] = [];
    const [command] = this.#commands;
    if (command) moves.push({ name: `${TAKES} ${command.name}`, make: () => this.#take() });
    if (this.connected || this.#reading) {
      for (const channel of this.#channels.values()) {
        const [event] = channel.news;
        if (event)
          moves.push({ name: `${event.name} of ${channel.number}`, make: () => this.#deliver(channel) });
      }
    }
    moves.push(...this.#jobs.filter((job) => job.isDue()));
    const reading = this.#reading;
    if (reading && reading.left.length > 0)
      moves.push({ name: 'the resync reads a channel', make: () => this.#readOne(reading) });
    else if (reading) moves.push({ name: 'the resync is handed out', make: () => this.#publish(reading) });
    return moves;
  }

  get connected(): boolean {
    return this.#state.state === 'connected';
  }
  /** Nothing that was asked of it waits for an answer. */
  get idle(): boolean {
    return this.#commands.length === 0;
  }
  get resyncing(): boolean {
    return this.#reading !== null;
  }
  /** Of this switch's whole life. */
  get channels(): readonly SwitchChannel[] {
    return [...this.#channels.values()];
  }
  readonly talks: Talk[] = [];
  live(): SwitchChannel[] {
    return this.channels.filter((channel) => channel.endedAt === null);
  }

  registerPhone(user: string, domain: string): void {
    this.#phones.add(`user/${user}@${domain}`);
  }

  /** A customer calls. */
  arrive(to: string, from: string): string {
    const channel = this.#open('inbound', from, new Map(), { from, to });
    this.#fire(channel, 'CHANNEL_CREATE');
    this.#fire(channel, 'CHANNEL_PARK');
    return channel.uuid;
  }
  answers(uuid: string): void {
    const channel = this.#channel(uuid);
    if (channel.endedAt !== null || channel.answeredAt !== null) return;
    channel.answeredAt = this.#clock.now();
    this.#fire(channel, 'CHANNEL_ANSWER');
    this.#fire(channel, 'CHANNEL_PARK');
  }
  /** The phone hangs up, or refuses. */
  goOnHook(uuid: string): void {
    const channel = this.#channel(uuid);
    const cause =
      channel.answeredAt === null && channel.direction === 'outbound' ? 'CALL_REJECTED' : 'NORMAL_CLEARING';
    this.#end(channel, cause, 'party');
  }

  beginResync(reason: Resync['reason'] = 'periodic'): void {
    const ids = new Set([...this.#heardOf, ...this.live().map(({ uuid }) => uuid)]);
    this.#reading = { reason, left: [...ids], read: [], held: [] };
  }
  /** The connection is lost, with all that was on its way. */
  cut(): void {
    const held = (this.connected && this.#reading?.held) || [];
    this.#reading = null;
    for (const event of held) this.#hand(event);
    for (const channel of this.#channels.values()) channel.news.length = 0;
    this.#jobs = this.#jobs.filter(({ name }) => name === JOINT);
    this.#setState({ state: 'connecting', since: this.#clock.now(), attempt: 1, lastError: 'cut' });
    for (const { lost } of this.#commands.splice(0)) lost();
    this.#proofs.rejectAll(unreachable());
    for (const channel of this.#channels.values()) channel.stopMusic({ outcome: 'broken' });
    this.#heardOf.clear();
  }
  mend(): void {
    this.beginResync('connected');
  }

  // --- what happens in the switch ---------------------------------------------------------------------------

  #open(
    direction: Channel['direction'],
    number: string,
    variables: Map<string, string>,
    { from, to, uuid }: { from: string; to: string; uuid?: string },
  ): Channel {
    this.#ids += 1;
    variables.set('from', from).set('to', to);
    const channel: Channel = {
      uuid: uuid ?? `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`,
      direction,
      number,
      createdAt: this.#clock.now(),
      answeredAt: null,
      endedAt: null,
      partner: null,
      leads: false,
      joining: null,
      cause: '',
      variables,
      news: [],
      stopMusic: NOTHING,
    };
    this.#channels.set(channel.uuid, channel);
    return channel;
  }

  #end(channel: Channel, cause: string, by: 'party' | 'server'): void {
    if (channel.endedAt !== null) return;
    channel.endedAt = this.#clock.now();
    channel.cause = cause;
    if (by === 'party') channel.variables.set('sip_hangup_disposition', 'recv_bye');
    this.#fire(channel, 'CHANNEL_HANGUP');
    const { partner } = channel;
    if (partner) {
      channel.partner = null;
      partner.partner = null;
      const talk = this.talks.findLast(({ legs }) => legs.includes(channel.uuid));
      if (talk) talk.to = channel.endedAt;
      this.#fire(channel.leads ? channel : partner, 'CHANNEL_UNBRIDGE');
      this.#fire(partner, 'CHANNEL_PARK');
    }
    if (channel.variables.has('api_reporting_hook')) {
      const { uuid, answeredAt, endedAt } = channel;
      this.#receipts.set(uuid, { uuid, answeredAt, endedAt, cause });
    }
    this.#fire(channel, 'CHANNEL_HANGUP_COMPLETE');
    channel.stopMusic({ outcome: 'hangup' });
    channel.stopMusic = NOTHING;
  }

  #join(a: Channel, b: Channel): void {
    if (a.joining !== b) return;
    a.joining = null;
    if (a.endedAt !== null || b.endedAt !== null) {
      if (a.endedAt === null) this.#fire(a, 'CHANNEL_PARK');
      return;
    }
    a.partner = b;
    b.partner = a;
    a.leads = true;
    b.leads = false;
    this.talks.push({ legs: [a.uuid, b.uuid], from: this.#clock.now(), to: null });
    this.#fire(a, 'CHANNEL_BRIDGE', { 'Bridge-A-Unique-ID': a.uuid, 'Bridge-B-Unique-ID': b.uuid });
  }

  #fire(channel: Channel, name: string, more: Readonly<Record<string, string>> = {}): void {
    // What is fired while nobody is connected is told to nobody.
    if (this.connected || this.#reading) channel.news.push(this.#describe(channel, name, more));
  }

  #describe(channel: Channel, name: string, more: Readonly<Record<string, string>> = {}): SwitchEvent {
    const micros = (ms: number | null) => String((ms ?? 0) * 1_000);
    const { variables } = channel;
    const headers: Record<string, string> = {
      'Event-Name': name,
      'Unique-ID': channel.uuid,
      'Event-Date-Timestamp': micros(this.#clock.now()),
      'Call-Direction': channel.direction,
      'Answer-State': channel.answeredAt === null ? 'ringing' : 'answered',
      'Caller-Caller-ID-Number': variables.get('from') ?? '',
      'Caller-Caller-ID-Name': '',
      'Caller-Destination-Number': variables.get('to') ?? '',
      'Caller-Channel-Created-Time': micros(channel.createdAt),
      'Caller-Channel-Answered-Time': micros(channel.answeredAt),
      'Caller-Channel-Hangup-Time': micros(channel.endedAt),
      ...(channel.endedAt === null ? {} : { 'Hangup-Cause': channel.cause }),
      ...(channel.partner ? { variable_bridge_to: channel.partner.uuid } : {}),
      ...more,
    };
    for (const [variable, value] of variables) headers[`variable_${variable}`] = value;
    const lines = Object.entries(headers).map(([key, value]) => `${key}: ${encodeURIComponent(value)}\n`);
    return new PlainEvent(Buffer.from(lines.join('')));
  }

  // --- what goes over the wire ------------------------------------------------------------------------------

  #deliver(channel: Channel): void {
    const event = channel.news.shift();
    if (!event) return;
    if (this.#reading) this.#reading.held.push(event);
    else this.#hand(event);
  }

  #hand(event: SwitchEvent): void {
    const uuid = event.uuid ?? '';
    if (isHangup(event)) this.#heardOf.delete(uuid);
    else this.#heardOf.add(uuid);
    for (const listener of this.#listeners) listener.onEvent(event);
    this.#proofs.dispatch(event);
  }

  #readOne(reading: Reading): void {
    const uuid = reading.left.shift();
    const channel = uuid === undefined ? undefined : this.#channels.get(uuid);
    if (!channel || channel.endedAt !== null) return;
    reading.read.push({
      uuid: channel.uuid,
      direction: channel.direction,
      answered: channel.answeredAt !== null,
      bridgedTo: channel.partner?.uuid ?? null,
      application: channel.partner || channel.joining ? 'uuid_bridge' : 'park',
      dump: this.#describe(channel, 'CHANNEL_DATA'),
    });
  }

  #publish(reading: Reading): void {
    this.#reading = null;
    const { reason, read, held } = reading;
    if (!this.connected) this.#setState({ state: 'connected', since: this.#clock.now(), ...UP });
    const alive = new Set(read.map(({ uuid }) => uuid));
    const gone = [...this.#heardOf].filter((uuid) => !alive.has(uuid));
    for (const uuid of gone) this.#heardOf.delete(uuid);
    for (const uuid of alive) this.#heardOf.add(uuid);
    const receipts = [...this.#receipts.values()];
    for (const listener of this.#listeners)
      listener.onResync({ reason, coreUuid: UP.coreUuid, channels: read, receipts, lastAliveAt: null });
    for (const event of held) this.#hand(event);
    for (const uuid of gone) this.#proofs.channelGone(uuid);
  }

  #setState(state: SwitchState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener.onState(state);
  }

  /** Sends a command: it is carried out, and answered, when the switch takes it. */
  #send<T>(name: string, run: () => T | Promise<T>): Promise<T> {
    if (!this.connected) return Promise.reject(unreachable());
    return new Promise<T>((resolve, reject) => {
      this.#commands.push({
        name,
        run: () => {
          try {
            resolve(run());
          } catch (error) {
            reject(error);
          }
        },
        lost: () => reject(unreachable()),
      });
    });
  }
  #take(): void {
    this.#commands.shift()?.run();
  }

  #channel(uuid: string): Channel {
    const channel = this.#channels.get(uuid);
    if (!channel) throw callEnded(uuid, null);
    return channel;
  }
  #up(uuid: string): Channel {
    const channel = this.#channel(uuid);
    if (channel.endedAt !== null) throw callEnded(uuid, null);
    return channel;
  }
  #proof(what: string, channels: readonly string[], test: (event: SwitchEvent) => boolean): Promise<true> {
    return this.#proofs.expect<true>({
      channels,
      what,
      timeoutMs: 0,
      test: (event) => (test(event) ? true : undefined),
    }).promise;
  }

  // --- the contract -----------------------------------------------------------------------------------------

  get state(): SwitchState {
    return this.#state;
  }
  start(): void {
    this.mend();
  }
  async stop(): Promise<void> {
    this.#setState({ state: 'stopped' });
  }
  listen(listener: SwitchListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async answer(uuid: string): Promise<void> {
    const proof = this.#proof('the answer', [uuid], (event) => event.name === 'CHANNEL_ANSWER');
    await this.#send('answer', () => {
      const channel = this.#up(uuid);
      if (channel.answeredAt !== null) return;
      channel.answeredAt = this.#clock.now();
      this.#fire(channel, 'CHANNEL_ANSWER');
      return proof;
    });
  }
  async hangup(uuid: string, cause = 'NORMAL_CLEARING'): Promise<void> {
    const proof = this.#proof('the hangup', [uuid], isHangup);
    await this.#send('hangup', () => {
      this.#end(this.#up(uuid), cause, 'server');
      return proof;
    });
  }
  async setVariables(uuid: string, variables: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#send('setVariables', () => {
      const channel = this.#up(uuid);
      for (const [name, value] of Object.entries(variables)) channel.variables.set(name, value ?? '');
    });
  }
  async originate(request: OriginateRequest): Promise<OriginateResult> {
    const { uuid, endpoint, callerId, variables = {} } = request;
    const outcome = this.#proofs.expect<OriginateResult>({
      channels: [uuid],
      what: 'the answer of the called party',
      timeoutMs: 0,
      test: () => undefined,
      ended: () => undefined,
    });
    await this.#send('originate', () => {
      if (!this.#phones.has(endpoint)) {
        outcome.settle({ outcome: 'failed', cause: 'USER_NOT_REGISTERED' });
        return;
      }
      const own = new Map(Object.entries({ ...variables, api_reporting_hook: 'receipt' }));
      const channel = this.#open('outbound', endpoint, own, { from: callerId.number, to: endpoint, uuid });
      this.#fire(channel, 'CHANNEL_CREATE');
      const job: Job = {
        name: 'the result of an originate',
        // That a leg failed is proven by its end, if there was one; of an answer the job may be the first to tell.
        isDue: () =>
          !this.#reading &&
          (channel.answeredAt !== null || (channel.endedAt !== null && channel.news.length === 0)),
        make: () => {
          const { answeredAt, cause } = channel;
          this.#jobs = this.#jobs.filter((one) => one !== job);
          outcome.settle(answeredAt === null ? { outcome: 'failed', cause } : { outcome: 'answered', uuid });
        },
      };
      this.#jobs.push(job);
    });
    return await outcome.promise;
  }
  async bridge(a: string, b: string): Promise<void> {
    const proof = this.#proof('the bridge', [a, b], (event) => event.name === 'CHANNEL_BRIDGE');
    await this.#send('bridge', () => {
      const [first, second] = [this.#up(a), this.#up(b)];
      first.joining = second;
      const joint: Job = {
        name: JOINT,
        isDue: () => true,
        make: () => {
          this.#jobs = this.#jobs.filter((one) => one !== joint);
          this.#join(first, second);
        },
      };
      this.#jobs.push(joint);
      return proof;
    });
  }
  async play(uuid: string): Promise<PlayResult> {
    return await this.#send('play', () => {
      const channel = this.#up(uuid);
      return new Promise<PlayResult>((resolve) => {
        channel.stopMusic = resolve;
      });
    });
  }
  async stopMedia(uuid: string): Promise<void> {
    await this.#send('stopMedia', () => {
      this.#up(uuid).stopMusic({ outcome: 'broken' });
    });
  }
  async clearMedia(uuid: string): Promise<void> {
    await this.stopMedia(uuid);
  }
  async isRegistered(user: string, domain: string): Promise<boolean> {
    return await this.#send('isRegistered', () => this.#phones.has(`user/${user}@${domain}`));
  }
  async api(command: string): Promise<string> {
    const uuid = /^uuid_exists (\S+)$/.exec(command)?.[1];
    if (uuid === undefined) return await unused();
    return await this.#send('api', () => {
      const channel = this.#channels.get(uuid);
      // What was fired before the answer is told before it.
      while (channel && channel.news.length > 0) this.#deliver(channel);
      return String(channel?.endedAt === null);
    });
  }
  forgetReceipt(uuid: string): void {
    this.#receipts.delete(uuid);
  }

  // What no test of hang-ups needs.
  ringing = unused;
  unbridge = unused;
  collect = unused;
  sendDigits = unused;
  pickUp = unused;
  startRecording = unused;
  stopRecording = unused;
  maskRecording = unused;
  eavesdrop = unused;
  conference = unused;
}

const JOINT = 'two legs are joined';
const TAKES = 'the switch takes';

function unused(): Promise<never> {
  return Promise.reject(new JackfieldError('SWITCH_COMMAND_FAILED', 'This switch cannot do that.'));
}

function unreachable(): JackfieldError {
  return new JackfieldError('SWITCH_UNREACHABLE');
}
