import { until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flowOf, type Hotline, menu, node, nodesOf, openHotline } from './testing/hotline.fixture.ts';

let hotline: Hotline;
let boxId: string;
beforeAll(async () => {
  hotline = await openHotline({ plugins: ['interactions', 'telephony', 'ivr', 'voicemail'] });
  const { body } = await hotline.admin.post<{ id: string }>('/api/voicemail/boxes', {
    name: 'Night',
    greeting: 'Hi.',
    locale: 'en',
  });
  boxId = body.id;
});
afterAll(() => hotline.app.stop());

interface Message {
  readonly boxName: string;
  readonly state: string;
}

describe('the voicemail node, with the plugin that offers boxes', () => {
  it('[ivr-07] is published, and leads a caller to the box, where he leaves a message', async () => {
    const flow = await hotline.create(
      'To voicemail',
      flowOf(menu('menu', { '0': 'box' }), node('box', 'voicemail', { target: { boxId } })),
    );
    expect(await hotline.publish(flow)).toMatchObject({ status: 'published' });
    await hotline.lead(flow);
    const call = hotline.call();
    await call.press('0', 1);
    const { emulator } = hotline.app;
    const recorded = () =>
      [...(emulator?.core.channels.values() ?? [])].flatMap(({ recorders }) => [...recorders.values()])[0];
    await until('the caller speaks', () => recorded() !== undefined);
    const since = performance.now();
    await until('he has spoken', () => performance.now() - since > 1_200);
    call.hangUp();
    const steps = await call.steps();
    expect(nodesOf(steps)).toContain('box');
    expect(steps.filter(({ kind }) => kind === 'outcome').map(({ data }) => data.outcome)).toEqual([
      'voicemail-left',
    ]);
    const messages = await until('the message is there', async () => {
      const { items } = (await hotline.admin.get<{ items: Message[] }>('/api/voicemail/messages')).body;
      return items.length > 0 && items;
    });
    expect(messages).toMatchObject([{ boxName: 'Night', state: 'stored' }]);
  });

  it('[ivr-07] is not published with a box that there is not', async () => {
    const flow = await hotline.create(
      'To nowhere',
      flowOf(node('box', 'voicemail', { target: { boxId: 'gone' } })),
    );
    const { revision } = await hotline.get(flow.id);
    expect(await hotline.admin.post(`/api/ivr/flows/${flow.id}/publish`, { revision })).toMatchObject({
      status: 422,
      body: { details: { problems: [{ nodeId: 'box' }] } },
    });
  });
});
