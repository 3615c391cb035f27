import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow } from '../contract.ts';
import { bye, flowOf, type Hotline, menu, node, openHotline, say } from './testing/hotline.fixture.ts';

let hotline: Hotline;
beforeAll(async () => {
  hotline = await openHotline({ tenants: ['acme', 'beta'] });
});
afterAll(() => hotline.app.stop());

const simple = flowOf(bye('end'));
const open: Flow = flowOf(node('play', 'play', say('Hello.')));
const options = async () => {
  const { body } = await hotline.admin.get<{ items: { kind: string; label: string }[] }>(
    '/api/ivr/destinations',
  );
  return body.items.filter(({ kind }) => kind === 'ivr').map(({ label }) => label);
};
const post = (path: string, body?: unknown) =>
  hotline.admin.post<Record<string, never>>(`/api/ivr${path}`, body);

describe('the flows of a tenant', () => {
  it('[ivr-01] stand side by side, each with its own name', async () => {
    await hotline.create('Sales', simple);
    await hotline.create('Support', simple);
    const { body } = await hotline.admin.get<{ items: { name: string }[]; total: number }>(
      '/api/ivr/flows?sort=name&limit=2',
    );
    expect(body.items.map(({ name }) => name)).toEqual(['Sales', 'Support']);
    expect(await post('/flows', { name: 'Sales' })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
  });

  it('[ivr-25] are saved as drafts, whatever is still missing, and cannot be used', async () => {
    const draft = await hotline.create('Draft', open);
    expect(draft).toMatchObject({ status: 'unpublished', version: null });
    expect(await options()).not.toContain('Draft');
    const numbers = await hotline.admin.post('/api/telephony/numbers', {
      number: '4009990000',
      destination: { kind: 'ivr', target: { flowId: draft.id } },
    });
    expect(numbers.status).toBe(422);
  });

  it('[ivr-26] are saved and published in one step', async () => {
    const flow = await hotline.create('In one step', open);
    const answer = await post(`/flows/${flow.id}/publish`, {
      revision: flow.revision,
      draft: { name: 'In one step', definition: simple },
    });
    expect(answer).toMatchObject({ status: 200, body: { status: 'published', version: 1, changed: false } });
  });

  it('are neither saved nor published in one step when they have faults', async () => {
    const flow = await hotline.create('Both or neither', simple);
    const draft = { name: 'Both or neither', definition: open };
    const answer = await post(`/flows/${flow.id}/publish`, { revision: flow.revision, draft });
    expect(answer).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } });
    expect(await hotline.get(flow.id)).toMatchObject({ definition: simple, revision: flow.revision });
  });

  it('are not published with faults, which are named by node', async () => {
    const flow = await hotline.create('With faults', open);
    expect(await post(`/flows/${flow.id}/publish`, { revision: flow.revision })).toMatchObject({
      status: 422,
      body: {
        code: 'VALIDATION_FAILED',
        details: { problems: [{ nodeId: 'play', code: 'exit-open', detail: 'next' }] },
      },
    });
  });

  it('[ivr-28] can be chosen for numbers once published, one flow for several', async () => {
    const flow = await hotline.create('For numbers', simple);
    await hotline.publish(flow);
    expect(await options()).toContain('For numbers');
    for (const number of ['4001110001', '4001110002']) {
      const destination = { kind: 'ivr', target: { flowId: flow.id } };
      expect((await hotline.admin.post('/api/telephony/numbers', { number, destination })).status).toBe(201);
    }
    expect((await hotline.get(flow.id)).numbers).toHaveLength(2);
  });

  it('[ivr-27] [ivr-30] are in use while a number leads there, and are not withdrawn then', async () => {
    const flow = await hotline.create('In use', simple);
    await hotline.publish(flow);
    await hotline.lead(flow);
    expect(await hotline.get(flow.id)).toMatchObject({ status: 'in-use', numbers: ['Hotline'] });
    expect(await post(`/flows/${flow.id}/withdraw`)).toMatchObject({ status: 409 });

    const other = await hotline.create('Takes over', simple);
    await hotline.publish(other);
    await hotline.lead(other);
    expect(await post(`/flows/${flow.id}/withdraw`)).toMatchObject({
      status: 200,
      body: { status: 'unpublished' },
    });
    expect(await options()).not.toContain('In use');
  });

  it('are in use while another published flow leads there', async () => {
    const target = await hotline.create('Night', simple);
    await hotline.publish(target);
    const to = { kind: 'ivr', target: { flowId: target.id } };
    const source = await hotline.create('Day', flowOf(node('night', 'destination', to)));
    expect((await hotline.get(target.id)).status).toBe('published');
    await hotline.publish(source);
    expect(await hotline.get(target.id)).toMatchObject({ status: 'in-use', flows: ['Day'] });
  });

  it('[ivr-29] [ivr-31] keep what is published as it is: edits are a draft beside it', async () => {
    const flow = await hotline.create('Edited', simple);
    await hotline.publish(flow);
    expect(await post(`/flows/${flow.id}/publish`, { revision: flow.revision + 1 })).toMatchObject({
      status: 409,
    });

    const edited = await hotline.save(flow.id, open);
    expect(edited).toMatchObject({ status: 'published', version: 1, changed: true });
    const { body } = await hotline.admin.get<{ definition: Flow }>(`/api/ivr/flows/${flow.id}/versions/1`);
    expect(body.definition).toEqual(simple);
    // Back to what is published: there is nothing to publish any more.
    expect(await hotline.save(flow.id, simple)).toMatchObject({ changed: false });
    // The name is part of a version: records of calls show it.
    expect(await hotline.save(flow.id, simple, 'Renamed')).toMatchObject({ changed: true });
  });

  it('[ivr-32] are deleted only while unpublished', async () => {
    const flow = await hotline.create('Deleted', simple);
    await hotline.publish(flow);
    expect((await hotline.admin.delete(`/api/ivr/flows/${flow.id}`)).status).toBe(409);
    await post(`/flows/${flow.id}/withdraw`);
    expect((await hotline.admin.delete(`/api/ivr/flows/${flow.id}`)).status).toBe(204);
    expect((await hotline.admin.get(`/api/ivr/flows/${flow.id}`)).status).toBe(404);
  });

  it('[ivr-34] show name, update time, id, linked numbers and status', async () => {
    const { body } = await hotline.admin.get<{ items: Record<string, unknown>[] }>(
      '/api/ivr/flows?search=Takes',
    );
    expect(body.items).toEqual([
      {
        id: expect.any(String),
        name: 'Takes over',
        status: 'in-use',
        version: 1,
        changed: false,
        numbers: ['Hotline'],
        flows: [],
        savedAt: expect.any(Number),
      },
    ]);
  });

  it('tell the second of two authors that the first has saved', async () => {
    const flow = await hotline.create('Two authors', simple);
    await hotline.save(flow.id, open);
    const late = { name: 'Two authors', definition: simple, revision: flow.revision };
    expect(await hotline.admin.put(`/api/ivr/flows/${flow.id}`, late)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', details: { reason: 'revision' } },
    });
  });

  it('go back to an earlier version, and leave the draft alone', async () => {
    const flow = await hotline.create('Rolled back', simple);
    await hotline.publish(flow);
    const second = flowOf(bye('other'));
    await hotline.save(flow.id, second);
    await hotline.publish(flow);
    expect(await post(`/flows/${flow.id}/versions/1/publish`)).toMatchObject({
      status: 200,
      body: { version: 1, changed: true, definition: second },
    });
    const { body } = await hotline.admin.get<{ items: { version: number; publishedBy: string }[] }>(
      `/api/ivr/flows/${flow.id}/versions`,
    );
    expect(body.items.map(({ version }) => version)).toEqual([2, 1]);
    expect(body.items[0]?.publishedBy).toBe('Admin');
  });

  it('[ivr-07] with a voicemail node are not published while no plugin offers voicemail', async () => {
    const { body } = await hotline.admin.post<{ problems: object[] }>('/api/ivr/validate', {
      definition: flowOf(node('vm', 'voicemail', { target: { boxId: 'b1' } })),
    });
    expect(body.problems).toMatchObject([
      { nodeId: 'vm', code: 'destination-unavailable', detail: 'voicemail' },
    ]);
  });

  it('are simulated without a call, on the draft or on what is on the screen', async () => {
    const flow = await hotline.create('Simulated', flowOf(menu('main', { 1: 'end' }), bye('end')));
    expect(
      await post(`/flows/${flow.id}/simulate`, { inputs: [{ type: 'keys', digits: '1' }] }),
    ).toMatchObject({
      status: 200,
      body: {
        waitsFor: null,
        trace: [{ kind: 'ask' }, { kind: 'keys', digits: '1' }, { kind: 'hear' }, { kind: 'hangup' }],
      },
    });
    const answer = await post(`/flows/${flow.id}/simulate`, { definition: simple, inputs: [] });
    expect(answer).toMatchObject({ body: { trace: [{ kind: 'hear' }, { kind: 'hangup' }] } });
    expect(
      (await post(`/flows/${flow.id}/simulate`, { inputs: [{ type: 'keys', digits: 'x' }] })).status,
    ).toBe(422);
  });

  it('are written in the audit log', async () => {
    const { body } = await hotline.admin.get<{ items: { action: string; targetLabel: string }[] }>(
      '/api/core/audit?limit=200',
    );
    const actions = new Set(body.items.map(({ action }) => action));
    for (const verb of ['create', 'update', 'publish', 'republish', 'withdraw', 'delete']) {
      expect(actions).toContain(`flow.${verb}`);
    }
  });
});

describe('who may do what', () => {
  it('lets a supervisor look and not touch, and an agent not even look', async () => {
    const supervisor = await hotline.app.user('sara', 'supervisor');
    const agent = await hotline.app.user('amy');
    const flow = await hotline.create('Rights', simple);
    expect((await supervisor.get('/api/ivr/flows')).status).toBe(200);
    expect((await supervisor.post('/api/ivr/flows', { name: 'Mine' })).status).toBe(403);
    const publish = `/api/ivr/flows/${flow.id}/publish`;
    expect((await supervisor.post(publish, { revision: flow.revision })).status).toBe(403);
    expect((await agent.get('/api/ivr/flows')).status).toBe(403);
    expect((await hotline.app.anonymous.get('/api/ivr/flows')).status).toBe(401);
  });
});

describe('another tenant', () => {
  it('sees no flow, no version and no destination of the first, and can change none', async () => {
    const flow = await hotline.create('Ours alone', simple);
    await hotline.publish(flow);
    const stranger = await hotline.app.admin('beta');
    const own = await stranger.post('/api/ivr/flows', { name: 'Ours alone' });
    expect(own.status).toBe(201);
    const { body } = await stranger.get<{ items: unknown[] }>('/api/ivr/flows');
    expect(body.items).toHaveLength(1);
    const path = `/api/ivr/flows/${flow.id}`;
    const revision = flow.revision + 1;
    const answers = await Promise.all([
      stranger.get(path),
      stranger.get(`${path}/versions`),
      stranger.get(`${path}/versions/1`),
      stranger.put(path, { name: 'Stolen', definition: simple, revision }),
      stranger.post(`${path}/publish`, { revision }),
      stranger.post(`${path}/withdraw`),
      stranger.post(`${path}/simulate`, { inputs: [] }),
      stranger.delete(path),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(404));
    const destinations = await stranger.get<{ items: { kind: string }[] }>('/api/ivr/destinations');
    expect(destinations.body.items.filter(({ kind }) => kind === 'ivr')).toEqual([]);
    expect(await hotline.get(flow.id)).toMatchObject({ status: 'published' });
  });
});

describe('what the editor is told of node types', () => {
  it('[ivr-11] [ivr-04] [ivr-05] [ivr-06] [ivr-08] are all there, each with the schema of its form', async () => {
    const { body } = await hotline.admin.get<{ items: { type: string; schema: { properties: object } }[] }>(
      '/api/ivr/node-types',
    );
    const types = body.items.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        'start',
        'play',
        'menu',
        'queue',
        'voicemail',
        'hangup',
        'back',
        'top',
        'collect',
      ]),
    );
    const menuType = body.items.find(({ type }) => type === 'menu');
    expect(menuType?.schema.properties).toMatchObject({
      prompts: { widget: 'prompts' },
      maxErrors: { type: 'integer', default: 2, label: { 'zh-CN': '最大错误数' } },
      options: { items: { properties: { key: { widget: 'key' } } } },
    });
  });

  it('says the exits that settings give a node, with the names of the options', async () => {
    const definition = flowOf(menu('main', { 1: 'end' }), bye('end'));
    const { body } = await hotline.admin.post<{ exits: object }>('/api/ivr/validate', { definition });
    expect(body.exits).toMatchObject({ main: [{ name: '1', title: { en: '1 to end' } }], end: [] });
  });
});
