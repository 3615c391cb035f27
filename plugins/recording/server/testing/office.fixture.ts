import { mkdtemp, rm } from 'node:fs/promises';
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

export const DOMAIN = 'acme.jackfield.local';
export const CUSTOMER = '13800138000';

export interface RecordingView {
  readonly id: string;
  readonly callId: string;
  readonly startedAt: number;
  readonly ms: number | null;
  readonly channels: number;
  readonly state: string;
  readonly size: number | null;
  readonly left: {
    readonly kind: string;
    readonly name: string | null;
    readonly displayNumber: string | null;
  };
  readonly right: { readonly kind: string; readonly name: string | null };
}
interface CallView {
  readonly id: string;
  readonly recorded: boolean;
  readonly endedAt: number | null;
  readonly talkMs: number;
}
export type Office = Awaited<ReturnType<typeof openOffice>>;

/** The hotline of an extension: who dials it rings there. */
export const hotlineOf = (extension: string) => `400800${extension}`;

/** Amy at extension 1001 and Ben at 1002, each with a hotline. `outside`: a switch that is not the server's own. */
export async function openOffice(given: TestAppOptions = {}, outside: Emulator | null = null) {
  const dataDir = await mkdtemp(join(tmpdir(), 'jackfield-recording-'));
  const options = { plugins: ['interactions', 'telephony', 'recording'], dataDir, ...given };
  const app = await createTestApp(options);
  const emulator = outside ?? app.emulator;
  if (!emulator) throw new Error('this test needs an emulator');
  const admin = await app.admin();
  async function agentAt(name: string, extension: string): Promise<TestUser> {
    const user = await app.user(name);
    const posts = [
      await admin.post('/api/telephony/extensions', { number: extension, userId: user.id }),
      await admin.post('/api/telephony/numbers', {
        number: hotlineOf(extension),
        destination: { kind: 'extension', target: { number: extension } },
      }),
    ];
    for (const made of posts) if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    emulator?.registerPhone(extension, DOMAIN);
    return user;
  }
  const [amy, ben] = [await agentAt('amy', '1001'), await agentAt('ben', '1002')];
  await connected(admin);
  return { amy, ben, options, ...officeOf(app, admin, emulator) };
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

function officeOf(app: TestApp, admin: TestUser, emulator: Emulator) {
  const legAt = (extension: string) =>
    until(`the phone ${extension} rings`, () => emulator.callsOf(extension, DOMAIN)[0]?.uuid);
  const recordings = async (callId: string, user = admin) =>
    (await user.get<{ items: RecordingView[] }>(`/api/recording/of-call/${callId}`)).body.items;
  const calls = async () =>
    (await admin.get<{ items: CallView[] }>('/api/telephony/calls?limit=50')).body.items;
  const call = async (id: string) => (await admin.get<CallView>(`/api/telephony/calls/${id}`)).body;
  const isRecorded = (leg: string) => (emulator.core.channels.get(leg)?.recorders.size ?? 0) > 0;
  /** A customer dials the hotline of an extension; the call's record is there. */
  async function dial(extension = '1001') {
    const before = new Set((await calls()).map((one) => one.id));
    const caller = emulator.dial({ number: hotlineOf(extension), from: CUSTOMER });
    if (!caller) throw new Error('the switch takes no calls');
    const agentLeg = await legAt(extension);
    const { id } = await until('the call has a record', async () =>
      (await calls()).find((one) => !before.has(one.id)),
    );
    return { caller, agentLeg, callId: id };
  }
  return {
    app,
    admin,
    emulator,
    legAt,
    recordings,
    isRecorded,
    call,
    dial,
    /** The agent answers; resolves when the talk is recorded. */
    async talk(extension = '1001') {
      const dialled = await dial(extension);
      emulator.answer(dialled.agentLeg);
      await until('the talk is recorded', () => isRecorded(dialled.caller));
      return dialled;
    },
    /** Every recording of the call, once they are in the storage. */
    stored: (callId: string, count = 1) =>
      until('the recording is stored', async () => {
        const found = await recordings(callId);
        return found.length === count && found.every((one) => one.state === 'stored') ? found : null;
      }),
    ended: (callId: string) =>
      until('the record of the call is closed', async () => {
        const record = await call(callId);
        return record.endedAt === null ? null : record;
      }),
    async stop() {
      await app.stop();
      await rm(app.dataDir, { recursive: true, force: true });
    },
  };
}
