import { join } from 'node:path';
import Database from 'better-sqlite3';
import { eventually } from '../freeswitch/harness/changes.ts';
import { TcpProxy } from '../freeswitch/harness/tcp-proxy.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import type { AgentPhone, PhoneAccount, SwitchUnderTest } from './phones.ts';

/** Somebody signed in; the session outlives the server. */
export interface Person {
  readonly id: string;
  get<T>(path: string): Promise<T>;
  /** A file. */
  bytes(path: string): Promise<Buffer>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
}
export interface Agent extends Person {
  readonly name: string;
  readonly number: string;
  readonly domain: string;
  readonly phone: AgentPhone;
  presence(presence: 'available' | 'signed-out'): Promise<void>;
}

/** The record of a call, as its row says it. */
export interface CallRow {
  readonly id: string;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: string | null;
  readonly cause: string | null;
  readonly fromNumber: string;
  readonly agentUserId: string | null;
  readonly talkMs: number;
  readonly holdMs: number;
}

/** What of a call outlives the server. */
export interface StoredCall {
  readonly from: { readonly number: string };
  readonly legs: readonly {
    readonly id: string;
    readonly talksWith: string | null;
    readonly held: boolean;
  }[];
  readonly position: { readonly ref?: { readonly kind: string }; readonly state?: unknown };
}

/**
 * The built server with its demo tenant on one side, a switch on the other, and a wire between them that can be
 * cut. The server can be killed and started again; the switch and the phones know nothing of it.
 */
export class World {
  readonly switch: SwitchUnderTest;
  readonly wire: TcpProxy;
  #server: ServerProcess;
  readonly #cookies = new Map<string, { readonly cookie: string; readonly id: string }>();

  private constructor(subject: SwitchUnderTest, wire: TcpProxy, server: ServerProcess) {
    this.switch = subject;
    this.wire = wire;
    this.#server = server;
  }

  static async begin(subject: SwitchUnderTest): Promise<World> {
    const { host, port, password } = subject.address;
    const wire = await TcpProxy.open({ host, port });
    const server = await startServerProcess({
      env: { FREESWITCH_URL: `esl://:${password}@127.0.0.1:${wire.port}`, ...subject.env },
    });
    const world = new World(subject, wire, server);
    try {
      await world.ready();
      await subject.serverIsUp(await world.as('operator'));
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  get url(): string {
    return this.#server.url;
  }

  /** The server of this moment. */
  get server(): ServerProcess {
    return this.#server;
  }

  /** All that it has logged. */
  get log(): string {
    return this.#server.output();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.wire.close();
    await this.switch.stop();
  }

  /** Everything well: database, switch, plugins. */
  async ready(): Promise<void> {
    let checks: unknown;
    try {
      await eventually(
        async () => {
          const state = await this.readiness();
          checks = state.checks;
          return state.ready;
        },
        'the server to be ready',
        20_000,
      );
    } catch (error) {
      throw new Error(JSON.stringify(checks), { cause: error });
    }
  }

  async readiness(): Promise<{
    readonly ready: boolean;
    readonly checks: Readonly<Record<string, string | null>>;
  }> {
    const response = await fetch(`${this.url}/readyz`);
    const { checks } = (await response.json()) as { checks: Record<string, string | null> };
    return { ready: response.ok, checks };
  }

  /** SIGKILL; `meanwhile` happens while nobody is there; then the same server on the same data. */
  async crash(meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    await this.#server.kill();
    await meanwhile();
    this.#server = await this.#server.restart();
    await this.ready();
  }

  async as(account: string): Promise<Person> {
    let known = this.#cookies.get(account);
    if (!known) {
      const response = await fetch(`${this.url}/api/core/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ account, password: await this.#server.password() }),
      });
      const { user } = (await response.json()) as { user: { id: string } };
      known = { cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '', id: user.id };
      this.#cookies.set(account, known);
    }
    const { cookie, id } = known;
    const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const response = await fetch(this.url + path, {
        method,
        headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    };
    const bytes = async (path: string) => {
      const response = await fetch(this.url + path, { headers: { cookie } });
      if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    };
    return { id, get: (path) => ask('GET', path), bytes, send: ask };
  }

  /** The phone's account of somebody of the demo tenant, with a new password. */
  async account(name: string): Promise<PhoneAccount> {
    const admin = await this.as('admin@acme');
    const person = await this.as(`${name}@acme`);
    const { items } = await admin.get<{
      items: { id: string; number: string; domain: string; userId: string | null }[];
    }>('/api/telephony/extensions?limit=100');
    const extension = items.find(({ userId }) => userId === person.id);
    if (!extension) throw new Error(`${name} has no extension`);
    const { number, domain } = extension;
    await person.send('PUT', '/api/telephony/me/phone', { device: 'desk' });
    const { password } = await admin.send<{ password: string }>(
      'POST',
      `/api/telephony/extensions/${extension.id}/password`,
    );
    return { number, domain, password };
  }

  /** An agent of the demo tenant at a registered phone. */
  async agent(name: string): Promise<Agent> {
    const account = await this.account(name);
    const { number, domain } = account;
    const person = await this.as(`${name}@acme`);
    const phone = await this.switch.register(account);
    return {
      ...person,
      name,
      number,
      domain,
      phone,
      presence: async (presence) => void (await person.send('PUT', '/api/acd/me', { presence })),
    };
  }

  /** A number of the demo tenant that leads there; resolves with what a customer dials. */
  async number(number: string, kind: string, target: Readonly<Record<string, unknown>>): Promise<string> {
    const admin = await this.as('admin@acme');
    await admin.send('POST', '/api/telephony/numbers', { number, destination: { kind, target } });
    return number;
  }

  /** A queue without announcement and without work after a contact. */
  async queue(name: string, agents: readonly Agent[]): Promise<string> {
    const admin = await this.as('admin@acme');
    const { id } = await admin.send<{ id: string }>('POST', '/api/acd/queues', {
      name,
      strategy: 'longest-idle',
      wrapUpMode: 'auto',
      announcement: '',
    });
    const members = agents.map((agent) => ({ userId: agent.id, level: 5 }));
    await admin.send('PUT', `/api/acd/queues/${id}/members`, { members });
    return id;
  }

  /** A published flow: one menu, whose only key is 1 and leads into that queue. */
  async menu(name: string, queueId: string): Promise<string> {
    const admin = await this.as('admin@acme');
    const say = (text: string) => [{ kind: 'text', text, locale: 'en' }];
    const definition = {
      start: 'start',
      nodes: [
        { id: 'start', type: 'start', label: 'Start', config: {}, next: { next: 'menu' } },
        {
          id: 'menu',
          type: 'menu',
          label: 'Menu',
          config: { prompts: say('Press 1.'), options: [{ key: '1', name: 'Queue' }], timeoutSec: 30 },
          next: { '1': 'queue' },
        },
        { id: 'queue', type: 'queue', label: 'Queue', config: { queueId, prompts: [] }, next: {} },
      ],
    };
    const flow = await admin.send<{ id: string; revision: number }>('POST', '/api/ivr/flows', {
      name,
      definition,
    });
    await admin.send('POST', `/api/ivr/flows/${flow.id}/publish`, { revision: flow.revision });
    return flow.id;
  }

  /** What the server's database holds at this moment, read beside the server. */
  rows<T>(sql: string, ...values: readonly unknown[]): T[] {
    const database = new Database(join(this.#server.dataDir, 'jackfield.sqlite'), { readonly: true });
    try {
      return database.prepare(sql).all(...values) as T[];
    } finally {
      database.close();
    }
  }

  /** The record of the newest call from this number. */
  record(from: string): CallRow | undefined {
    return this.rows<CallRow>(
      'SELECT * FROM telephony_call WHERE fromAsGiven = ? ORDER BY id DESC LIMIT 1',
      from,
    )[0];
  }

  /** The call as the server would find it after a crash at this moment. */
  stored(from: string): StoredCall | undefined {
    return this.rows<{ state: string }>('SELECT state FROM core_call')
      .map(({ state }) => JSON.parse(state) as StoredCall)
      .find((call) => call.from.number === from);
  }

  /** Waits until what is stored of this call is so. */
  async untilStored(from: string, what: string, is: (call: StoredCall) => boolean): Promise<void> {
    await eventually(
      () => {
        const call = this.stored(from);
        return call !== undefined && is(call);
      },
      `the call of ${from} to be stored ${what}: ${JSON.stringify(this.stored(from))}`,
    );
  }

  /** Waits until this step stands in the record of the call. */
  async untilStep(from: string, kind: string): Promise<void> {
    await eventually(
      () =>
        this.rows(
          'SELECT id FROM telephony_call_step WHERE callId = ? AND kind = ?',
          this.record(from)?.id,
          kind,
        )[0],
      `the step ${kind} of the call of ${from}`,
    );
  }

  async closedRecord(from: string): Promise<CallRow & { readonly endedAt: number }> {
    return await eventually(
      () => {
        const row = this.record(from);
        return row && row.endedAt !== null ? { ...row, endedAt: row.endedAt } : null;
      },
      `the record of ${from} to be closed: ${JSON.stringify(this.record(from))}`,
    );
  }

  /** What is left of calls, in the switch and in the tables that hold what is going on now. */
  async leftOver(): Promise<Readonly<Record<string, unknown>>> {
    return {
      channels: await this.switch.watch.channels(),
      calls: this.rows('SELECT id FROM core_call'),
      openRecords: this.rows('SELECT id, outcome FROM telephony_call WHERE endedAt IS NULL'),
      openInteractions: this.rows('SELECT id FROM interactions_interaction WHERE closedAt IS NULL'),
      participants: this.rows('SELECT userId, state FROM interactions_participant WHERE until IS NULL'),
      contacts: this.rows('SELECT id, state FROM acd_contact'),
    };
  }

  /** Waits until nothing is left of any call. */
  async settled(): Promise<void> {
    let left: Readonly<Record<string, unknown>> = {};
    try {
      await eventually(async () => {
        left = await this.leftOver();
        return Object.values(left).every((rows) => Array.isArray(rows) && rows.length === 0);
      }, 'nothing to be left of the calls');
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}: ${JSON.stringify(left)}`);
    }
  }
}
