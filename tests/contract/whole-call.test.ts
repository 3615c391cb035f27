import {
  createTestApp,
  type TestApp,
  type TestDatabase,
  type TestUser,
  testDatabases,
  until,
} from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Listed<T> {
  readonly items: T[];
}
interface CallRecord {
  readonly id: string;
  readonly outcome: string | null;
  readonly queueName: string | null;
  readonly endedAt: number | null;
  readonly recorded: boolean;
  readonly steps: readonly { readonly kind: string; readonly at: number; readonly userName: string | null }[];
}

const PLUGINS = ['interactions', 'telephony', 'ivr', 'acd', 'recording', 'voicemail', 'crm'];

/** The one test that crosses every plugin on each database; jobs run on Redis when the tests have one. */
describe.each(testDatabases())('a call, all the way, on the demo and $name', ({ open }) => {
  let database: TestDatabase;
  let app: TestApp;
  let admin: TestUser;
  const as = (name: string) => app.signIn(`${name}@acme`, app.demo?.accounts[0]?.password ?? '');

  beforeAll(async () => {
    database = await open();
    const redis = process.env.JACKFIELD_TEST_REDIS;
    app = await createTestApp({
      plugins: PLUGINS,
      env: { DEMO: 'on', DATABASE_URL: database.url, ...(redis ? { REDIS_URL: redis } : {}) },
      tenants: [],
    });
    admin = await as('admin');
  });
  afterAll(async () => {
    await app.stop();
    await database.drop();
  });

  it('starts with every plugin up and a number to dial', async () => {
    const { body } =
      await admin.get<Listed<{ id: string; state: string; active: boolean }>>('/api/core/plugins');
    expect(body.items.map(({ id }) => id).sort()).toEqual([...PLUGINS].sort());
    expect(body.items.filter(({ state, active }) => state !== 'started' || !active)).toEqual([]);
    expect(app.demo?.hints.join()).toContain('4008001234');
  });

  it('[telephony-03][ivr-05][ivr-06][acd-15] leads from the hotline through the menu and the queue to an agent, and leaves a record of each step', async () => {
    const { emulator } = app;
    if (!emulator) throw new Error('the test app runs on its emulator');
    const amy = await as('amy');
    const me = await amy.get<{ extension: { number: string; domain: string } }>('/api/telephony/me');
    const { number: extension, domain } = me.body.extension;
    emulator.registerPhone(extension, domain, 'manual');
    expect((await amy.put('/api/acd/me', { presence: 'available' })).status).toBe(200);

    let hearsSomething = false;
    const stopListening = emulator.onEvent(({ name }) => {
      hearsSomething ||= name === 'PLAYBACK_START';
    });
    const caller = emulator.dial({ number: '4008001234', from: '13800138000', name: 'Lin' }) ?? '';
    const record = async (): Promise<CallRecord | null> => {
      const list = await admin.get<Listed<{ id: string }>>('/api/telephony/calls');
      const id = list.body.items[0]?.id;
      return id ? (await admin.get<CallRecord>(`/api/telephony/calls/${id}`)).body : null;
    };
    const step = (kind: string) =>
      until(`the record tells of ${kind}`, async () =>
        (await record())?.steps.find((one) => one.kind === kind),
      );

    // A key that comes before the menu is taken by the park and gone, as on a real switch.
    await until('the caller hears the menu', () => hearsSomething);
    stopListening();
    emulator.digits(caller, '1');
    const leg = await until('her phone rings', () => emulator.callsOf(extension, domain)[0]);
    emulator.answer(leg.uuid);
    await step('talk-started');
    const { id } = (await record()) ?? { id: '' };
    expect((await amy.post(`/api/telephony/calls/${id}/hold`)).status).toBe(204);
    await step('held');
    expect((await amy.post(`/api/telephony/calls/${id}/resume`)).status).toBe(204);
    await step('resumed');
    expect((await amy.post(`/api/telephony/calls/${id}/hangup`)).status).toBe(204);
    const closed = await until('the record is closed and the recording is there', async () => {
      const now = await record();
      return now?.endedAt && now.recorded ? now : null;
    });

    expect(closed).toMatchObject({ outcome: 'connected', queueName: '销售' });
    const told = closed.steps.map(({ kind }) => kind);
    const way = [
      'ivr.entered',
      'ivr.keys',
      'ivr.left',
      'queued',
      'offered',
      'connected',
      'talk-started',
      'held',
      'resumed',
      'talk-ended',
      'ended',
    ];
    expect(told.filter((kind) => way.includes(kind))).toEqual(way);
    const times = closed.steps.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));

    const recordings = await admin.get<Listed<{ id: string; state: string }>>(`/api/recording/of-call/${id}`);
    expect(recordings.body.items).toMatchObject([{ state: 'stored' }]);
    await until('nothing is left in the switch', () => emulator.core.channels.size === 0);
  });
});
