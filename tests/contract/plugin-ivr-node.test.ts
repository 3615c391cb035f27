/** A node type of a plugin that knows nothing of ivr but its contract: shown, checked, published, and run in a call. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestApp, type TestApp, type TestUser, until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const NEIGHBOUR = fileURLToPath(new URL('../fixtures/plugins/good-neighbour', import.meta.url));
const installation = fileURLToPath(new URL('../..', import.meta.url));
const HOTLINE = '4008001234';

let app: TestApp;
let admin: TestUser;
beforeAll(async () => {
  const workspace = ['interactions', 'telephony', 'ivr'].map((id) => join(installation, 'plugins', id));
  app = await createTestApp({ plugins: [...workspace, NEIGHBOUR] });
  admin = await app.admin();
});
afterAll(() => app.stop());

const definition = (config: unknown) => ({
  start: 'weather',
  nodes: [
    { id: 'weather', type: 'good-neighbour.weather', label: 'Weather', config, next: { next: 'bye' } },
    { id: 'bye', type: 'hangup', label: 'Bye', config: {}, next: {} },
  ],
});
const turn = (enabled: boolean) => admin.put('/api/core/plugins/good-neighbour', { enabled });
const nodeTypes = async () => {
  const { body } = await admin.get<{ items: { type: string; title: object; schema: object }[] }>(
    '/api/ivr/node-types',
  );
  return body.items;
};
const problems = async (config: unknown) => {
  const { body } = await admin.post<{ problems: { code: string; path?: string }[]; exits: object }>(
    '/api/ivr/validate',
    { definition: definition(config) },
  );
  return body;
};

describe('an IVR node of another plugin', () => {
  let flowId = '';

  it('stands among the node types, with its name and the schema of its form', async () => {
    expect(app.plugins().map(({ id, state, failure }) => [id, state, failure ?? null])).toContainEqual([
      'good-neighbour',
      'started',
      null,
    ]);
    expect((await nodeTypes()).at(-1)).toEqual({
      type: 'good-neighbour.weather',
      title: { 'zh-CN': '天气', en: 'Weather' },
      icon: 'Sunny',
      schema: expect.objectContaining({
        properties: { city: { type: 'string', minLength: 1 } },
        required: ['city'],
      }),
    });
  });

  it('is checked by its own schema', async () => {
    expect(await problems({ city: '' })).toMatchObject({
      problems: [{ nodeId: 'weather', code: 'bad-config', path: 'city' }],
      exits: { weather: null },
    });
    expect(await problems({ city: 'Hangzhou' })).toMatchObject({
      problems: [],
      exits: { weather: [{ name: 'next' }] },
    });
  });

  it('is simulated, and published', async () => {
    const made = await admin.post<{ id: string; revision: number }>('/api/ivr/flows', {
      name: 'Weather',
      definition: definition({ city: 'Hangzhou' }),
    });
    flowId = made.body.id;
    const simulation = await admin.post(`/api/ivr/flows/${flowId}/simulate`, { inputs: [] });
    expect(simulation.body).toMatchObject({
      waitsFor: null,
      trace: [
        { kind: 'hear', prompts: [{ kind: 'text', text: 'It is fine weather in Hangzhou.' }] },
        { kind: 'hangup' },
      ],
    });
    const { revision } = made.body;
    const published = await admin.post(`/api/ivr/flows/${flowId}/publish`, { revision });
    expect(published).toMatchObject({ status: 200, body: { status: 'published' } });
    const destination = { kind: 'ivr', target: { flowId } };
    expect((await admin.post('/api/telephony/numbers', { number: HOTLINE, destination })).status).toBe(201);
  });

  it('runs in a call', async () => {
    const steps = await call('13900000001');
    expect(steps).toMatchObject([
      { kind: 'ivr.entered' },
      { kind: 'ivr.node', data: { nodeId: 'weather', label: 'Weather', action: 'play' } },
      { kind: 'ivr.hangup', data: { nodeId: 'bye' } },
    ]);
  });

  it('is gone from the editor when its plugin is switched off, and a call that meets it ends with a record of why', async () => {
    expect((await turn(false)).status).toBe(200);
    expect((await nodeTypes()).map(({ type }) => type)).not.toContain('good-neighbour.weather');
    expect(await problems({ city: 'Hangzhou' })).toMatchObject({ problems: [{ code: 'unknown-type' }] });
    const steps = await call('13900000002');
    expect(steps).toMatchObject([
      { kind: 'ivr.entered' },
      { kind: 'ivr.fault', data: { nodeId: 'weather', fault: 'unknown-type' } },
    ]);
    await turn(true);
    expect((await nodeTypes()).map(({ type }) => type)).toContain('good-neighbour.weather');
  });
});

/** A customer calls the hotline; what the record says of the flow. */
async function call(from: string): Promise<{ kind: string }[]> {
  app.emulator?.dial({ number: HOTLINE, from });
  return await until('the record is closed', async () => {
    const { body } = await admin.get<{ items: { id: string; endedAt: number | null }[] }>(
      `/api/telephony/calls?search=${from}`,
    );
    const [record] = body.items;
    if (!record || record.endedAt === null) return null;
    const details = await admin.get<{ steps: { kind: string }[] }>(`/api/telephony/calls/${record.id}`);
    return details.body.steps.filter(({ kind }) => kind.startsWith('ivr.'));
  });
}
