import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
  type TestSwitch,
  type TestUser,
  until,
} from '@jackfield/core/test-kit';
import type { Flow, FlowNode } from '../../contract.ts';

export const HOTLINE = '4008001234';

export const node = (
  id: string,
  type: string,
  config: unknown = {},
  next: Readonly<Record<string, string>> = {},
): FlowNode => ({ id, type, label: `Node ${id}`, config, next });
export const say = (text: string) => ({ prompts: [{ kind: 'text', text }] });
/** Stands for words in calls, which last as long as what is said in them. */
export const hush = { prompts: [{ kind: 'tone', tone: 'silence', ms: 100 }] };
/** A menu whose keys lead to the nodes of that name. */
export const menu = (id: string, next: Readonly<Record<string, string>>, more: object = {}) =>
  node(
    id,
    'menu',
    { ...hush, options: Object.keys(next).map((key) => ({ key, name: `to ${next[key]}` })), ...more },
    next,
  );
/** Start, and then the given nodes; the first is the first. */
export const flowOf = (first: FlowNode, ...others: readonly FlowNode[]): Flow => ({
  start: 'start',
  nodes: [node('start', 'start', {}, { next: first.id }), first, ...others],
});
/** Hangs up, with something said before. */
export const bye = (id: string) => node(id, 'hangup', hush);

export interface FlowBody {
  readonly id: string;
  readonly status: string;
  readonly version: number | null;
  readonly changed: boolean;
  readonly revision: number;
  readonly numbers: readonly string[];
  readonly flows: readonly string[];
  readonly definition: Flow;
}
export interface StepBody {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A tenant with flows and a hotline. */
export interface Hotline {
  readonly app: TestApp;
  /** Stops the server and starts it again on the same data; calls go on where the switch is another's. */
  restart(): Promise<Hotline>;
  readonly admin: TestUser;
  create(name: string, definition: Flow): Promise<FlowBody>;
  publish(flow: { readonly id: string }): Promise<FlowBody>;
  get(id: string): Promise<FlowBody>;
  save(id: string, definition: Flow, name?: string): Promise<FlowBody>;
  /** The hotline leads to the flow from now on. */
  lead(flow: { readonly id: string }): Promise<void>;
  /** A customer calls the hotline; or, by his number, is followed in a call that a restart found. */
  call(from?: string): CustomerCall;
}
export interface CustomerCall {
  readonly from: string;
  /** Waits until the flow waits for keys for the `nth` time, and presses them. */
  press(keys: string, nth: number): Promise<void>;
  asked(nth: number): Promise<void>;
  hangUp(): void;
  /** What the record says, once the call is over. */
  steps(): Promise<StepBody[]>;
  /** The same while it goes on, once it matches. */
  liveSteps(matches: (steps: readonly StepBody[]) => boolean): Promise<StepBody[]>;
}

type Emulator = TestSwitch['emulator'];

/** `emulator`: of the test's own, which FREESWITCH_URL of the options names. */
export async function openHotline(options: TestAppOptions = {}, emulator?: Emulator): Promise<Hotline> {
  const app = await createTestApp({ plugins: ['interactions', 'telephony', 'ivr'], ...options });
  return await hotlineOf(app, emulator);
}

async function hotlineOf(app: TestApp, given?: Emulator): Promise<Hotline> {
  const emulator = given ?? app.emulator;
  if (!emulator) throw new Error('this test needs an emulator');
  for (const { id, state, failure } of app.plugins()) {
    if (state === 'quarantined') throw new Error(`plugin ${id} is quarantined: ${failure?.reason}`);
  }
  const admin = await app.admin();
  let numberId: string | null = null;

  async function ok<T>(answer: Promise<{ status: number; body: T }>): Promise<T> {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  }
  const get = (id: string) => ok(admin.get<FlowBody>(`/api/ivr/flows/${id}`));

  return {
    app,
    admin,
    restart: async () => hotlineOf(await app.restart(), given),
    get,
    create: (name, definition) => ok(admin.post<FlowBody>('/api/ivr/flows', { name, definition })),
    async publish({ id }) {
      const { revision } = await get(id);
      return await ok(admin.post<FlowBody>(`/api/ivr/flows/${id}/publish`, { revision }));
    },
    async save(id, definition, name) {
      const present = await ok(admin.get<FlowBody & { name: string }>(`/api/ivr/flows/${id}`));
      const body = { name: name ?? present.name, definition, revision: present.revision };
      return await ok(admin.put<FlowBody>(`/api/ivr/flows/${id}`, body));
    },
    async lead({ id }) {
      const body = {
        number: HOTLINE,
        alias: 'Hotline',
        destination: { kind: 'ivr', target: { flowId: id } },
      };
      if (numberId === null) {
        numberId = (await ok(admin.post<{ id: string }>('/api/telephony/numbers', body))).id;
      } else await ok(admin.put(`/api/telephony/numbers/${numberId}`, body));
    },
    call: (from) => customerCall(emulator, admin, from),
  };
}

let customers = 0;

function customerCall(emulator: Emulator, admin: TestUser, caller?: string): CustomerCall {
  // A number of its own for each call, by which its record is found.
  if (caller === undefined) customers += 1;
  const from = caller ?? `138${String(customers).padStart(8, '0')}`;
  const present = [...emulator.core.channels.values()].find(({ profile }) => profile.callerIdNumber === from);
  let asked = 0;
  let uuid = present?.uuid ?? '';
  emulator.onEvent((event) => {
    if (event.get('Unique-ID') !== uuid || event.name !== 'CHANNEL_EXECUTE') return;
    if (event.get('Application') === 'play_and_get_digits') asked += 1;
  });
  if (!present) uuid = emulator.dial({ number: HOTLINE, from }) ?? '';

  async function stepsOf(matches: (call: { endedAt: number | null }, steps: StepBody[]) => boolean) {
    return await until('the record of the call', async () => {
      const { body } = await admin.get<{ items: { id: string; endedAt: number | null }[] }>(
        `/api/telephony/calls?search=${from}`,
      );
      const [call] = body.items;
      if (!call) return null;
      const details = await admin.get<{ steps: StepBody[] }>(`/api/telephony/calls/${call.id}`);
      return matches(call, details.body.steps) ? details.body.steps : null;
    });
  }
  const waitAsked = async (nth: number) =>
    void (await until(`the flow asks for keys (${nth})`, () => asked >= nth));
  return {
    from,
    asked: waitAsked,
    async press(keys, nth) {
      await waitAsked(nth);
      emulator.digits(uuid, keys);
    },
    hangUp: () => void emulator.hangup(uuid),
    steps: () => stepsOf((call) => call.endedAt !== null),
    liveSteps: (matches) => stepsOf((_call, steps) => matches(steps)),
  };
}

/** Ids of the nodes the record names, in their order; each once in a row. */
export function nodesOf(steps: readonly StepBody[]): unknown[] {
  const ids = steps.filter(({ kind }) => kind.startsWith('ivr.')).map(({ data }) => data.nodeId);
  return ids.filter((id, at) => id !== undefined && id !== ids[at - 1]);
}
