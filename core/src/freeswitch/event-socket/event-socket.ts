import { JackfieldError } from '../../errors/index.ts';
import { endsWithNotice, type Farewell, isTorn, noticeIn, readNotice } from './farewell.ts';
import { type Frame, FrameError, headerOf } from './frame-parser.ts';
import { FrameQueue } from './frame-queue.ts';
import { type Log, silentLog } from './log.ts';
import { ModeslConnection } from './modesl-connection.ts';
import { PlainEvent } from './plain-event.ts';
import type { SwitchEvent } from './switch-event.ts';

/**
 * Why a connection ended: `peer` FreeSWITCH closed it · `shutdown` it is shutting down · `killed-listener` it threw
 * us out because we read too slowly · `overload` our own queue was full · `error` the network or the byte stream
 * broke · `local` we closed it.
 */
export type CloseReason = 'peer' | 'overload' | 'killed-listener' | 'shutdown' | 'error' | 'local';

export interface EventSocketOptions {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** From the first packet to the accepted password, milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Frames that may wait in memory before the connection is given up. Default 20,000 (some 160 MB at worst). */
  readonly maxBufferedEvents?: number;
  readonly log?: Log;
}

/** Answer to one command. */
export interface Reply {
  /** `Reply-Text` of a command/reply, the body of an api/response. */
  readonly text: string;
  /** The body as bytes, for `uuid_dump`. Null for a command/reply. */
  readonly bytes: Buffer | null;
  /** Whether the text does not begin with `-`. Not all apis keep to that: see the traces. */
  readonly ok: boolean;
}

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: JackfieldError) => void;
}

/**
 * One authenticated connection to the event socket, in `plain` format.
 *
 * The socket is drained into memory as fast as it delivers, because FreeSWITCH stops ALL its event connections
 * while one is full. Behind it a bounded queue is worked off in batches, events and replies in the order in which
 * they came. When the queue is full the connection is closed with reason `overload`: no event is left out of the
 * middle, and whoever listens re-reads the truth.
 */
export class EventSocket {
  /**
   * Connects and authenticates.
   * @throws JackfieldError SWITCH_UNREACHABLE (refused, timed out, closed), SWITCH_AUTH_FAILED (wrong password, or
   *   our address is not in FreeSWITCH's access list)
   */
  static connect(options: EventSocketOptions): Promise<EventSocket> {
    const socket = new EventSocket(options);
    return socket.open(options);
  }

  /** Called for each event, in order. A BACKGROUND_JOB comes here before the promise of its job settles. */
  onEvent: (event: SwitchEvent) => void = () => {};
  /** Called once, after the last event. */
  onClose: (reason: CloseReason, detail: string) => void = () => {};

  private readonly connection: ModeslConnection;
  private readonly log: Log;
  private readonly maxBuffered: number;
  private readonly pending: Pending[] = [];
  private readonly jobs = new Map<string, Pending>();
  private readonly queue = new FrameQueue(
    (frame) => this.handle(frame),
    () => this.settleEnd(),
  );
  private ended: { reason: CloseReason; detail: string } | null = null;
  private closed = false;
  private notice: Farewell | null = null;
  private broken: string | null = null;
  private greet: { accept: () => void; refuse: (error: JackfieldError) => void } | null = null;

  private constructor(options: EventSocketOptions) {
    this.log = options.log ?? silentLog;
    this.maxBuffered = options.maxBufferedEvents ?? 20_000;
    this.connection = new ModeslConnection(options.host, options.port, options.password);
    this.connection.tap = (frame) => {
      this.receive(frame);
      return true;
    };
    this.connection.on('error', (error: Error) => {
      this.broken = error.message;
      if (error instanceof FrameError) this.end('error', error.message);
    });
    this.connection.on('esl::end', () => this.onEnd());
  }

  private open(options: EventSocketOptions): Promise<EventSocket> {
    const { host, port } = options;
    const timeoutMs = options.connectTimeoutMs ?? 5_000;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => refuse(unreachable(`no greeting within ${timeoutMs} ms`)), timeoutMs);
      const unreachable = (why: string): JackfieldError =>
        new JackfieldError('SWITCH_UNREACHABLE', undefined, { details: { host, port, why } });
      const refuse = (error: JackfieldError): void => {
        clearTimeout(timer);
        this.greet = null;
        reject(error);
        this.end('local', 'not connected');
      };
      const accept = (): void => {
        clearTimeout(timer);
        this.greet = null;
        this.connection.socket?.setKeepAlive(true, 15_000);
        resolve(this);
      };
      this.greet = { accept, refuse };
      this.onClose = (_, detail) => this.greet?.refuse(unreachable(detail));
    });
  }

  /** Whether commands can still be sent. */
  get connected(): boolean {
    return this.ended === null;
  }

  /** Frames received and not handled yet. */
  get buffered(): number {
    return this.queue.length;
  }

  /**
   * Sends one command and waits for its answer; answers carry no id and come in the order of the commands.
   * @throws JackfieldError SWITCH_UNREACHABLE if the connection is or gets lost, BAD_REQUEST for a line break
   *   inside the command or a header, which would be a second command
   */
  command(line: string, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Reply> {
    const broken = [line, ...Object.keys(headers), ...Object.values(headers)].find((text) =>
      /[\r\n\0]/.test(text),
    );
    if (broken !== undefined || line.trim() === '') {
      const details = { command: line.split(/[\r\n\0]/, 1)[0]?.slice(0, 80) };
      return Promise.reject(
        new JackfieldError('BAD_REQUEST', 'A switch command must be one line.', { details }),
      );
    }
    if (this.ended) return Promise.reject(lost(this.ended));
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject });
      this.connection.send(line, headers, body);
    });
  }

  /** `api <command>`: runs in the connection's own thread, so only what takes no time. */
  api(command: string): Promise<Reply> {
    return this.command(`api ${command}`);
  }

  /**
   * `bgapi <command>` under an id of ours, registered before it is sent; resolves with the body of the
   * BACKGROUND_JOB, which must be subscribed to.
   * @throws JackfieldError SWITCH_UNREACHABLE; SWITCH_COMMAND_FAILED if the command was not taken
   */
  async bgapi(command: string, jobId: string): Promise<string> {
    const result = new Promise<Reply>((resolve, reject) => this.jobs.set(jobId, { resolve, reject }));
    result.catch(() => {}); // it is awaited below, or the reply has failed before
    try {
      const reply = await this.command(`bgapi ${command}`, { 'Job-UUID': jobId });
      if (!reply.ok)
        throw new JackfieldError('SWITCH_COMMAND_FAILED', undefined, { details: { reply: reply.text } });
      return (await result).text;
    } finally {
      this.jobs.delete(jobId);
    }
  }

  /** `sendmsg`: `+OK` only says that the message was queued on the channel. */
  sendmsg(uuid: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Reply> {
    return this.command(`sendmsg ${uuid}`, headers, body);
  }

  /**
   * Subscribes, in plain format. Subclasses of CUSTOM stand behind `CUSTOM`, at the end.
   * @throws JackfieldError SWITCH_COMMAND_FAILED if FreeSWITCH does not know one of the names
   */
  async subscribe(names: readonly string[]): Promise<void> {
    const reply = await this.command(`event plain ${names.join(' ')}`);
    if (!reply.ok)
      throw new JackfieldError('SWITCH_COMMAND_FAILED', undefined, { details: { reply: reply.text } });
  }

  /** Closes at once. What was received before is still delivered, then `onClose`. */
  close(reason: CloseReason = 'local', detail = 'closed by Jackfield'): void {
    this.end(reason, detail);
  }

  private receive(frame: Frame): void {
    if (this.ended) return;
    switch (frame.contentType) {
      case 'auth/request':
        this.authenticate();
        return;
      case 'text/rude-rejection':
        this.greet?.refuse(
          new JackfieldError('SWITCH_AUTH_FAILED', 'The phone switch does not accept our address.'),
        );
        return;
      case 'text/disconnect-notice':
        this.notice = readNotice(frame) ?? this.notice;
        return;
      case 'text/event-plain':
        if (isTorn(frame.body)) {
          this.end(endsWithNotice(frame.body) ? 'killed-listener' : 'error', 'an event was cut short');
          return;
        }
    }
    this.queue.push(frame);
    if (this.buffered > this.maxBuffered) {
      this.end('overload', `more than ${this.maxBuffered} events were waiting`);
      return;
    }
    this.queue.wake();
  }

  private handle(frame: Frame): void {
    switch (frame.contentType) {
      case 'text/event-plain':
        if (frame.body) this.handleEvent(new PlainEvent(frame.body));
        return;
      case 'command/reply':
      case 'api/response': {
        const bytes = frame.contentType === 'api/response' ? (frame.body ?? Buffer.alloc(0)) : null;
        const head = frame.head.toString('utf8');
        const text = bytes ? bytes.toString('utf8') : (headerOf(head, 'Reply-Text') ?? '');
        const waiting = this.pending.shift();
        if (waiting) waiting.resolve({ text, bytes, ok: !text.startsWith('-') });
        else this.log.warn({ reply: text.slice(0, 80) }, 'a reply came that nobody waits for');
        return;
      }
      default:
        this.log.debug({ contentType: frame.contentType }, 'a frame of a kind that is not used');
    }
  }

  private handleEvent(event: PlainEvent): void {
    try {
      this.onEvent(event);
    } catch (error) {
      this.log.error({ err: error, event: event.name }, 'the event listener threw');
    }
    if (event.name !== 'BACKGROUND_JOB') return;
    const text = event.body ?? '';
    this.jobs.get(event.get('Job-UUID') ?? '')?.resolve({ text, bytes: null, ok: !text.startsWith('-') });
  }

  private authenticate(): void {
    const { password } = this.connection;
    this.command(`auth ${password}`).then(
      (reply) => {
        if (reply.ok) this.greet?.accept();
        else this.greet?.refuse(new JackfieldError('SWITCH_AUTH_FAILED'));
      },
      (error: JackfieldError) => this.greet?.refuse(error),
    );
  }

  /** The other side has closed. */
  private onEnd(): void {
    const said = noticeIn(this.connection.frames?.remainder);
    if (said) this.end('killed-listener', said);
    else if (this.notice) this.end(this.notice, 'disconnect notice');
    else if (this.broken) this.end('error', this.broken);
    else this.end('peer', 'closed by the switch');
  }

  private end(reason: CloseReason, detail: string): void {
    if (this.ended) return;
    this.ended = { reason, detail };
    this.connection.socket?.destroy();
    this.queue.wake(); // what is queued first, then the end
  }

  private settleEnd(): void {
    if (!this.ended || this.closed) return;
    this.closed = true;
    const error = lost(this.ended);
    for (const waiting of this.pending.splice(0)) waiting.reject(error);
    for (const waiting of this.jobs.values()) waiting.reject(error);
    this.onClose(this.ended.reason, this.ended.detail);
  }
}

function lost(end: { reason: CloseReason; detail: string }): JackfieldError {
  const code = end.reason === 'overload' ? 'SWITCH_OVERLOAD' : 'SWITCH_UNREACHABLE';
  return new JackfieldError(code, undefined, { details: { reason: end.reason, why: end.detail } });
}
