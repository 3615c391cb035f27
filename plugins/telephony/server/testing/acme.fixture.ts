import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
  type TestUser,
  until,
} from '@jackfield/core/test-kit';
import { io } from 'socket.io-client';

export const DOMAIN = 'acme.jackfield.local';

/** A tenant with a hotline and agents at their phones, as the tests of this plugin want it. */
export interface Acme {
  readonly app: TestApp;
  readonly admin: TestUser;
  /** Makes an agent with an extension and a registered phone. */
  agent(username: string, extension: string): Promise<TestUser>;
  /** Adds an access number; returns its id. */
  number(number: string, destination: { kind: string; target: object }, more?: object): Promise<string>;
  /** A customer dials. */
  dial(number: string, from?: string, name?: string): string;
  /** The leg at the phone of an extension, once there is one. */
  legAt(extension: string): Promise<string>;
  /** The newest call record that was not seen ended before, once it `matches`. */
  record(matches?: (call: CallView) => boolean): Promise<CallView>;
  details(id: string): Promise<CallView & { steps: StepView[] }>;
}
export interface CallView {
  readonly id: string;
  readonly direction: string;
  readonly from: string;
  readonly fromName: string;
  readonly to: string;
  readonly alias: string;
  readonly vip: boolean;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: string | null;
  readonly cause: string | null;
  readonly agentUserId: string | null;
  readonly waitMs: number;
  readonly talkMs: number;
  readonly holdMs: number;
  readonly interactionId: string | null;
}
export interface StepView {
  readonly at: number;
  readonly kind: string;
  readonly legId: string | null;
  readonly userId: string | null;
  readonly data: Record<string, unknown>;
}

export async function openAcme(options: TestAppOptions = {}): Promise<Acme> {
  const app = await createTestApp({ plugins: ['interactions', 'telephony'], ...options });
  for (const { id, state, failure } of app.plugins()) {
    if (state === 'quarantined') throw new Error(`plugin ${id} is quarantined: ${failure?.reason}`);
  }
  return acmeOf(app, await app.admin());
}

/** `outside`: a switch that is not the server's own and outlives it. */
export function acmeOf(app: TestApp, admin: TestUser, outside: TestApp['emulator'] = null): Acme {
  /** Calls a test has seen the end of: the next one it asks for is another. */
  const over = new Set<string>();
  const emulator = () => {
    const found = app.emulator ?? outside;
    if (!found) throw new Error('this test needs the emulator');
    return found;
  };
  return {
    app,
    admin,
    async agent(username, extension) {
      const user = await app.user(username);
      const made = await admin.post('/api/telephony/extensions', { number: extension, userId: user.id });
      if (made.status !== 201) throw new Error(`no extension: ${JSON.stringify(made.body)}`);
      emulator().registerPhone(extension, DOMAIN);
      return user;
    },
    async number(number, destination, more = {}) {
      const made = await admin.post<{ id: string }>('/api/telephony/numbers', {
        number,
        destination,
        ...more,
      });
      if (made.status !== 201) throw new Error(`no number: ${JSON.stringify(made.body)}`);
      return made.body.id;
    },
    dial(number, from = '13800138000', name) {
      const uuid = emulator().dial({ number, from, ...(name === undefined ? {} : { name }) });
      if (!uuid) throw new Error('the switch takes no calls');
      return uuid;
    },
    legAt: (extension) =>
      until(`the phone ${extension} rings`, () => emulator().callsOf(extension, DOMAIN)[0]?.uuid),
    record: (matches = () => true) =>
      until('a call record', async () => {
        const { body } = await admin.get<{ items: CallView[] }>('/api/telephony/calls?limit=1');
        const newest = body.items[0];
        if (!newest || over.has(newest.id) || !matches(newest)) return null;
        if (newest.endedAt !== null) over.add(newest.id);
        return newest;
      }),
    async details(id) {
      const { body } = await admin.get<CallView & { steps: StepView[] }>(`/api/telephony/calls/${id}`);
      return body;
    },
  };
}

/** A browser tab that follows a stream: the snapshot, then every message. */
export interface FollowedStream<Snapshot> {
  readonly snapshot: Snapshot;
  readonly messages: { readonly type: string; readonly data: unknown }[];
  close(): void;
}

export async function followStream<Snapshot>(
  app: TestApp,
  user: TestUser,
  stream: string,
): Promise<FollowedStream<Snapshot>> {
  const tab = io(app.url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    extraHeaders: { cookie: user.cookie },
  });
  const messages: { type: string; data: unknown }[] = [];
  tab.on('message', (message: { stream: string; type: string; data: unknown }) => messages.push(message));
  const reply: { ok: boolean; snapshot: Snapshot } = await tab.emitWithAck('subscribe', { stream });
  if (!reply.ok) throw new Error(`the stream ${stream} was refused: ${JSON.stringify(reply)}`);
  return { snapshot: reply.snapshot, messages, close: () => tab.disconnect() };
}

/** The contacts in an agent's workbench, as his browser has them. */
export interface Workbench {
  contact(): ContactView | undefined;
  /** Every state a contact was shown in, in order; `removed` at its end. */
  readonly states: () => string[];
  close(): void;
}
export interface ContactView {
  readonly id: string;
  readonly state: string;
  readonly direction: string;
  readonly address: string | null;
  readonly displayAddress: string;
  readonly name: string;
  readonly via: string;
  readonly data: Record<string, unknown>;
}

export async function openWorkbench(app: TestApp, user: TestUser): Promise<Workbench> {
  const stream = await followStream<{ contacts: ContactView[] }>(app, user, 'interactions/agent/me');
  return {
    contact() {
      let contacts = [...stream.snapshot.contacts];
      for (const { type, data } of stream.messages) {
        const { contact, id } = data as { contact?: ContactView; id?: string };
        contacts = contacts.filter((one) => one.id !== (contact?.id ?? id));
        if (type === 'contact' && contact) contacts.push(contact);
      }
      return contacts[0];
    },
    states: () =>
      stream.messages.map(({ type, data }) =>
        type === 'removed' ? type : (data as { contact: ContactView }).contact.state,
      ),
    close: () => stream.close(),
  };
}
