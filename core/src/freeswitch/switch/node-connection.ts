import { randomUUID } from 'node:crypto';
import { JackfieldError } from '../../errors/index.ts';
import { type CloseReason, EventSocket, type Reply } from '../event-socket/event-socket.ts';
import type { Log } from '../event-socket/log.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import type { SwitchState } from './contract.ts';
import { SUBSCRIPTION } from './subscriptions.ts';
import type { Timers } from './timers.ts';
import type { SwitchAddress } from './url.ts';

export interface NodeConnectionOptions {
  readonly nodeId: string;
  readonly address: SwitchAddress;
  /** From 0 to below 1, for the jitter of the back-off. */
  readonly random?: () => number;
  readonly backoff?: BackoffOptions;
  /** How long FreeSWITCH may take to answer a command before the connection counts as dead. Default 10,000. */
  readonly replyTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly maxBufferedEvents?: number;
}

/** Why the node was not connected before: nothing of what was said meanwhile is known in either case. */
export type Gap = 'connected' | 'overflow';

/** Who lives on the connection; told in this order: `attached`, `received` …, `lost`. */
export interface ConnectionUser {
  /** A socket is there; events may come from now on. */
  attached(): void;
  received(event: SwitchEvent): void;
  /**
   * Commands can be sent. Calls `connected` when the truth has been read; if it rejects instead, the connection is
   * closed and tried again.
   */
  enter(socket: EventSocket, gap: Gap): Promise<void>;
  /** After the last event. */
  lost(error: JackfieldError): void;
  stateChanged(state: SwitchState): void;
}

const DEFAULT_BACKOFF: BackoffOptions = { firstMs: 500, maxMs: 10_000 };
const SHUTTING_DOWN = 'stop() was called';

/** The life of a node's connection: it is opened, lost, and opened again after a pause, until it is stopped. */
export class NodeConnection {
  private readonly options: NodeConnectionOptions;
  private readonly log: Log;
  private readonly timers: Timers;
  private readonly user: ConnectionUser;

  private current: SwitchState = { state: 'stopped' };
  private running = false;
  /** Counts starts, so that a connection begun before a stop does not come back after it. */
  private generation = 0;
  private socket: EventSocket | null = null;
  private attempt = 0;
  private gap: Gap = 'connected';
  private cancelRetry: () => void = () => {};
  private onStopped: (() => void) | null = null;

  constructor(options: NodeConnectionOptions, log: Log, timers: Timers, user: ConnectionUser) {
    this.options = options;
    this.log = log;
    this.timers = timers;
    this.user = user;
  }

  get state(): SwitchState {
    return this.current;
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
    this.cancelRetry();
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

  /** Whether this is still the socket of the connection. */
  isOn(socket: EventSocket): boolean {
    return this.socket === socket;
  }

  /** The user has entered. */
  connected(version: string, coreUuid: string): void {
    this.attempt = 0;
    this.gap = 'connected';
    this.setState({
      state: 'connected',
      since: this.timers.now(),
      version,
      coreUuid,
      emulator: version.includes('Jackfield emulator'),
    });
  }

  /** Gives the connection up; it is tried again. */
  drop(reason: CloseReason, detail: string): void {
    this.socket?.close(reason, detail);
  }

  async send(command: (socket: EventSocket) => Promise<Reply>): Promise<Reply> {
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
          reject(asUnreachable(error));
        },
      );
    });
  }

  /** Result of a background job; takes as long as the job does. */
  async job(command: string): Promise<string> {
    const { socket } = this;
    if (!socket) throw unreachable('not connected');
    return socket.bgapi(command, randomUUID()).catch((error: JackfieldError) => {
      throw asUnreachable(error);
    });
  }

  private async connect(): Promise<void> {
    this.attempt++;
    const { generation } = this;
    const { address, connectTimeoutMs, maxBufferedEvents } = this.options;
    let socket: EventSocket | null = null;
    try {
      socket = await EventSocket.connect({ ...address, connectTimeoutMs, maxBufferedEvents, log: this.log });
      if (!this.running || this.generation !== generation) return socket.close('local', SHUTTING_DOWN);
      this.attach(socket);
      await socket.subscribe(SUBSCRIPTION);
      await this.user.enter(socket, this.gap);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // once attached, the end of the socket leads to the retry
      if (socket) socket.close('error', message);
      else if (this.generation === generation) this.retry(message);
    }
  }

  private attach(socket: EventSocket): void {
    this.socket = socket;
    this.user.attached();
    socket.onEvent = (event) => this.user.received(event);
    socket.onClose = (reason, detail) => this.lost(socket, reason, detail);
    // it may have closed between the greeting and now
    if (!socket.connected) this.lost(socket, 'peer', 'closed after the greeting');
  }

  private lost(socket: EventSocket, reason: CloseReason, detail: string): void {
    if (this.socket !== socket) return;
    this.socket = null;
    if (reason === 'overload' || reason === 'killed-listener') this.gap = 'overflow';
    this.user.lost(unreachable(`${reason}: ${detail}`));
    this.log.warn({ node: this.options.nodeId, reason, detail }, 'the connection to the switch was lost');
    if (this.running) this.retry(`${reason}: ${detail}`);
    this.onStopped?.();
  }

  private retry(lastError: string): void {
    if (!this.running) return;
    const attempt = this.attempt + 1;
    const since = this.current.state === 'connecting' ? this.current.since : this.timers.now();
    const wait = this.pause();
    this.setState({ state: 'connecting', since, attempt, lastError });
    this.cancelRetry();
    this.cancelRetry = this.timers.after(wait, () => void this.connect());
  }

  private pause(): number {
    // after an overflow the switch is well: it is us who must catch up at once
    if (this.gap === 'overflow' && this.attempt === 0) return 0;
    const { backoff = DEFAULT_BACKOFF, random = Math.random } = this.options;
    return backoffMs(Math.max(1, this.attempt), backoff, random());
  }

  private setState(state: SwitchState): void {
    this.current = state;
    this.user.stateChanged(state);
  }
}

export function unreachable(why: string): JackfieldError {
  return new JackfieldError('SWITCH_UNREACHABLE', undefined, { details: { why } });
}

/** To whoever sent a command an overflow is a lost connection like any other. */
function asUnreachable(error: JackfieldError): JackfieldError {
  return error.code === 'SWITCH_OVERLOAD' ? unreachable('overload') : error;
}
