import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
  type TestSwitch,
  type TestUser,
  until,
} from '@jackfield/core/test-kit';
import { io } from 'socket.io-client';

export const DOMAIN = 'acme.jackfield.local';

/** A tenant with queues and agents at virtual phones; everything through HTTP and the emulator. */
export interface Centre {
  readonly app: TestApp;
  readonly admin: TestUser;
  readonly emulator: NonNullable<TestApp['emulator']>;
  /** Agents with an extension and a registered phone, signed out. */
  agents<N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: TestAgent }>;
  queue(
    settings: Readonly<Record<string, unknown>>,
    members: readonly (TestAgent | [TestAgent, number])[],
  ): Promise<TestQueue>;
  /** An access number that leads into the queue. */
  number(number: string, queue: TestQueue, more?: object): Promise<void>;
  /** A customer dials; the uuid of his channel. */
  dial(number: string, from?: string): string;
  /** Ends all calls, signs everybody out, deletes queues and numbers. */
  clear(): Promise<void>;
}
export interface AgentBody {
  readonly userId: string;
  readonly shown: string;
  readonly presence: string;
  readonly breakReason: string | null;
  readonly wrapUp: { readonly contactId: string; readonly until: number | null } | null;
  readonly answered: number;
  readonly signedInAt: number;
  readonly contact: { readonly id: string } | null;
}
export interface TestAgent {
  readonly user: TestUser;
  readonly extension: string;
  ready(): Promise<AgentBody>;
  presence(presence: string, breakReason?: string | null): Promise<AgentBody>;
  finish(): Promise<AgentBody>;
  me(): Promise<AgentBody>;
  shown(): Promise<string>;
  /** Waits until this is shown of him. */
  is(shown: string): Promise<AgentBody>;
  /** Waits until he and a caller hear each other: a moment after he has answered. */
  talks(): Promise<AgentBody>;
  /** The leg at his phone, once there is one. */
  ringing(): Promise<string>;
  /** Legs at his phone now. */
  legs(): number;
}
export interface LiveQueue {
  readonly waiting: number;
  readonly talking: number;
  readonly longestSince: number | null;
  readonly agents: { readonly idle: number; readonly signedIn: number };
  readonly contacts: readonly {
    readonly id: string;
    readonly place: number | null;
    readonly state: string;
    readonly userId: string | null;
    readonly displayNumber: string;
    readonly returned: boolean;
  }[];
}
export interface TestQueue {
  readonly id: string;
  live(): Promise<LiveQueue>;
  /** Waits until `matches`. */
  becomes(what: string, matches: (queue: LiveQueue) => boolean): Promise<LiveQueue>;
  change(patch: Readonly<Record<string, unknown>>): Promise<void>;
}

/** `on`: a switch that outlives the server, for tests of a restart. */
export async function openCentre({
  on,
  ...options
}: TestAppOptions & { on?: TestSwitch } = {}): Promise<Centre> {
  const env = { ...options.env, ...(on ? { FREESWITCH_URL: on.url } : {}) };
  const app = await createTestApp({ plugins: ['interactions', 'telephony', 'acd'], ...options, env });
  for (const { id, state, failure } of app.plugins()) {
    if (state === 'quarantined') throw new Error(`plugin ${id} is quarantined: ${failure?.reason}`);
  }
  const admin = await app.admin();
  const emulator = on?.emulator ?? app.emulator;
  if (!emulator) throw new Error('this test needs the emulator');
  let extension = 1000;
  let queueNumber = 0;
  const everybody = new Map<string, TestAgent>();
  const queues: TestQueue[] = [];
  const numbers: string[] = [];
  const callers = new Set<string>();

  async function agent(name: string): Promise<TestAgent> {
    const known = everybody.get(name);
    if (known) return known;
    const user = await app.user(name);
    extension += 1;
    const own = String(extension);
    await ok(admin.post('/api/telephony/extensions', { number: own, userId: user.id }), 201);
    emulator?.registerPhone(own, DOMAIN);
    const me = async () => (await ok(user.get<AgentBody>('/api/acd/me'), 200)).body;
    const presence = async (to: string, breakReason: string | null = null) =>
      (await ok(user.put<AgentBody>('/api/acd/me', { presence: to, breakReason }), 200)).body;
    const legs = () => emulator?.callsOf(own, DOMAIN) ?? [];
    const made: TestAgent = {
      user,
      extension: own,
      me,
      presence,
      ready: () => presence('available'),
      finish: async () => (await ok(user.post<AgentBody>('/api/acd/me/wrap-up/end'), 200)).body,
      shown: async () => (await me()).shown,
      is: (shown) =>
        until(`${name} is ${shown}`, async () => {
          const now = await me();
          return now.shown === shown && now;
        }),
      async talks() {
        await until(`${name} talks`, async () => {
          const { body } = await user.get<{ calls: { state: string }[] }>('/api/telephony/me');
          return body.calls.some(({ state }) => state === 'talking');
        });
        return await made.is('talking');
      },
      ringing: () =>
        until(`the phone of ${name} rings`, () => legs().find(({ answered }) => !answered)?.uuid),
      legs: () => legs().length,
    };
    everybody.set(name, made);
    return made;
  }

  return {
    app,
    admin,
    emulator,
    async agents(...names) {
      const made: TestAgent[] = [];
      for (const name of names) made.push(await agent(name));
      return made as never;
    },
    async queue(settings, members) {
      queueNumber += 1;
      const body = { name: `Queue ${queueNumber}`, strategy: 'longest-idle', ...settings };
      const { id } = (await ok(admin.post<{ id: string }>('/api/acd/queues', body), 201)).body;
      const list = members.map((one) => (Array.isArray(one) ? one : ([one, 5] as const)));
      await ok(
        admin.put(`/api/acd/queues/${id}/members`, {
          members: list.map(([{ user }, level]) => ({ userId: user.id, level })),
        }),
        200,
      );
      const live = async () => (await ok(admin.get<LiveQueue>(`/api/acd/queues/${id}/live`), 200)).body;
      const queue: TestQueue = {
        id,
        live,
        becomes: (what, matches) =>
          until(what, async () => {
            const now = await live();
            return matches(now) && now;
          }),
        async change(patch) {
          await ok(admin.patch(`/api/acd/queues/${id}`, patch), 200);
        },
      };
      queues.push(queue);
      return queue;
    },
    async number(number, queue, more = {}) {
      const destination = { kind: 'queue', target: { queueId: queue.id } };
      const made = await ok(
        admin.post<{ id: string }>('/api/telephony/numbers', { number, destination, ...more }),
        201,
      );
      numbers.push(made.body.id);
    },
    dial(number, from = '13800138000') {
      const uuid = emulator.dial({ number, from });
      if (!uuid) throw new Error('the switch takes no calls');
      callers.add(uuid);
      return uuid;
    },
    async clear() {
      for (const uuid of callers) emulator.hangup(uuid);
      callers.clear();
      await until('all channels are gone', () => emulator.core.channels.size === 0);
      for (const one of everybody.values()) {
        emulator.registerPhone(one.extension, DOMAIN);
        await one.presence('signed-out');
      }
      for (const id of numbers.splice(0)) await admin.delete(`/api/telephony/numbers/${id}`);
      for (const { id } of queues.splice(0)) await admin.delete(`/api/acd/queues/${id}`);
    },
  };
}

async function ok<T extends { readonly status: number; readonly body: unknown }>(
  request: Promise<T>,
  status: number,
): Promise<T> {
  const response = await request;
  if (response.status !== status) throw new Error(`${response.status}: ${JSON.stringify(response.body)}`);
  return response;
}

/** A browser tab that follows streams: what it was told, the snapshot first, in order. */
export async function openTab(app: TestApp, user: TestUser, ...streams: readonly string[]) {
  const tab = io(app.url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    extraHeaders: { cookie: user.cookie },
  });
  const told: { readonly stream: string; readonly type: string; readonly data: unknown }[] = [];
  tab.on('message', (message: (typeof told)[number]) => told.push(message));
  const replies: { readonly ok: boolean; readonly code?: string; readonly snapshot?: unknown }[] = [];
  for (const stream of streams) replies.push(await tab.emitWithAck('subscribe', { stream }));
  return { told, replies, close: () => tab.disconnect() };
}
