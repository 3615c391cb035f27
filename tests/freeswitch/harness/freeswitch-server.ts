import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventSocket } from '../../../core/src/freeswitch/event-socket/event-socket.ts';
import { refreshCommands } from '../../../core/src/freeswitch/provisioning/gateways-xml.ts';
import { eventually } from './changes.ts';
import { Directory } from './directory.ts';
import { findFreeSwitch } from './find-freeswitch.ts';
import { freePorts } from './ports.ts';
import { type Behaviour, SipPhone } from './sip-phone.ts';

/** Exactly the files that the product ships. */
const CONF = fileURLToPath(new URL('../../../core/freeswitch/conf', import.meta.url));
const FOLDERS = [
  'log',
  'db',
  'run',
  'temp',
  'cache',
  'recordings',
  'storage',
  'certs',
  'sounds',
  'scripts',
] as const;
const START_MS = 30_000;

export interface StartOptions {
  /** Answers for phones, gateways and carriers instead of `fs.directory`: a running Jackfield. */
  readonly provisioning?: { readonly url: string; readonly secret: string };
  /** More settings of core/freeswitch/conf/vars.xml, such as JACKFIELD_LOGLEVEL. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A phone on the `internal` profile (`user`), or a customer who calls in over the trunk (`number`). */
export type PhoneRequest =
  | {
      readonly user: string;
      readonly domain?: string;
      readonly tone?: number;
      readonly behaviour?: Behaviour;
      readonly register?: boolean;
    }
  | {
      readonly number: string;
      readonly password?: string;
      readonly tone?: number;
      readonly behaviour?: Behaviour;
    };

interface Ports {
  readonly eventSocket: number;
  readonly internal: number;
  readonly trunk: number;
  readonly ws: number;
}

/**
 * A real FreeSWITCH on loopback, with the configuration from core/freeswitch, folders of its own and free ports.
 * @throws Error if it is not ready within 30 s; the message ends with its log
 */
export async function startFreeSwitch(options: StartOptions = {}): Promise<FreeSwitchServer> {
  const binary = findFreeSwitch();
  if (!binary) throw new Error('FreeSWITCH is not installed');
  const home = await mkdtemp(join(tmpdir(), 'jackfield-fs-'));
  for (const folder of FOLDERS) await mkdir(join(home, folder));
  const [eventSocket = 0, internal = 0, trunk = 0, ws = 0] = await freePorts(4);
  const secret = randomBytes(12).toString('hex');
  const directory = await Directory.open(secret);
  const server = new FreeSwitchServer(
    binary,
    home,
    { eventSocket, internal, trunk, ws },
    directory,
    secret,
    options,
  );
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export class FreeSwitchServer {
  readonly host = '127.0.0.1';
  readonly ports: Ports;
  readonly password = randomBytes(12).toString('hex');
  readonly directory: Directory;
  /** Folder for prompts, and the one for recordings. */
  readonly sounds: string;
  readonly recordings: string;
  /** Domain of `fs.phone({ user })` unless it says another. */
  readonly domain = 'acme.test';

  readonly #binary: string;
  readonly #home: string;
  readonly #secret: string;
  readonly #options: StartOptions;
  readonly #rtp = 20_000 + 2 * Math.floor(Math.random() * 5_000);
  readonly #phones = new Set<SipPhone>();
  #child: ChildProcess | null = null;
  #socket: EventSocket | null = null;

  constructor(
    binary: string,
    home: string,
    ports: Ports,
    directory: Directory,
    secret: string,
    options: StartOptions,
  ) {
    this.#binary = binary;
    this.#home = home;
    this.#secret = secret;
    this.#options = options;
    this.ports = ports;
    this.directory = directory;
    this.sounds = join(home, 'sounds');
    this.recordings = join(home, 'recordings');
  }

  /** What a client of the event socket needs. */
  get eventSocket(): { host: string; port: number; password: string } {
    return { host: this.host, port: this.ports.eventSocket, password: this.password };
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts it (again), and resolves when it takes calls. */
  async start(): Promise<void> {
    if (this.#child) throw new Error('FreeSWITCH runs already');
    const child = spawn(this.#binary, this.#arguments(), {
      env: { ...process.env, ...this.#environment() },
      stdio: 'ignore',
    });
    this.#child = child;
    const killWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('exit', () => {
      process.off('exit', killWithUs);
      if (this.#child === child) this.#child = null;
    });
    try {
      await eventually(() => this.#isReady(), 'FreeSWITCH to start', START_MS);
    } catch (error) {
      const log = await this.log();
      throw new Error(`FreeSWITCH did not start\n${log.slice(-4_000)}`, { cause: error });
    }
  }

  /** Ends it as a crash does: no BYE, no event, nothing. */
  async kill(): Promise<void> {
    await this.#end((child) => child.kill('SIGKILL'));
  }

  /** Kills it, or shuts it down, and starts it with the same ports and folders. */
  async restart(how: 'kill' | 'shutdown' = 'kill'): Promise<void> {
    if (how === 'kill') await this.kill();
    else await this.#end(() => void this.api('fsctl shutdown now').catch(() => {}));
    await this.start();
  }

  /** Switches all phones off, ends the switch and removes its folders (kept if JACKFIELD_KEEP_FREESWITCH is set). */
  async stop(): Promise<void> {
    for (const phone of this.#phones) phone.close();
    this.#phones.clear();
    if (this.#child) await this.#end((child) => child.kill('SIGKILL'));
    await this.directory.close();
    if (!process.env.JACKFIELD_KEEP_FREESWITCH) await rm(this.#home, { recursive: true, force: true });
  }

  /** One api command over a connection of its own; resolves with what it printed. */
  async api(command: string): Promise<string> {
    this.#socket = this.#socket?.connected ? this.#socket : await EventSocket.connect(this.eventSocket);
    return (await this.#socket.api(command)).text.trim();
  }

  /** Rows of `show <what> as json`. */
  async show(what: string): Promise<Record<string, string>[]> {
    const { rows = [] } = JSON.parse(await this.api(`show ${what} as json`)) as {
      rows?: Record<string, string>[];
    };
    return rows;
  }

  /** Waits for the one channel that this number has dialled (or that was dialled) and gives its uuid. */
  async channel(dest: string, timeoutMs?: number): Promise<string> {
    const found = async (): Promise<string | undefined> =>
      (await this.show('channels')).find((row) => row.dest === dest)?.uuid;
    return eventually(found, `a channel to ${dest}`, timeoutMs);
  }

  /** Waits until the switch has no channel left. */
  async idle(timeoutMs?: number): Promise<void> {
    await eventually(
      async () => (await this.show('channels')).length === 0,
      'all channels to end',
      timeoutMs,
    );
  }

  /** Makes it read gateways and carriers again. */
  async refresh(changed: readonly string[] = []): Promise<void> {
    for (const command of refreshCommands('trunk', changed)) await this.api(command);
  }

  /** The whole log so far. */
  async log(): Promise<string> {
    return readFile(join(this.#home, 'log', 'freeswitch.log'), 'utf8').catch(() => '');
  }

  /** Lines of the log at level ERR and above. */
  async errors(): Promise<string[]> {
    return (await this.log()).split('\n').filter((line) => /\[(ERR|CRIT|ALERT)\]/.test(line));
  }

  /** A phone: `{ user }` has an account and registers, `{ number }` is a customer outside. */
  async phone(request: PhoneRequest): Promise<SipPhone> {
    const { tone, behaviour } = request;
    if ('number' in request) {
      return this.#add({
        user: request.number,
        password: request.password,
        domain: 'pstn.test',
        peer: this.#peer('trunk'),
        tone,
        behaviour,
      });
    }
    const { user, domain = this.domain, register = true } = request;
    const account = `${user}@${domain}`;
    if (!this.directory.accounts.has(account))
      this.directory.accounts.set(account, { password: `pw-${user}` });
    const password = this.directory.accounts.get(account)?.password;
    const phone = await this.#add({ user, domain, password, peer: this.#peer('internal'), tone, behaviour });
    if (!register) return phone;
    const status = await phone.register();
    if (status !== 200) throw new Error(`${account} could not register: SIP ${status}`);
    return phone;
  }

  /** A carrier behind a gateway of that name; calls to `sofia/gateway/<name>/<number>` come in here. */
  async carrier(name: string, options: { tone?: number; behaviour?: Behaviour } = {}): Promise<SipPhone> {
    const phone = await this.carrierPhone(name, options);
    this.directory.gatewaysByName.set(name, { name, proxy: `127.0.0.1:${phone.port}`, register: false });
    await this.refresh([name]);
    await eventually(
      async () => (await this.api(`sofia status gateway ${name}`)).includes('Name'),
      `gateway ${name}`,
    );
    return phone;
  }

  /** A carrier that the switch knows nothing of: whoever answers for its gateways has to tell it the phone's port. */
  async carrierPhone(
    name: string,
    options: { tone?: number; behaviour?: Behaviour } = {},
  ): Promise<SipPhone> {
    return this.#add({ user: name, domain: 'pstn.test', peer: this.#peer('trunk'), ...options });
  }

  async #add(options: Parameters<typeof SipPhone.open>[0]): Promise<SipPhone> {
    const phone = await SipPhone.open(options);
    this.#phones.add(phone);
    return phone;
  }

  #peer(profile: 'internal' | 'trunk'): { address: string; port: number } {
    return { address: this.host, port: this.ports[profile] };
  }

  async #isReady(): Promise<boolean> {
    if (!this.#child) throw new Error('FreeSWITCH has ended');
    try {
      const status = await this.api('sofia status');
      return (status.match(/RUNNING/g) ?? []).length === 2 && (await this.api('status')).includes('is ready');
    } catch {
      return false;
    }
  }

  async #end(how: (child: ChildProcess) => void): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    how(child);
    await ended;
    this.#socket?.close();
    this.#socket = null;
  }

  #arguments(): string[] {
    const folders = FOLDERS.flatMap((folder) => [`-${folder}`, join(this.#home, folder)]);
    return ['-nf', '-nc', '-nonat', '-nort', '-np', '-conf', CONF, ...folders];
  }

  #environment(): Record<string, string> {
    const provisioning = this.#options.provisioning ?? { url: this.directory.url, secret: this.#secret };
    return {
      JACKFIELD_EVENT_SOCKET_PASSWORD: this.password,
      JACKFIELD_EVENT_SOCKET_PORT: String(this.ports.eventSocket),
      JACKFIELD_PROVISIONING_URL: provisioning.url,
      JACKFIELD_PROVISIONING_SECRET: provisioning.secret,
      JACKFIELD_IP: this.host,
      JACKFIELD_INTERNAL_PORT: String(this.ports.internal),
      JACKFIELD_TRUNK_PORT: String(this.ports.trunk),
      JACKFIELD_WS: `${this.host}:${this.ports.ws}`,
      JACKFIELD_RTP_FROM: String(this.#rtp),
      JACKFIELD_RTP_TO: String(this.#rtp + 1_000),
      JACKFIELD_LOGLEVEL: 'info',
      ...this.#options.env,
    };
  }
}
