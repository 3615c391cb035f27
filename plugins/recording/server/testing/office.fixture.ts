import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
  type TestUser,
  until,
} from '@jackfield/core/test-kit';

export const DOMAIN = 'acme.jackfield.local';
export const HOTLINE = '4008001234';
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

/** A hotline that rings at agent Amy, with Ben beside her. */
export async function openOffice(options: TestAppOptions = {}) {
  const app = await createTestApp({ plugins: ['interactions', 'telephony', 'recording'], ...options });
  const admin = await app.admin();
  const amy = await agentAt(app, admin, 'amy', '1001');
  const ben = await agentAt(app, admin, 'ben', '1002');
  const made = await admin.post('/api/telephony/numbers', {
    number: HOTLINE,
    destination: { kind: 'extension', target: { number: '1001' } },
  });
  if (made.status !== 201) throw new Error(`no number: ${JSON.stringify(made.body)}`);
  return { amy, ben, ...officeOf(app, admin) };
}

async function agentAt(app: TestApp, admin: TestUser, name: string, extension: string): Promise<TestUser> {
  const user = await app.user(name);
  const made = await admin.post('/api/telephony/extensions', { number: extension, userId: user.id });
  if (made.status !== 201) throw new Error(`no extension: ${JSON.stringify(made.body)}`);
  app.emulator?.registerPhone(extension, DOMAIN);
  return user;
}

export function officeOf(app: TestApp, admin: TestUser) {
  const emulator = () => {
    if (!app.emulator) throw new Error('this test needs the emulator');
    return app.emulator;
  };
  const legAt = (extension: string) =>
    until(`the phone ${extension} rings`, () => emulator().callsOf(extension, DOMAIN)[0]?.uuid);
  const recordings = async (callId: string, user = admin) =>
    (await user.get<{ items: RecordingView[] }>(`/api/recording/of-call/${callId}`)).body.items;
  const newestCall = async () =>
    (await admin.get<{ items: CallView[] }>('/api/telephony/calls?limit=1')).body.items[0];
  return {
    app,
    admin,
    emulator,
    legAt,
    recordings,
    /** A customer calls, Amy answers; resolves when their talk is recorded. */
    async talk() {
      const before = (await newestCall())?.id;
      const caller = emulator().dial({ number: HOTLINE, from: CUSTOMER });
      if (!caller) throw new Error('the switch takes no calls');
      const agentLeg = await legAt('1001');
      emulator().answer(agentLeg);
      await until('the talk is recorded', () => isRecorded(caller));
      const call = await until('the call has a record', async () => {
        const newest = await newestCall();
        return newest && newest.id !== before ? newest : null;
      });
      return { caller, agentLeg, callId: call.id };
    },
    call: async (id: string) => (await admin.get<CallView>(`/api/telephony/calls/${id}`)).body,
    /** Every recording of the call, once they are in the storage. */
    stored: (callId: string, count = 1) =>
      until('the recording is stored', async () => {
        const found = await recordings(callId);
        return found.length === count && found.every((one) => one.state === 'stored') ? found : null;
      }),
    newestCall,
    isRecorded,
  };

  function isRecorded(leg: string): boolean {
    return (emulator().core.channels.get(leg)?.recorders.size ?? 0) > 0;
  }
}
