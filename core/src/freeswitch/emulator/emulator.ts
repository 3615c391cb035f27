/**
 * The emulator: a FreeSWITCH without media, spoken to over the Event Socket. Runs inside the server, or as a
 * process of its own (main.ts). What it does as the real one, and what not, is in README.md beside this file.
 */
import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { JackfieldError } from '../../errors/index.ts';
import { allApplications } from './applications/index.ts';
import type { Channel } from './channel.ts';
import { type Clock, realClock, type Timer } from './clock.ts';
import { uptimeText } from './commands/core.ts';
import { allCommands } from './commands/index.ts';
import { Connection, type Transport } from './connection.ts';
import { type Dialplan, parkEverything } from './dialplan.ts';
import type { EventMessage } from './event-message.ts';
import { handset } from './handset.ts';
import { type CustomerCall, customerCalls, phoneCalls } from './inbound.ts';
import { type EslUser, InboundMode } from './inbound-mode.ts';
import { FileMediaLibrary, type MediaLibrary } from './media.ts';
import type { PhoneBehaviour } from './phone.ts';
import { Phones } from './phones.ts';
import { diskRecordings, type RecordingFiles } from './recorder.ts';
import { refer } from './refer.ts';
import { Scheduler } from './scheduler.ts';
import { SwitchCore } from './switch-core.ts';
import { type DialOut, dialTcp, serveSocket } from './tcp.ts';
import { Trunk, type TrunkOptions } from './trunk.ts';

export interface EmulatorOptions {
  /** Password of the event socket. */
  readonly password: string;
  readonly host?: string;
  /** 0, the default, takes a free one: see `port` after `start`. */
  readonly port?: number;
  /** Domain of users that are written without one. */
  readonly domain?: string;
  readonly clock?: Clock;
  /** How long a channel takes to notice a command, in milliseconds. 20 as in FreeSWITCH; 0 for tests in a hurry. */
  readonly tickMs?: number;
  /** Seconds between HEARTBEAT events; 0 for none. */
  readonly heartbeatSec?: number;
  readonly media?: MediaLibrary;
  readonly recordings?: RecordingFiles;
  readonly dialplan?: Dialplan;
  readonly trunk?: TrunkOptions;
  /** Accounts for `userauth`, by `user@domain`. */
  readonly eslUsers?: ReadonlyMap<string, EslUser>;
  readonly hostname?: string;
  /** How the `socket` application reaches its application: over TCP, unless a test has something else. */
  readonly dialOut?: DialOut;
  /** After `fsctl shutdown`, when everything is closed. */
  readonly onShutdown?: () => void;
}

const VERSION = '1.11.2-release+jackfield';
const HEARTBEAT_SEC = 20;
const SHUTDOWN_EVENT_MS = 500;
const SHUTDOWN_CLOSE_MS = 2000;
const SHUTDOWN_NOTICE = 'The system is being shut down.\n';

export class Emulator {
  readonly core: SwitchCore;
  readonly #options: EmulatorOptions;
  #server: Server | null = null;
  #heartbeat: Timer | null = null;

  constructor(options: EmulatorOptions) {
    this.#options = options;
    const core = new SwitchCore({
      clock: options.clock ?? realClock,
      identity: {
        coreUuid: randomUUID(),
        hostname: options.hostname ?? 'jackfield-emulator',
        ipv4: '127.0.0.1',
        ipv6: '::1',
        version: VERSION,
      },
      media: options.media ?? new FileMediaLibrary(),
      recordings: options.recordings ?? diskRecordings(),
      dialplan: options.dialplan ?? parkEverything,
      tickMs: options.tickMs ?? 20,
      domain: options.domain ?? 'jackfield.local',
      dialOut: options.dialOut ?? dialTcp,
      onShutdown: (now) => this.#shutdown(now),
    });
    core.phones = new Phones(core);
    core.trunk = new Trunk(options.trunk);
    core.scheduler = new Scheduler(core);
    core.applications = allApplications();
    core.apis = allCommands(core);
    this.core = core;
  }

  /** Port that is listened on; 0 before `start`. */
  get port(): number {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address?.port ?? 0;
  }

  /** Where a client connects to, after `start`. */
  get address(): { readonly host: string; readonly port: number; readonly password: string } {
    return { host: this.#options.host ?? '127.0.0.1', port: this.port, password: this.#options.password };
  }

  get coreUuid(): string {
    return this.core.identity.coreUuid;
  }

  /** Listens. @throws JackfieldError SWITCH_UNREACHABLE when the port is taken */
  async start(): Promise<void> {
    const server = createServer((socket) => serveSocket(socket, (transport) => this.connect(transport)));
    const { host = '127.0.0.1', port = 0 } = this.#options;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          new JackfieldError('SWITCH_UNREACHABLE', `The emulator cannot listen on ${host}:${port}.`, {
            cause,
          }),
        ),
      );
      server.listen(port, host, resolve);
    });
    this.#server = server;
    this.startHeartbeat();
  }

  /** Begins to send HEARTBEAT; `start` does so itself. */
  startHeartbeat(): void {
    const seconds = this.#options.heartbeatSec ?? HEARTBEAT_SEC;
    if (seconds <= 0 || this.#heartbeat) return;
    const beat = () => {
      this.#fireHeartbeat();
      this.#heartbeat = this.core.clock.after(seconds * 1000, beat);
    };
    this.#heartbeat = this.core.clock.after(seconds * 1000, beat);
  }

  /** Ends as a crash would: connections and calls are gone at once. */
  async stop(): Promise<void> {
    this.#heartbeat?.cancel();
    this.#heartbeat = null;
    this.core.scheduler.stop();
    for (const channel of this.core.channels.values()) channel.hangup('SYSTEM_SHUTDOWN');
    for (const connection of [...this.core.connections]) connection.abort();
    const server = this.#server;
    this.#server = null;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** A client that is not a socket: for tests that shall not depend on the network. */
  connect(transport: Transport): Connection {
    const { password, eslUsers: users = new Map() } = this.#options;
    return new Connection(this.core, transport, (own) => new InboundMode(own, { password, users }));
  }

  /** Runs an api command, as `api` over the socket does. */
  async api(line: string): Promise<string> {
    const space = line.indexOf(' ');
    return space < 0
      ? this.core.apis.run(line, '')
      : this.core.apis.run(line.slice(0, space), line.slice(space + 1));
  }

  /** Every event, unfiltered. */
  onEvent(sink: (event: EventMessage) => void): () => void {
    return this.core.listen(sink);
  }

  // --- phones

  /** Makes a user known to the directory; the variables appear on the leg when the user answers. */
  addUser(user: string, domain: string, variables?: Readonly<Record<string, string>>): void {
    this.core.phones.addUser(user, domain, variables);
  }

  registerPhone(user: string, domain: string, behaviour: PhoneBehaviour = 'manual'): void {
    this.core.phones.register(user, domain, behaviour);
  }

  unregisterPhone(user: string, domain: string): boolean {
    return this.core.phones.unregister(user, domain);
  }

  /**
   * A customer dials: an inbound channel on profile `trunk`, context `public`.
   * @returns its uuid; null when the switch takes no calls
   */
  dial(call: CustomerCall): string | null {
    return customerCalls(this.core, call)?.uuid ?? null;
  }

  /** A registered phone dials: profile `internal`, context `default`. Null if it is not registered. */
  dialFromPhone(user: string, domain: string, number: string): string | null {
    const phone = this.core.phones.find(user, domain);
    return phone ? (phoneCalls(this.core, phone, number)?.uuid ?? null) : null;
  }

  /** Legs that ring or talk at a phone. */
  callsOf(user: string, domain: string): readonly { readonly uuid: string; readonly answered: boolean }[] {
    const phone = this.core.phones.find(user, domain);
    return [...(phone?.legs ?? [])].map(({ uuid, answered }) => ({ uuid, answered }));
  }

  /** What a person does at the phone of a leg. False when there is no such leg or it makes no sense now. */
  answer(uuid: string): boolean {
    return this.#onLeg(uuid, handset.answer);
  }

  reject(uuid: string, status = 603): boolean {
    return this.#onLeg(uuid, (leg) => handset.reject(leg, status));
  }

  hangup(uuid: string): boolean {
    return this.#onLeg(uuid, handset.hangup);
  }

  digits(uuid: string, keys: string): boolean {
    return this.#onLeg(uuid, (leg) => handset.digits(leg, keys));
  }

  hold(uuid: string, on: boolean): boolean {
    return this.#onLeg(uuid, (leg) => handset.hold(leg, on));
  }

  /** REFER: to a number (blind), or to the uuid of another leg of the same phone (attended). */
  transfer(uuid: string, target: string): boolean {
    return this.#onLeg(uuid, (leg) => refer(leg, target));
  }

  #onLeg(uuid: string, fn: (leg: Channel) => boolean): boolean {
    const leg = this.core.channels.get(uuid);
    return leg ? fn(leg) : false;
  }

  // --- server

  #fireHeartbeat(): void {
    const core = this.core;
    const count = String(core.channels.size);
    core.fire('HEARTBEAT', [
      ['Event-Info', 'System Ready'],
      ['Up-Time', uptimeText(core)],
      ['FreeSWITCH-Version', core.identity.version],
      ['Uptime-msec', String(Math.floor((core.clock.nowUs() - core.startedUs) / 1000))],
      ['Session-Count', count],
      ['Max-Sessions', '3000'],
      ['Session-Per-Sec', String(core.sessionsPerSecond)],
      ['Session-Per-Sec-Last', '1'],
      ['Session-Per-Sec-Max', '2'],
      ['Session-Per-Sec-FiveMin', '2'],
      ['Session-Since-Startup', String(core.sessionCount)],
      ['Session-Peak-Max', String(core.peakSessions)],
      ['Session-Peak-FiveMin', String(core.peakSessions)],
      ['Idle-CPU', '97.233333'],
    ]);
    core.fire('RE_SCHEDULE', [
      ['Task-ID', '1'],
      ['Task-Desc', 'heartbeat'],
      ['Task-Group', 'core'],
      ['Task-Runtime', String(Math.floor(core.clock.nowUs() / 1e6) + HEARTBEAT_SEC)],
    ]);
  }

  /** `now`: the sockets close without a word. Else: SHUTDOWN, all calls end, a notice, and the end (trace 16 G, I). */
  #shutdown(now: boolean): void {
    const end = () => {
      void this.stop().then(() => this.#options.onShutdown?.());
    };
    this.core.shuttingDown = true;
    if (now) {
      for (const connection of [...this.core.connections]) connection.abort();
      end();
      return;
    }
    this.core.clock.after(SHUTDOWN_EVENT_MS, () => {
      this.core.fire('SHUTDOWN', [['Event-Info', 'System Shutting Down']]);
      for (const channel of this.core.channels.values()) channel.hangup('SYSTEM_SHUTDOWN');
      this.core.clock.after(SHUTDOWN_CLOSE_MS, () => {
        for (const connection of [...this.core.connections]) connection.close(SHUTDOWN_NOTICE);
        end();
      });
    });
  }
}
