import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
  type TestUser,
  until,
} from '@jackfield/core/test-kit';

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
  /** The newest call record, once `matches`. */
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

export function acmeOf(app: TestApp, admin: TestUser): Acme {
  const emulator = () => {
    if (!app.emulator) throw new Error('this test needs the emulator');
    return app.emulator;
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
        return newest && matches(newest) ? newest : null;
      }),
    async details(id) {
      const { body } = await admin.get<CallView & { steps: StepView[] }>(`/api/telephony/calls/${id}`);
      return body;
    },
  };
}
