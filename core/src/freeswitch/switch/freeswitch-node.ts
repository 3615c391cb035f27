import { randomUUID } from 'node:crypto';
import { JackfieldError } from '../../errors/index.ts';
import { type CloseReason, EventSocket, type Reply } from '../event-socket/event-socket.ts';
import { type Log, silentLog } from '../event-socket/log.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import { ChannelBook } from './channel-book.ts';
import { clearChannel } from './clear-channel.ts';
import { collectDigits, STOP_KEY } from './collect.ts';
import {
  answerChannel,
  askPhoneToAnswer,
  bridgeChannels,
  hangUpChannel,
  joinConference,
  maskRecordingTo,
  phoneIsRegistered,
  ringChannel,
  sendKeys,
  setChannelVariables,
  splitBridge,
  startRecordingTo,
  stopRecordingTo,
} from './commands.ts';
import type {
  ChannelId,
  CollectRequest,
  CollectResult,
  HangupCause,
  OriginateRequest,
  OriginateResult,
  PlayResult,
  Resync,
  Switch,
  SwitchListener,
  SwitchState,
  Undo,
} from './contract.ts';
import type { SwitchLink } from './link.ts';
import { MediaQueue } from './media-queue.ts';
import { eavesdropOn, originateLeg } from './originate.ts';
import { type PlayOptions, playback } from './playback.ts';
import { ProofBook } from './proofs.ts';
import { deleteReceipt } from './receipts.ts';
import { readTruth } from './resync.ts';
import { SUBSCRIPTION } from './subscriptions.ts';
import { systemTimers, type Timers } from './timers.ts';
import type { SwitchAddress } from './url.ts';

export interface FreeswitchNodeOptions {
  readonly nodeId: string;
  readonly address: SwitchAddress;
  readonly log?: Log;
  readonly timers?: Timers;
  /** From 0 to below 1, for the jitter of the back-off. */
  readonly random?: () => number;
  readonly backoff?: BackoffOptions;
  /** Milliseconds between two periodic resyncs. Default 30,000. */
  readonly resyncEveryMs?: number;
  /** How long FreeSWITCH may take to answer a command before the connection counts as dead. Default 10,000. */
  readonly replyTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly maxBufferedEvents?: number;
}

const DEFAULT_BACKOFF: BackoffOptions = { firstMs: 500, maxMs: 10_000 };
const SHUTTING_DOWN = 'stop() was called';

/** One FreeSWITCH over the event socket; `contract.ts` says what its methods promise. */
export class FreeswitchNode implements Switch {
  readonly nodeId: string;

  private readonly options: FreeswitchNodeOptions;
  private readonly log: Log;
  private readonly timers: Timers;
  private readonly maxHeld: number;
  private readonly listeners = new Set<SwitchListener>();
  private readonly proofs: ProofBook;
  private readonly book = new ChannelBook();
  private readonly media: MediaQueue;
  private readonly link: SwitchLink;

  private current: SwitchState = { state: 'stopped' };
  private running = false;
  /** Counts starts, so that a connection begun before a stop does not come back after it. */
  private generation = 0;
  private socket: EventSocket | null = null;
  private attempt = 0;
  private coreUuid: string | null = null;
  /** When anything was last received, by our clock. */
  private heardAt: number | null = null;
  private gap: 'connected' | 'overflow' = 'connected';
  private cancelTimer: () => void = () => {};
  /** Events that wait for a resync to be handed out before them; null when there is none. */
  private held: SwitchEvent[] | null = null;
  private afterHold: (() => void)[] = [];
  private onStopped: (() => void) | null = null;

  constructor(options: FreeswitchNodeOptions) {
    this.options = options;
    this.nodeId = options.nodeId;
    this.log = options.log ?? silentLog;
    this.timers = options.timers ?? systemTimers;
    this.maxHeld = options.maxBufferedEvents ?? 20_000;
    this.proofs = new ProofBook(this.timers);
    this.link = {
      proofs: this.proofs,
      timers: this.timers,
      newId: randomUUID,
      api: (command) => this.send((socket) => socket.api(command)),
      job: (command) => this.runJob(command),
      sendmsg: (uuid, headers) => this.send((socket) => socket.sendmsg(uuid, headers)),
    };
    this.media = new MediaQueue(this.link);
  }

  get state(): SwitchState {
    return this.current;
  }

  listen(listener: SwitchListener): Undo {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.generation++;
    this.attempt = 0;
    this.setState({ state: 'connecting', since: this.timers.now(), attempt: 1, lastError: null });
    void this.connect();
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    this.cancelTimer();
    const { socket } = this;
    if (socket?.connected) {
      const closed = new Promise<void>((resolve) => {
        this.onStopped = resolve;
      });
      socket.close('local', SHUTTING_DOWN);
      await closed;
    }
    this.setState({ state: 'stopped' });
  }

  // --- commands ---------------------------------------------------------------------------------------------

  async answer(uuid: ChannelId): Promise<void> {
    await answerChannel(this.ready(), uuid);
  }

  async ringing(uuid: ChannelId): Promise<void> {
    await ringChannel(this.ready(), uuid);
  }

  async hangup(uuid: ChannelId, cause: HangupCause = 'NORMAL_CLEARING'): Promise<void> {
    await hangUpChannel(this.ready(), uuid, cause);
  }

  async setVariables(uuid: ChannelId, variables: Readonly<Record<string, string | null>>): Promise<void> {
    await setChannelVariables(this.ready(), uuid, variables);
  }

  async originate(request: OriginateRequest): Promise<OriginateResult> {
    return originateLeg(this.ready(), request);
  }

  async bridge(a: ChannelId, b: ChannelId): Promise<void> {
    await bridgeChannels(this.ready(), a, b);
  }

  async unbridge(a: ChannelId): Promise<void> {
    await splitBridge(this.ready(), this.book, a);
  }

  async play(uuid: ChannelId, prompts: readonly string[], options: PlayOptions = {}): Promise<PlayResult> {
    return this.media.run(uuid, playback(this.ready(), uuid, prompts, options));
  }

  async collect(uuid: ChannelId, request: CollectRequest): Promise<CollectResult> {
    return this.media.run(uuid, collectDigits(this.ready(), uuid, request));
  }

  async stopMedia(uuid: ChannelId): Promise<void> {
    this.ready();
    await this.media.stop(uuid);
  }

  async clearMedia(uuid: ChannelId): Promise<void> {
    await clearChannel(this.ready(), uuid);
  }

  async sendDigits(uuid: ChannelId, digits: string): Promise<void> {
    await sendKeys(this.ready(), uuid, digits);
  }

  async pickUp(uuid: ChannelId): Promise<void> {
    await askPhoneToAnswer(this.ready(), uuid);
  }

  async startRecording(uuid: ChannelId, path: string): Promise<void> {
    await startRecordingTo(this.ready(), this.book, uuid, path);
  }

  async stopRecording(uuid: ChannelId, path: string): Promise<void> {
    await stopRecordingTo(this.ready(), uuid, path);
  }

  async maskRecording(uuid: ChannelId, path: string, on: boolean): Promise<void> {
    await maskRecordingTo(this.ready(), uuid, path, on);
  }

  async eavesdrop(
    request: OriginateRequest & { readonly target: ChannelId; readonly mode: 'listen' | 'whisper' | 'barge' },
  ): Promise<OriginateResult> {
    return eavesdropOn(this.ready(), request);
  }

  async conference(uuid: ChannelId, room: string): Promise<void> {
    await joinConference(this.ready(), uuid, room);
  }

  async isRegistered(user: string, domain: string): Promise<boolean> {
    return phoneIsRegistered(this.ready(), user, domain);
  }

  async api(command: string): Promise<string> {
    return (await this.ready().api(command)).text;
  }

  forgetReceipt(uuid: ChannelId): void {
    // a receipt that is not forgotten now comes again with the next resync
    if (this.current.state === 'connected') this.link.api(deleteReceipt(uuid)).catch(() => {});
  }

  private ready(): SwitchLink {
    if (this.current.state !== 'connected') throw unreachable('not connected');
    return this.link;
  }

  // --- the connection -----------------------------------------------------------------------------------------

  private async connect(): Promise<void> {
    this.attempt++;
    const { generation } = this;
    const { address, connectTimeoutMs, maxBufferedEvents, log } = this.options;
    let socket: EventSocket | null = null;
    try {
      socket = await EventSocket.connect({ ...address, connectTimeoutMs, maxBufferedEvents, log });
      if (!this.running || this.generation !== generation) return socket.close('local', SHUTTING_DOWN);
      this.attach(socket);
      await socket.subscribe(SUBSCRIPTION);
      await this.enter(socket);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // once attached, the end of the socket leads to the retry
      if (socket) socket.close('error', message);
      else if (this.generation === generation) this.retry(message);
    }
  }

  private attach(socket: EventSocket): void {
    this.socket = socket;
    this.held = [];
    socket.onEvent = (event) => this.receive(event);
    socket.onClose = (reason, detail) => this.lost(socket, reason, detail);
    // it may have closed between the greeting and now
    if (!socket.connected) this.lost(socket, 'peer', 'closed after the greeting');
  }

  /** First resync of a connection: only then is the node connected. */
  private async enter(socket: EventSocket): Promise<void> {
    const [version, core] = await Promise.all([
      this.send((open) => open.api('version')),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: FreeSWITCH fills this in
      this.send((open) => open.api('eval ${core_uuid}')),
    ]);
    const coreUuid = core.text.trim();
    const changed = this.coreUuid !== null && this.coreUuid !== coreUuid;
    const lastAliveAt = changed ? this.heardAt : null;
    const truth = await this.readTruth();
    if (this.socket !== socket) return;
    this.coreUuid = coreUuid;
    this.heardAt = this.timers.now();
    this.attempt = 0;
    this.setState({
      state: 'connected',
      since: this.timers.now(),
      version: version.text.trim(),
      coreUuid,
      emulator: version.text.includes('Jackfield emulator'),
    });
    this.publish({ reason: changed ? 'core-changed' : this.gap, coreUuid, ...truth, lastAliveAt });
    this.gap = 'connected';
    this.planResync(socket);
  }

  private planResync(socket: EventSocket): void {
    this.cancelTimer();
    this.cancelTimer = this.timers.after(this.options.resyncEveryMs ?? 30_000, async () => {
      if (this.socket !== socket) return;
      this.held ??= [];
      try {
        const truth = await this.readTruth();
        if (this.socket !== socket) return;
        this.heardAt = this.timers.now();
        this.publish({ reason: 'periodic', coreUuid: this.coreUuid ?? '', ...truth, lastAliveAt: null });
        this.planResync(socket);
      } catch (error) {
        // a switch that does not answer this does not answer anything: a new connection finds out
        if (socket.connected) socket.close('error', error instanceof Error ? error.message : 'resync failed');
      }
    });
  }

  private async readTruth(): Promise<Pick<Resync, 'channels' | 'receipts'>> {
    const known = new Set([...this.book.ids]);
    const { channels, receipts, receiptsKept } = await readTruth(this.link.api, known);
    if (!receiptsKept && this.current.state !== 'connected') {
      this.log.warn({ node: this.nodeId }, 'mod_hash is not loaded: end times of a gap are lost');
    }
    return { channels, receipts };
  }

  /** Hands out a resync and then what came meanwhile. */
  private publish(resync: Resync): void {
    const gone = this.book.replace(resync.channels);
    this.tell((listener) => listener.onResync(resync));
    const events = this.held ?? [];
    this.held = null;
    for (const event of events) this.deliver(event);
    for (const uuid of gone) this.proofs.channelGone(uuid);
    for (const go of this.afterHold.splice(0)) go();
  }

  private receive(event: SwitchEvent): void {
    if (this.held === null) {
      this.heardAt = this.timers.now();
      this.deliver(event);
      return;
    }
    this.held.push(event);
    if (this.held.length > this.maxHeld) this.socket?.close('overload', 'too many events during a resync');
  }

  private deliver(event: SwitchEvent): void {
    // the key with which a prompt of ours is stopped was pressed by nobody
    if (event.name === 'DTMF' && event.get('DTMF-Digit') === STOP_KEY) return;
    this.book.see(event);
    this.tell((listener) => listener.onEvent(event));
    this.proofs.dispatch(event);
    if (event.name !== 'HEARTBEAT') return;
    const core = event.get('Core-UUID');
    if (core !== null && this.coreUuid !== null && core !== this.coreUuid) {
      this.socket?.close('error', 'another FreeSWITCH answers');
    }
  }

  private lost(socket: EventSocket, reason: CloseReason, detail: string): void {
    if (this.socket !== socket) return;
    this.socket = null;
    this.cancelTimer();
    if (reason === 'overload' || reason === 'killed-listener') this.gap = 'overflow';
    // what came before the end is still true and nobody will send it again
    const rest = this.current.state === 'connected' ? (this.held ?? []) : [];
    this.held = null;
    for (const event of rest) this.deliver(event);
    const error = unreachable(`${reason}: ${detail}`);
    this.media.rejectAll(error);
    this.proofs.rejectAll(error);
    this.book.clear();
    for (const go of this.afterHold.splice(0)) go();
    this.log.warn({ node: this.nodeId, reason, detail }, 'the connection to the switch was lost');
    if (this.running) this.retry(`${reason}: ${detail}`);
    this.onStopped?.();
  }

  private retry(lastError: string): void {
    if (!this.running) return;
    const attempt = this.attempt + 1;
    const random = (this.options.random ?? Math.random)();
    // after an overflow the switch is well: it is us who must catch up at once
    const wait =
      this.gap === 'overflow' && this.attempt === 0 ? 0 : this.backoff(Math.max(1, this.attempt), random);
    const since = this.current.state === 'connecting' ? this.current.since : this.timers.now();
    this.setState({ state: 'connecting', since, attempt, lastError });
    this.cancelTimer();
    this.cancelTimer = this.timers.after(wait, () => void this.connect());
  }

  private backoff(attempt: number, random: number): number {
    return backoffMs(attempt, this.options.backoff ?? DEFAULT_BACKOFF, random);
  }

  // --- sending ------------------------------------------------------------------------------------------------

  private async send(command: (socket: EventSocket) => Promise<Reply>): Promise<Reply> {
    const { socket } = this;
    if (!socket) throw unreachable('not connected');
    const timeoutMs = this.options.replyTimeoutMs ?? 10_000;
    return new Promise<Reply>((resolve, reject) => {
      const cancel = this.timers.after(timeoutMs, () => {
        reject(new JackfieldError('SWITCH_TIMEOUT', undefined, { details: { timeoutMs } }));
        // replies come in order: one that is missing holds up all others
        socket.close('error', `no reply within ${timeoutMs} ms`);
      });
      command(socket).then(
        (reply) => {
          cancel();
          resolve(reply);
        },
        (error: JackfieldError) => {
          cancel();
          reject(error.code === 'SWITCH_OVERLOAD' ? unreachable('overload') : error);
        },
      );
    });
  }

  private async runJob(command: string): Promise<string> {
    const { socket } = this;
    if (!socket) throw unreachable('not connected');
    const text = await socket.bgapi(command, randomUUID()).catch((error: JackfieldError) => {
      throw error.code === 'SWITCH_OVERLOAD' ? unreachable('overload') : error;
    });
    if (this.held !== null) await new Promise<void>((resolve) => this.afterHold.push(resolve));
    return text;
  }

  private setState(state: SwitchState): void {
    this.current = state;
    this.tell((listener) => listener.onState(state));
  }

  private tell(work: (listener: SwitchListener) => void): void {
    for (const listener of [...this.listeners]) {
      try {
        work(listener);
      } catch (error) {
        this.log.error({ err: error, node: this.nodeId }, 'a listener of the switch threw');
      }
    }
  }
}

function unreachable(why: string): JackfieldError {
  return new JackfieldError('SWITCH_UNREACHABLE', undefined, { details: { why } });
}
