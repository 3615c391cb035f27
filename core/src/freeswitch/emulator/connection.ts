/** One client of the event socket: commands in order, replies in order, events in between. */
import { clockSecondsMs, type Timer } from './clock.ts';
import { type ClientCommand, CommandReader } from './command-reader.ts';
import { disconnectFrame, eventFrame, replyFrame } from './encode.ts';
import type { EventMessage, Header } from './event-message.ts';
import { Subscription } from './subscription.ts';
import type { SwitchCore } from './switch-core.ts';

/** A socket, or what a test has instead. */
export interface Transport {
  /** @returns false when the client reads too slowly and the transport keeps what is written */
  write(data: Buffer | string): boolean;
  end(): void;
  destroy(): void;
  /** Bytes that were written and not taken yet. */
  readonly pendingBytes: number;
}

/** What differs between a client that came to us (inbound-mode.ts) and an application we went to (outbound-mode.ts). */
export interface ConnectionMode {
  /** The client has said what it must say first. One that does not is sent away after 25 s. */
  readonly accepted: boolean;
  /** In the disconnect notice, between its type and its length. */
  readonly noticeHeaders: readonly Header[];
  /** @returns a promise when the command takes time, in which the connection does nothing else */
  execute(command: ClientCommand): Promise<void> | undefined;
  /** The connection is over, whoever ended it. */
  closed(): void;
}

export const GOODBYE = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
const FIRST_WORDS_SEC = 25;
/** As FreeSWITCH's queue: then 500 more are dropped, and the listener is killed. */
const MAX_QUEUED_EVENTS = 100_000;
/** FreeSWITCH has no such limit; a server in the same process must not be pulled down by a slow reader. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const MAX_LOST_EVENTS = 500;
/** Beyond this, events wait in the queue instead of in the socket. */
const HIGH_WATER_BYTES = 1024 * 1024;
const COMPACT_AFTER = 4096;

export class Connection<Mode extends ConnectionMode = ConnectionMode> {
  readonly core: SwitchCore;
  readonly mode: Mode;
  readonly subscription = new Subscription();
  /** Log lines up to this level are sent; -1 for none. */
  logLevel = -1;
  /** Replies are swallowed, other answers are not. */
  muted = false;
  readonly #transport: Transport;
  readonly #reader = new CommandReader();
  readonly #commands: ClientCommand[] = [];
  #frames: (Buffer | null)[] = [];
  #firstFrame = 0;
  #queuedBytes = 0;
  #lost = 0;
  #busy = false;
  #closed = false;
  #flushing = false;
  #afterEvents: (() => void) | null = null;
  readonly #firstWordsTimer: Timer;
  readonly #unlisten: () => void;
  readonly #unlistenLog: () => void;

  constructor(core: SwitchCore, transport: Transport, mode: (connection: Connection) => Mode) {
    this.core = core;
    this.#transport = transport;
    core.connections.add(this);
    this.#unlisten = core.listen((event) => {
      if (this.subscription.wants(event)) this.send(event);
    });
    this.#unlistenLog = core.listenLog((level, text) => this.#log(level, text));
    this.mode = mode(this);
    this.#firstWordsTimer = core.clock.after(clockSecondsMs(core.clock, FIRST_WORDS_SEC), () => {
      if (!this.mode.accepted) this.close(GOODBYE);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Events that wait to be written. */
  get queuedEvents(): number {
    return this.#frames.length - this.#firstFrame;
  }

  receive(data: Buffer): void {
    if (this.#closed) return;
    const commands = this.#reader.push(data);
    if (!commands) {
      this.abort();
      return;
    }
    this.#commands.push(...commands);
    this.#work();
  }

  /** The transport can take more. */
  drained(): void {
    this.#flushSoon();
  }

  /** Says why, and closes after everything is written. */
  close(notice: string): void {
    if (this.#closed) return;
    this.write(disconnectFrame(notice, this.mode.noticeHeaders));
    this.#transport.end();
    this.gone();
  }

  /** Closes at once, as `fsctl shutdown now` does. */
  abort(): void {
    this.#transport.destroy();
    this.gone();
  }

  /** The client is away. */
  gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#firstWordsTimer.cancel();
    this.#unlisten();
    this.#unlistenLog();
    this.#frames = [];
    this.#firstFrame = 0;
    this.#queuedBytes = 0;
    this.core.connections.delete(this);
    this.mode.closed();
  }

  // --- what is said to the client

  write(frame: string): void {
    if (!this.#closed) this.#transport.write(frame);
  }

  reply(text: string, headers: readonly Header[] = []): undefined {
    if (!this.muted) this.write(replyFrame(text, headers));
    return undefined;
  }

  /** Queues an event, subscribed or not. */
  send(event: EventMessage): void {
    if (this.#closed) return;
    if (this.queuedEvents >= MAX_QUEUED_EVENTS || this.#queuedBytes >= MAX_QUEUED_BYTES) {
      if (++this.#lost <= MAX_LOST_EVENTS) return;
      this.#transport.write('killed listener because of lost events\n');
      this.abort();
      return;
    }
    const frame = eventFrame(event, this.subscription.format);
    this.#frames.push(frame);
    this.#queuedBytes += frame.length;
    this.#flushSoon();
  }

  /** Does this once the command at hand is answered and the events until now are written. */
  afterEvents(fn: () => void): void {
    this.#afterEvents = fn;
    this.#flushSoon();
  }

  /** Events wait until the command at hand is answered: one thread does both (trace 01). */
  #flushSoon(): void {
    if (this.#flushing || this.#closed) return;
    this.#flushing = true;
    this.core.clock.soon(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#busy || this.#closed) return;
    while (this.queuedEvents > 0 && this.#transport.pendingBytes < HIGH_WATER_BYTES) {
      const frame = this.#frames[this.#firstFrame];
      this.#frames[this.#firstFrame++] = null;
      if (!frame) continue;
      this.#queuedBytes -= frame.length;
      this.#transport.write(frame);
    }
    if (this.#firstFrame === this.#frames.length || this.#firstFrame > COMPACT_AFTER) {
      this.#frames = this.#frames.slice(this.#firstFrame);
      this.#firstFrame = 0;
    }
    if (this.queuedEvents > 0) return;
    const after = this.#afterEvents;
    this.#afterEvents = null;
    after?.();
  }

  /** Log lines come as frames of their own, not as events. */
  #log(level: number, text: string): void {
    if (this.logLevel < level || this.#closed) return;
    const body = `${text}\n`;
    this.core.clock.soon(() =>
      this.write(
        `Content-Type: log/data\nContent-Length: ${Buffer.byteLength(body)}\nLog-Level: ${level}\nText-Channel: 3\nLog-File: mod_commands.c\nLog-Func: log_function\nLog-Line: 7247\nUser-Data: \n\n${body}`,
      ),
    );
  }

  // --- what the client says

  #work(): void {
    while (!this.#busy && !this.#closed) {
      const command = this.#commands.shift();
      if (!command) return;
      const waiting = this.#execute(command);
      if (!waiting) continue;
      this.#busy = true;
      void waiting.then(() => {
        this.#busy = false;
        this.#work();
        this.#flushSoon();
      });
    }
  }
  /** `exit` is understood always, before authentication too. */
  #execute(command: ClientCommand): Promise<void> | undefined {
    if (!/^(exit|\.\.\.)/i.test(command.line)) return this.mode.execute(command);
    this.reply('+OK bye');
    this.close(GOODBYE);
    return undefined;
  }
}
