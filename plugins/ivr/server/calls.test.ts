// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how an author writes a variable
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bye,
  flowOf,
  type Hotline,
  hush,
  menu,
  node,
  nodesOf,
  openHotline,
  say,
} from './testing/hotline.fixture.ts';

let hotline: Hotline;
beforeAll(async () => {
  hotline = await openHotline();
});
afterAll(() => hotline.app.stop());

let made = 0;
/** Publishes a flow and sends the hotline there. */
async function answerWith(definition: ReturnType<typeof flowOf>) {
  made += 1;
  const flow = await hotline.create(`Flow ${made}`, definition);
  await hotline.publish(flow);
  await hotline.lead(flow);
  return flow;
}

describe('a call to the hotline', () => {
  it('[ivr-04] [ivr-08] [ivr-11] hears what the flow says, and is hung up at its end', async () => {
    await answerWith(flowOf(node('hello', 'play', say('Hello ${caller}.'), { next: 'bye' }), bye('bye')));
    const steps = await hotline.call().steps();
    expect(nodesOf(steps)).toEqual(['hello', 'bye']);
    expect(steps.find(({ kind }) => kind === 'ivr.entered')?.data).toMatchObject({
      name: 'Flow 1',
      version: 1,
    });
    expect(steps.map(({ kind }) => kind)).toContain('ivr.hangup');
    // The timeline finds the texts of these among the plugin's own.
    const { body } = await hotline.admin.get<{ items: { id: string }[] }>('/api/interactions');
    const { body: contact } = await hotline.admin.get<{ timeline: { kind: string }[] }>(
      `/api/interactions/${body.items[0]?.id}`,
    );
    const kinds = contact.timeline.map(({ kind }) => kind).filter((kind) => kind.includes('ivr'));
    expect(kinds).toEqual(['ivr.entered', 'ivr.node', 'ivr.node', 'ivr.hangup']);
  });

  it('[ivr-03] [ivr-05] [ivr-19] goes through menus of several levels by key', async () => {
    await answerWith(
      flowOf(
        menu('main', { 1: 'sales', 2: 'below' }),
        menu('below', { 1: 'support', 9: 'back' }),
        bye('sales'),
        bye('support'),
        node('back', 'back'),
      ),
    );
    const call = hotline.call();
    await call.press('2', 1);
    await call.press('9', 2);
    await call.press('2', 3);
    await call.press('1', 4);
    expect(nodesOf(await call.steps())).toEqual(['main', 'below', 'main', 'below', 'support']);
  });

  it('[ivr-17] [ivr-18] is told of a wrong key, and hung up after one too many', async () => {
    await answerWith(
      flowOf(menu('main', { 1: 'bye' }, { maxErrors: 1, wrongKeyPrompts: hush.prompts }), bye('bye')),
    );
    const call = hotline.call();
    await call.press('7', 1);
    await call.press('8', 2);
    const steps = await call.steps();
    expect(steps.filter(({ kind }) => kind === 'ivr.keys').map(({ data }) => data.digits)).toEqual([
      '7',
      '8',
    ]);
    expect(steps.find(({ kind }) => kind === 'ivr.hangup')?.data).toMatchObject({ nodeId: 'main' });
  });

  it('[ivr-15] [ivr-16] is asked again when no key comes in time', async () => {
    await answerWith(
      flowOf(
        menu('main', { 1: 'bye' }, { timeoutSec: 1, maxTimeouts: 1, timeoutPrompts: hush.prompts }),
        bye('bye'),
      ),
    );
    const call = hotline.call();
    await call.asked(2);
    await call.press('1', 2);
    expect(nodesOf(await call.steps())).toEqual(['main', 'bye']);
  });

  it('[ivr-42] types keys that a later node reads back', async () => {
    await answerWith(
      flowOf(
        node('ask', 'collect', { ...hush, variable: 'count', maxDigits: 4 }, { next: 'say', timeout: 'bye' }),
        node('say', 'say-number', { value: '${count}', as: 'quantity', locale: 'en' }, { next: 'bye' }),
        bye('bye'),
      ),
    );
    const call = hotline.call();
    await call.press('1003', 1);
    expect(nodesOf(await call.steps())).toEqual(['ask', 'say', 'bye']);
  });

  it('ends quietly when the caller hangs up in a menu', async () => {
    await answerWith(flowOf(menu('main', { 1: 'bye' }), bye('bye')));
    const call = hotline.call();
    await call.asked(1);
    call.hangUp();
    const steps = await call.steps();
    expect(steps.map(({ kind }) => kind)).not.toContain('fault');
    expect(steps.map(({ kind }) => kind)).not.toContain('ivr.fault');
  });

  it('ends quietly when the caller hangs up while he is told something', async () => {
    const long = { prompts: [{ kind: 'tone', tone: 'silence', ms: 60_000 }] };
    await answerWith(flowOf(node('hello', 'play', long, { next: 'bye' }), bye('bye')));
    const call = hotline.call();
    await call.liveSteps((steps) => nodesOf(steps).includes('hello'));
    call.hangUp();
    const kinds = (await call.steps()).map(({ kind }) => kind);
    expect(kinds).not.toContain('fault');
    expect(kinds).not.toContain('ivr.fault');
  });

  it('stays on the version it began with, while the next call gets the new one', async () => {
    const flow = await answerWith(flowOf(menu('main', { 1: 'old' }), bye('old')));
    const first = hotline.call();
    await first.asked(1);
    await hotline.save(flow.id, flowOf(menu('main', { 1: 'new' }), bye('new')));
    await hotline.publish(flow);
    await first.press('1', 1);
    expect(nodesOf(await first.steps())).toEqual(['main', 'old']);
    const second = hotline.call();
    await second.press('1', 1);
    expect(nodesOf(await second.steps())).toEqual(['main', 'new']);
  });

  it('finishes in a flow that is withdrawn and deleted meanwhile', async () => {
    const flow = await answerWith(flowOf(menu('main', { 1: 'bye' }), bye('bye')));
    const call = hotline.call();
    await call.asked(1);
    await answerWith(flowOf(bye('bye')));
    expect((await hotline.admin.post(`/api/ivr/flows/${flow.id}/withdraw`)).status).toBe(200);
    expect((await hotline.admin.delete(`/api/ivr/flows/${flow.id}`)).status).toBe(204);
    await call.press('1', 1);
    expect(nodesOf(await call.steps())).toEqual(['main', 'bye']);
  });

  it('goes on to another flow', async () => {
    const night = await hotline.create('Night', flowOf(bye('night')));
    await hotline.publish(night);
    await answerWith(flowOf(node('go', 'destination', { kind: 'ivr', target: { flowId: night.id } })));
    expect(nodesOf(await hotline.call().steps())).toEqual(['go', 'night']);
  });
});
