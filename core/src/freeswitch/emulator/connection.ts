/** One client of the event socket: commands in order, replies in order, events in between. */
import { timingSafeEqual } from 'node:crypto';
import type { Timer } from './clock.ts';
import { type ClientCommand, CommandReader } from './command-reader.ts';
import { findChannel } from './commands/find.ts';
import { apiFrame, disconnectFrame, eventFrame, replyFrame } from './encode.ts';
import { EventMessage, type Header } from './event-message.ts';
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

export interface EslUser {
  readonly password: string;
  readonly allowedEvents: readonly string[];
  readonly allowedApi: readonly string[];
}

export interface ConnectionOptions {
  readonly password: string;
  /** For `userauth user@domain:password`. */
  readonly users: ReadonlyMap<string, EslUser>;
}

const AUTH_TIMEOUT_MS = 25_000;
const GOODBYE = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
/** As FreeSWITCH's queue: then 500 more are dropped, and the listener is killed. */
const MAX_QUEUED_EVENTS = 100_000;
/** FreeSWITCH has no such limit; a server in the same process must not be pulled down by a slow reader. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const MAX_LOST_EVENTS = 500;
/** Beyond this, events wait in the queue instead of in the socket. */
const HIGH_WATER_BYTES = 1024 * 1024;
const COMPACT_AFTER = 4096;

export class Connection {
  readonly #core: SwitchCore;
  readonly #transport: Transport;
  readonly #options: ConnectionOptions;
  readonly #reader = new CommandReader();
  readonly #commands: ClientCommand[] = [];
  readonly #subscription = new Subscription();
  #frames: (Buffer | null)[] = [];
  #firstFrame = 0;
  #queuedBytes = 0;
  #lost = 0;
  #busy = false;
  #authenticated = false;
  #user: EslUser | null = null;
  #closed = false;
  #flushing = false;
  #logLevel = -1;
  readonly #authTimer: Timer;
  readonly #unlisten: () => void;
  readonly #unlistenLog: () => void;
  readonly onClosed: () => void;

  constructor(core: SwitchCore, transport: Transport, options: ConnectionOptions, onClosed: () => void) {
    this.#core = core;
    this.#transport = transport;
    this.#options = options;
    this.onClosed = onClosed;
    this.#unlisten = core.listen((event) => this.#onEvent(event));
    this.#unlistenLog = core.listenLog((level, text) => this.#log(level, text));
    transport.write('Content-Type: auth/request\n\n');
    this.#authTimer = core.clock.after(AUTH_TIMEOUT_MS, () => {
      if (!this.#authenticated) this.close(GOODBYE);
    });
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
    this.#transport.write(disconnectFrame(notice));
    this.#transport.end();
    this.gone();
  }

  /** Closes at once, as `fsctl shutdown now` does. */
  abort(): void {
    this.#transport.destroy();
    this.gone();
  }

  /** The client is away. Calls and what runs on them go on. */
  gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#authTimer.cancel();
    this.#unlisten();
    this.#unlistenLog();
    this.#frames = [];
    this.#firstFrame = 0;
    this.#queuedBytes = 0;
    this.onClosed();
  }

  // --- events

  #onEvent(event: EventMessage): void {
    if (!this.#authenticated || !this.#subscription.wants(event)) return;
    if (this.queuedEvents >= MAX_QUEUED_EVENTS || this.#queuedBytes >= MAX_QUEUED_BYTES) {
      if (++this.#lost <= MAX_LOST_EVENTS) return;
      this.#transport.write('killed listener because of lost events\n');
      this.abort();
      return;
    }
    const frame = eventFrame(event, this.#subscription.format);
    this.#frames.push(frame);
    this.#queuedBytes += frame.length;
    this.#flushSoon();
  }

  /** Events wait until the command at hand is answered: one thread does both (trace 01). */
  #flushSoon(): void {
    if (this.#flushing || this.#closed) return;
    this.#flushing = true;
    this.#core.clock.soon(() => {
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
  }

  // --- commands

  #work(): void {
    while (!this.#busy && !this.#closed) {
      const command = this.#commands.shift();
      if (!command) return;
      const waiting = this.#authenticated ? this.#execute(command) : this.#authenticate(command);
      if (waiting) {
        this.#busy = true;
        void waiting.then(() => {
          this.#busy = false;
          this.#work();
          this.#flushSoon();
        });
      }
    }
  }

  #reply(text: string, headers: readonly Header[] = []): undefined {
    if (!this.#closed) this.#transport.write(replyFrame(text, headers));
    return undefined;
  }

  #authenticate(command: ClientCommand): undefined {
    const [verb = '', ...rest] = command.line.split(' ');
    const argument = rest.join(' ');
    if (verb === 'exit' || verb === '...') return this.#exit();
    if (verb === 'auth') {
      if (!same(argument, this.#options.password)) return this.#refuse();
      this.#authenticated = true;
      return this.#reply('+OK accepted');
    }
    if (verb === 'userauth') {
      const colon = argument.lastIndexOf(':');
      const user = this.#options.users.get(argument.slice(0, colon));
      if (!user || !same(argument.slice(colon + 1), user.password)) return this.#refuse();
      this.#authenticated = true;
      this.#user = user;
      return this.#reply('+OK accepted', [
        ['Allowed-Events', user.allowedEvents.join(',')],
        ['Allowed-API', user.allowedApi.join(',')],
        ['Allowed-LOG', 'true'],
      ]);
    }
    return this.#reply('-ERR command not found');
  }

  #refuse(): undefined {
    this.#reply('-ERR invalid');
    this.close(GOODBYE);
    return undefined;
  }

  #exit(): undefined {
    this.#reply('+OK bye');
    this.close(GOODBYE);
    return undefined;
  }

  /** @returns a promise when the command takes time, in which this connection does nothing else */
  #execute(command: ClientCommand): Promise<void> | undefined {
    const space = command.line.indexOf(' ');
    const verb = (space < 0 ? command.line : command.line.slice(0, space)).toLowerCase();
    const argument = space < 0 ? '' : command.line.slice(space + 1);
    switch (verb) {
      case 'api':
        return this.#api(space < 0 ? null : argument);
      case 'bgapi':
        return this.#bgapi(argument, command);
      case 'sendmsg':
        return this.#sendmsg(argument, command);
      case 'sendevent':
        return this.#sendevent(argument, command);
      case 'event':
        return this.#event(argument);
      case 'nixevent':
        this.#subscription.remove(words(argument));
        return this.#reply('+OK events nixed');
      case 'noevents':
        if (!this.#subscription.active) return this.#reply('-ERR not listening for events');
        this.#subscription.clear();
        return this.#reply('+OK no longer listening for events');
      case 'filter':
        return this.#filter(words(argument));
      case 'log':
        this.#logLevel = Number(argument) || 0;
        return this.#reply(`+OK log level ${argument} [${this.#logLevel}]`);
      case 'nolog':
        if (this.#logLevel < 0) return this.#reply('-ERR not loging');
        this.#logLevel = -1;
        return this.#reply('+OK no longer logging');
      case 'linger':
      case 'nolinger':
        return this.#reply('-ERR not controlling a session');
      case 'divert_events':
        return this.#reply('-ERR not controlling a session.');
      case 'exit':
      case '...':
        return this.#exit();
      default:
        return this.#reply('-ERR command not found');
    }
  }

  #api(line: string | null): Promise<void> | undefined {
    if (line === null) return this.#reply('-ERR command not found');
    const { name, args } = splitApi(line);
    if (!this.#mayCall(name)) return this.#reply('-ERR permission denied');
    const answer = (text: string) => {
      if (this.#closed) return;
      this.#transport.write(apiFrame(text === '' ? '-ERR no reply\n' : text));
    };
    const printed = this.#core.apis.run(name, args);
    if (typeof printed !== 'string') return printed.then(answer);
    answer(printed);
    return undefined;
  }

  /** Log lines come as frames of their own, not as events. */
  #log(level: number, text: string): void {
    if (this.#logLevel < level || this.#closed) return;
    this.#core.clock.soon(() => {
      if (this.#closed) return;
      const body = `${text}\n`;
      this.#transport.write(
        `Content-Type: log/data\nContent-Length: ${Buffer.byteLength(body)}\nLog-Level: ${level}\nText-Channel: 3\nLog-File: mod_commands.c\nLog-Func: log_function\nLog-Line: 7247\nUser-Data: \n\n${body}`,
      );
    });
  }

  #bgapi(argument: string, command: ClientCommand): undefined {
    if (argument === '') return this.#reply('-ERR command not found');
    const { name, args } = splitApi(argument);
    if (!this.#mayCall(name)) return this.#reply('-ERR permission denied');
    const id = command.headers.find(([key]) => key.toLowerCase() === 'job-uuid')?.[1] ?? this.#core.newUuid();
    this.#reply(`+OK Job-UUID: ${id}`, [['Job-UUID', id]]);
    const done = (text: string) => {
      const headers: Header[] = [
        ['Job-UUID', id],
        ['Job-Command', name],
      ];
      if (args !== '') headers.push(['Job-Command-Arg', args]);
      this.#core.fire('BACKGROUND_JOB', headers, text);
    };
    // a thread of its own: it does not begin before the reply
    this.#core.clock.soon(() => {
      const printed = this.#core.apis.run(name, args);
      if (typeof printed === 'string') done(printed);
      else void printed.then(done);
    });
    return undefined;
  }

  #sendmsg(argument: string, command: ClientCommand): undefined {
    const uuid = argument.trim();
    const channel = findChannel(this.#core, uuid);
    if (!channel) return this.#reply(`-ERR invalid session id [${uuid}]`);
    this.#reply('+OK');
    channel.queueMessage({ headers: [['Command', command.line], ...command.headers], body: command.body });
    return undefined;
  }

  #sendevent(argument: string, command: ClientCommand): undefined {
    const name = argument.trim().toUpperCase();
    const subclass = command.headers.find(([key]) => key.toLowerCase() === 'event-subclass')?.[1] ?? null;
    const event = new EventMessage(name === '' ? 'MESSAGE' : name, subclass);
    const uuid = this.#core.newUuid();
    // the sender's own headers come first, a Content-Length too, and then that of the body once more
    if (subclass !== null) event.add('Event-Subclass', subclass);
    event.add('Command', command.line);
    for (const [key, value] of command.headers)
      if (key.toLowerCase() !== 'event-subclass') event.add(key, value);
    event.add('Event-UUID', uuid);
    this.#core.stamp(event);
    event.body = command.body;
    this.#reply(`+OK ${uuid}`);
    this.#core.publish(event);
    return undefined;
  }

  #event(argument: string): undefined {
    const list = words(argument);
    const format = list[0]?.toLowerCase();
    const names = format === 'plain' || format === 'json' || format === 'xml' ? list.slice(1) : list;
    if (names.length === 0) return this.#reply('-ERR no keywords supplied');
    if (this.#user && !names.every((name) => this.#user?.allowedEvents.includes(name.toUpperCase()))) {
      return this.#reply('-ERR permission denied');
    }
    if (!this.#subscription.add(names)) return this.#reply('-ERR no keywords supplied');
    // the format is the connection's: it changes what was subscribed before, too
    this.#subscription.format = format === 'json' || format === 'xml' ? format : 'plain';
    return this.#reply(`+OK event listener enabled ${this.#subscription.format}`);
  }

  #filter(list: readonly string[]): undefined {
    if (list[0] === 'delete') {
      const [, header = '', ...value] = list;
      if (header === '') return this.#reply('-ERR invalid syntax');
      this.#subscription.removeFilter(header, value.length > 0 ? value.join(' ') : null);
      return this.#reply(`+OK filter deleted. [${header}][${value.join(' ')}]`);
    }
    const [header, ...value] = list[0] === 'add' ? list.slice(1) : list;
    if (header === undefined || value.length === 0) return this.#reply('-ERR invalid syntax');
    this.#subscription.addFilter(header, value.join(' '));
    return this.#reply(`+OK filter added. [${header}]=[${value.join(' ')}]`);
  }

  #mayCall(name: string): boolean {
    return this.#user === null || this.#user.allowedApi.includes(name);
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Two blanks after `api` make a command with an empty name. */
function splitApi(line: string): { name: string; args: string } {
  const space = line.indexOf(' ');
  return space < 0 ? { name: line, args: '' } : { name: line.slice(0, space), args: line.slice(space + 1) };
}

function same(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
