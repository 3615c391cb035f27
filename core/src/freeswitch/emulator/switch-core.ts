/** What all channels, commands and connections share: the process that FreeSWITCH would be. */
import { randomUUID } from 'node:crypto';
import type { ApiRegistry } from './api.ts';
import type { ApplicationRegistry } from './application.ts';
import type { Channel } from './channel.ts';
import { ChannelTable } from './channel-table.ts';
import { type Clock, stepTimeUs } from './clock.ts';
import type { Conference } from './conference.ts';
import type { Connection } from './connection.ts';
import type { Dialplan } from './dialplan.ts';
import { EventMessage, type Header } from './event-message.ts';
import { originOf } from './event-origin.ts';
import type { MediaLibrary } from './media.ts';
import type { Phones } from './phones.ts';
import type { RecordingFiles } from './recorder.ts';
import type { Scheduler } from './scheduler.ts';
import type { DialOut } from './tcp.ts';
import type { Trunk } from './trunk.ts';

export interface Identity {
  readonly coreUuid: string;
  readonly hostname: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** `FreeSWITCH-Version` of HEARTBEAT and the text of `api version`. */
  readonly version: string;
}

export interface CoreOptions {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly media: MediaLibrary;
  readonly recordings: RecordingFiles;
  readonly dialplan: Dialplan;
  /** How long a channel takes to notice a command: FreeSWITCH's media tick. 0 for "at once". */
  readonly tickMs: number;
  /** Domain of user names written without one. */
  readonly domain: string;
  /** For the `socket` application. */
  readonly dialOut: DialOut;
  /** Called by `fsctl shutdown`. */
  onShutdown(now: boolean): void;
}

export type EventSink = (event: EventMessage) => void;
export type LogSink = (level: number, line: string) => void;

export class SwitchCore {
  readonly clock: Clock;
  readonly options: CoreOptions;
  readonly identity: Identity;
  readonly startedUs: number;
  /** In the order in which they were created, which is the order of `show channels`. */
  readonly channels = new Map<string, Channel>();
  readonly globals = new Map<string, string>();
  readonly table: ChannelTable;
  readonly hash = new Map<string, string>();
  /** Clients of the event socket, whoever connected to whom. */
  readonly connections = new Set<Connection>();
  readonly conferences = new Map<string, Conference>();
  // set once by the facade, which builds the parts that need the core
  phones!: Phones;
  trunk!: Trunk;
  scheduler!: Scheduler;
  apis!: ApiRegistry;
  applications!: ApplicationRegistry;

  sessionCount = 0;
  peakSessions = 0;
  sessionsPerSecond = 30;
  paused = false;
  shuttingDown = false;
  #sequence: number;
  readonly #sinks = new Set<EventSink>();

  constructor(options: CoreOptions) {
    this.options = options;
    this.clock = options.clock;
    this.identity = options.identity;
    this.startedUs = options.clock.nowUs();
    this.table = new ChannelTable(options.identity.hostname);
    this.#sequence = 500;
    this.globals.set('hostname', options.identity.hostname);
    this.globals.set('core_uuid', options.identity.coreUuid);
    this.globals.set('domain', options.domain);
    this.globals.set('local_ip_v4', options.identity.ipv4);
    this.globals.set('switchname', options.identity.hostname);
  }

  readonly #logSinks = new Set<LogSink>();

  listenLog(sink: LogSink): () => void {
    this.#logSinks.add(sink);
    return () => this.#logSinks.delete(sink);
  }

  /** One line of the log: `2026-11-20 08:39:32.220171 98.10% [ERR] mod_commands.c:7247 text`. */
  log(level: number, text: string): void {
    const us = this.now();
    const name = ['CONSOLE', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'][level] ?? 'INFO';
    const micros = String(us % 1e6).padStart(6, '0');
    const line = `${localStamp(us)}.${micros} 98.10% [${name}] mod_commands.c:7247 ${text}`;
    for (const sink of this.#logSinks) sink(level, line);
  }

  listen(sink: EventSink): () => void {
    this.#sinks.add(sink);
    return () => this.#sinks.delete(sink);
  }

  newUuid(): string {
    return randomUUID();
  }

  /** A number that no event will carry: gaps are normal in FreeSWITCH. */
  skipSequence(): void {
    this.#sequence++;
  }

  now(): number {
    return stepTimeUs(this.clock);
  }

  /** Puts the headers that every event begins with (or, for some, has in the middle) onto `event`. */
  stamp(event: EventMessage): void {
    const us = this.now();
    const [file, func, line] = originOf(event);
    const id = this.identity;
    event
      .add('Event-Name', event.name)
      .add('Core-UUID', id.coreUuid)
      .add('FreeSWITCH-Hostname', id.hostname)
      .add('FreeSWITCH-Switchname', id.hostname)
      .add('FreeSWITCH-IPv4', id.ipv4)
      .add('FreeSWITCH-IPv6', id.ipv6)
      .add('Event-Date-Local', localStamp(us))
      .add('Event-Date-GMT', gmtStamp(us))
      .add('Event-Date-Timestamp', us)
      .add('Event-Calling-File', file)
      .add('Event-Calling-Function', func)
      .add('Event-Calling-Line-Number', line)
      .add('Event-Sequence', ++this.#sequence);
  }

  /** A new event with its first headers. CUSTOM events begin with their subclass. */
  event(name: string, subclass: string | null = null): EventMessage {
    const event = new EventMessage(name, subclass);
    if (subclass !== null) event.add('Event-Subclass', subclass);
    this.stamp(event);
    return event;
  }

  publish(event: EventMessage): void {
    this.table.take(event);
    for (const sink of this.#sinks) sink(event);
  }

  fire(name: string, headers: readonly Header[] = [], body: string | null = null): void {
    const event = this.event(name);
    for (const [key, value] of headers) event.add(key, value);
    event.body = body;
    this.publish(event);
  }

  fireCustom(subclass: string, headers: readonly Header[]): void {
    const event = this.event('CUSTOM', subclass);
    for (const [key, value] of headers) event.add(key, value);
    this.publish(event);
  }

  /** `API` events: every api command of every connection, also those FreeSWITCH runs itself. */
  fireApi(command: string, argument: string): void {
    const headers: Header[] = [['API-Command', command]];
    if (argument !== '') headers.push(['API-Command-Argument', argument]);
    this.fire('API', headers);
  }
}

/** `2026-11-20 08:46:59`, in the zone of the machine. */
export function localStamp(us: number): string {
  const d = new Date(us / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

function gmtStamp(us: number): string {
  return new Date(us / 1000).toUTCString();
}
