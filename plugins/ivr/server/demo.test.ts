import { createTestApp, type TestApp, until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlowBody, StepBody } from './testing/hotline.fixture.ts';

let app: TestApp;
let cookie = '';
beforeAll(async () => {
  const plugins = ['interactions', 'telephony', 'acd', 'ivr'];
  app = await createTestApp({ plugins, tenants: [], env: { DEMO: 'on' } });
  const admin = app.demo?.accounts.find(({ account }) => account === 'admin@acme');
  const { headers } = await app.anonymous.post('/api/core/sign-in', admin);
  cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
});
afterAll(() => app.stop());

const get = async <T>(path: string): Promise<T> =>
  (await (await fetch(app.url + path, { headers: { cookie } })).json()) as T;

describe('the demo hotline', () => {
  it('is published, and the number leads to it', async () => {
    const { items } = await get<{ items: FlowBody[] }>('/api/ivr/flows');
    expect(items).toMatchObject([{ name: 'Hotline', status: 'in-use', version: 1 }]);
  });

  it.each([
    ['at once, sales', ['1'], 0],
    ['English, back, English, support', ['3', '9', '3', '2'], 1],
  ])('[ivr-06] leads through menus to a queue: %s', async (_what, keys, queue) => {
    const queues = await get<{ items: { id: string }[] }>('/api/acd/queues');
    const ids = queues.items.map(({ id }) => id).sort();
    const from = `1390000000${queue}`;
    const { emulator } = app;
    let uuid: string | null | undefined = null;
    const left = [...keys];
    emulator?.onEvent((event) => {
      if (event.name !== 'CHANNEL_EXECUTE' || event.get('Application') !== 'play_and_get_digits') return;
      const key = event.get('Unique-ID') === uuid ? left.shift() : undefined;
      if (key && uuid) emulator.digits(uuid, key);
    });
    uuid = emulator?.dial({ number: '4008001234', from });
    const steps = await until('the caller is in the queue', async () => {
      const { items } = await get<{ items: { id: string }[] }>(`/api/telephony/calls?search=${from}`);
      const [call] = items;
      if (!call) return null;
      const record = await get<{ steps: StepBody[] }>(`/api/telephony/calls/${call.id}`);
      return record.steps.some(({ data }) => data.kind === 'queue' && 'target' in data) ? record.steps : null;
    });
    const destinations = steps.filter(({ kind }) => kind === 'destination').map(({ data }) => data);
    expect(destinations.at(-1)).toMatchObject({ kind: 'queue', target: { queueId: ids[queue] } });
    if (uuid) emulator?.hangup(uuid);
  });
});
