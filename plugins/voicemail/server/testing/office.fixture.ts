import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createTestApp,
  type Emulator,
  type TestApp,
  type TestAppOptions,
  type TestUser,
  until,
} from '@jackfield/core/test-kit';

export const HOTLINE = '4008008000';
export const BEEP = 'tone_stream://%(500,0,1000)';

export interface BoxView {
  readonly id: string;
  readonly name: string;
  readonly greeting: string;
  readonly locale: string;
  readonly maxSeconds: number;
  readonly enabled: boolean;
}
export interface MessageView {
  readonly id: string;
  readonly callId: string;
  readonly boxName: string;
  readonly number: string;
  readonly name: string;
  readonly startedAt: number;
  readonly ms: number | null;
  readonly size: number | null;
  readonly state: string;
  readonly heardAt: number | null;
  readonly heardBy: string | null;
}
interface CallView {
  readonly id: string;
  readonly endedAt: number | null;
  readonly outcome: string | null;
}
interface StepView {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}
export type Office = Awaited<ReturnType<typeof openOffice>>;
export type Caller = ReturnType<Office['dial']>;

/** A hotline that leads to a box with short words. `outside`: a switch that is not the server's own. */
export async function openOffice(given: TestAppOptions = {}, outside: Emulator | null = null) {
  const dataDir = await mkdtemp(join(tmpdir(), 'jackfield-voicemail-'));
  const options = { plugins: ['interactions', 'telephony', 'voicemail'], dataDir, ...given };
  const app = await createTestApp(options);
  const admin = await app.admin();
  await connected(admin);
  const made = await admin.post<BoxView>('/api/voicemail/boxes', {
    name: 'Sales',
    greeting: 'Hi.',
    locale: 'en',
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const box = made.body;
  const number = await admin.post('/api/telephony/numbers', {
    number: HOTLINE,
    destination: { kind: 'voicemail', target: { boxId: box.id } },
  });
  if (number.status !== 201) throw new Error(JSON.stringify(number.body));
  return { options, box, ...officeOf(app, admin, outside) };
}

/** The same office after its server was stopped. */
export async function reopenOffice(before: Pick<Office, 'options' | 'emulator'>) {
  const app = await createTestApp(before.options);
  const admin = await app.admin();
  await connected(admin);
  return officeOf(app, admin, before.emulator);
}

async function connected(admin: TestUser): Promise<void> {
  await until('the switch is connected', async () => {
    const { body } = await admin.get<{ checks: { switch: unknown } }>('/readyz');
    return body.checks.switch === null;
  });
}

let customers = 0;

function officeOf(app: TestApp, admin: TestUser, outside: Emulator | null) {
  const emulator = outside ?? app.emulator;
  if (!emulator) throw new Error('this test needs an emulator');
  const messages = async (query = '', user = admin) =>
    (await user.get<{ items: MessageView[] }>(`/api/voicemail/messages?${query}`)).body.items;
  async function recordOf(from: string): Promise<CallView | undefined> {
    const { body } = await admin.get<{ items: CallView[] }>(`/api/telephony/calls?search=${from}`);
    return body.items[0];
  }

  /** A customer calls the hotline, from a number of his own unless given. */
  function dial(given?: string, name?: string) {
    if (given === undefined) customers += 1;
    const from = given ?? `138${String(customers).padStart(8, '0')}`;
    const played: string[] = [];
    let uuid = '';
    emulator?.onEvent((event) => {
      if (event.get('Unique-ID') !== uuid || event.name !== 'PLAYBACK_START') return;
      played.push(event.get('Playback-File-Path') ?? '');
    });
    uuid = emulator?.dial({ number: HOTLINE, from, ...(name === undefined ? {} : { name }) }) ?? '';
    if (uuid === '') throw new Error('the switch takes no calls');
    const channel = () => emulator?.core.channels.get(uuid);
    const isRecorded = () => (channel()?.recorders.size ?? 0) > 0;
    return {
      ...follow({ from, uuid }),
      played,
      isRecorded,
      isThere: () => channel() !== undefined,
      hears: (path: string) => until(`${path} is played`, () => played.some((one) => one.includes(path))),
      hearsAnything: () => until('something is played', () => played.length > 0),
      /** Resolves when so much of the message is recorded. */
      async speaks(ms: number): Promise<void> {
        await until('it is recorded', isRecorded);
        const since = performance.now();
        await until('he has spoken', () => performance.now() - since >= ms);
      },
      press: (key: string) => void emulator?.digits(uuid, key),
      hangUp: () => void emulator?.hangup(uuid),
    };
  }

  /** What a caller is played at this moment. */
  const playingTo = (uuid: string): { readonly path: string } | null =>
    emulator?.core.channels.get(uuid)?.playing ?? null;

  /** What this server knows of the call of a customer, who may have dialled before it was started. */
  function follow({ from, uuid }: { readonly from: string; readonly uuid: string }) {
    const ended = () =>
      until('the record of the call is closed', async () => {
        const record = await recordOf(from);
        return record && record.endedAt !== null ? record : null;
      });
    return {
      from,
      uuid,
      isKnown: () => until('the call has a record', () => recordOf(from)),
      /** The call has been taken up: silence is played, and another than before. */
      isListening: (before: unknown) =>
        until('silence is played', () => {
          const playing = playingTo(uuid);
          return playing !== before && playing?.path.startsWith('silence_stream://');
        }),
      ended,
      outcome: async () => (await ended()).outcome,
      steps: async (): Promise<readonly StepView[]> =>
        (await admin.get<{ steps: StepView[] }>(`/api/telephony/calls/${(await ended()).id}`)).body.steps,
      message: () =>
        until('the message is there', async () => {
          const { id } = await ended();
          return (await messages()).find(({ callId }) => callId === id);
        }),
    };
  }

  return {
    app,
    admin,
    emulator,
    messages,
    dial,
    follow,
    playingTo,
    /** A customer who leaves a message and hangs up. */
    async leaveMessage(from?: string) {
      const caller = dial(from);
      await caller.speaks(1_100);
      caller.hangUp();
      return await caller.message();
    },
    /** Files that the switch has left and nobody has taken. */
    async leftFiles(): Promise<string[]> {
      const folder = join(app.dataDir, 'media/recordings', app.tenant('acme'));
      return await readdir(folder).catch(() => []);
    },
    /** Sounds that are in the storage. */
    async storedFiles(): Promise<string[]> {
      const folder = join(app.dataDir, 'files', app.tenant('acme'), 'voicemail');
      const entries = await readdir(folder, { recursive: true });
      return entries.filter((name) => name.endsWith('.wav'));
    },
    async stop() {
      await app.stop();
      await rm(app.dataDir, { recursive: true, force: true });
    },
  };
}
