import { type Call, type CollectResult, JackfieldError, type PlayResult, z } from '@jackfield/core/sdk';
import { fakeClock, until } from '@jackfield/core/test-kit';
import { describe, expect, it } from 'vitest';
import type { Flow, NodeType } from '../../contract.ts';
import type { NodeTypes } from '../interpreter/step.ts';
import { builtInNodes } from '../nodes/index.ts';
import { readPosition } from './flow-position.ts';
import { runFlow } from './run-flow.ts';

const text = (words: string) => ({ kind: 'text', text: words });
const menuFlow: Flow = {
  start: 'menu',
  nodes: [
    {
      id: 'menu',
      type: 'menu',
      label: 'Main',
      config: { prompts: [text('Press 1.')], options: [{ key: '1', name: 'Sales' }] },
      next: { 1: 'queue' },
    },
    { id: 'queue', type: 'queue', label: 'Sales', config: { queueId: 'q1' }, next: {} },
  ],
};
const lookUp = (effect: (args: unknown, call: Call) => Promise<unknown>): NodeType => ({
  type: 'crm.look-up',
  title: { 'zh-CN': '查询', en: 'Look up' },
  icon: 'Search',
  config: z.object({}),
  exits: () => ['next', 'error'],
  step: (_config, _memo, input) =>
    input.type === 'done'
      ? { exit: 'next', set: { found: String(input.result) } }
      : { do: { type: 'effect', name: 'look-up', args: { who: 'caller' } } },
  effects: { 'look-up': effect },
});
const effectFlow: Flow = {
  start: 'look-up',
  nodes: [
    {
      id: 'look-up',
      type: 'crm.look-up',
      label: 'Who is it',
      config: {},
      next: { next: 'known', error: 'sorry' },
    },
    { id: 'known', type: 'number', label: 'Known', config: { number: '8001' }, next: {} },
    { id: 'sorry', type: 'hangup', label: 'Sorry', config: {}, next: {} },
  ],
};

/** A call that answers what it is asked from lists, and writes down what happened in its order. */
function scripted(
  script: { plays?: PlayResult['outcome'][]; keys?: CollectResult[] } = {},
  more: readonly NodeType[] = [],
) {
  const events: string[] = [];
  const notes: { kind: string; data: Readonly<Record<string, unknown>> }[] = [];
  const saved: unknown[] = [];
  const end = new AbortController();
  const clock = fakeClock();
  const types: NodeTypes = new Map([...builtInNodes, ...more].map((type) => [type.type, type]));
  const parts: Partial<Call> = {
    id: 'call-1',
    from: { number: '+8613900000000', name: 'Li' },
    to: '4001',
    signal: end.signal,
    answer: async () => void events.push('answer'),
    run: (fn) => fn(),
    note: (kind, data) => void notes.push({ kind, data }),
    async play(paths) {
      events.push(`play ${paths.join(' ')}`);
      return { outcome: script.plays?.shift() ?? 'done' };
    },
    async collect({ prompts }) {
      events.push(`collect ${prompts.join(' ')}`);
      return script.keys?.shift() ?? { outcome: 'hangup', digits: '' };
    },
  };
  const call = parts as Call;
  const prompt = async (prompts: readonly { kind: string }[]) =>
    prompts.map((one) => ('text' in one ? String(one.text) : one.kind));
  const run = {
    save: async (state: unknown) => {
      events.push('save');
      saved.push(JSON.parse(JSON.stringify(state)));
    },
  };
  const lead = (flow: Flow, state: unknown = null, telephony: { prompt: typeof prompt } = { prompt }) =>
    runFlow(call, flow, readPosition(state) ?? { version: 3, flow: null }, run, { telephony, clock, types });
  return { lead, events, notes, saved, clock, hangUp: () => end.abort(new JackfieldError('CALL_ENDED')) };
}

describe('a call in a flow', () => {
  it('answers, stores its place before each thing it does, and leaves for where the flow says', async () => {
    const call = scripted({ keys: [{ outcome: 'digits', digits: '1' }] });
    expect(await call.lead(menuFlow)).toEqual({ next: { kind: 'queue', target: { queueId: 'q1' } } });
    expect(call.events).toEqual(['answer', 'save', 'collect Press 1.']);
    expect(call.notes.map(({ kind }) => kind)).toEqual(['ivr.node', 'ivr.keys', 'ivr.left']);
    expect(call.saved).toMatchObject([
      { version: 3, flow: { nodeId: 'menu', variables: { called: '4001' } } },
    ]);
  });

  it('goes on after a restart where it stood, with the tries that were used up', async () => {
    const wrong: CollectResult = { outcome: 'digits', digits: '7' };
    const before = scripted({ keys: [wrong, wrong] });
    await expect(before.lead(menuFlow)).rejects.toMatchObject({ code: 'CALL_ENDED' });
    const after = scripted({ keys: [wrong] });
    expect(await after.lead(menuFlow, before.saved.at(-1))).toEqual({ end: 'NORMAL_CLEARING' });
  });

  it('ends quietly when the caller hangs up', async () => {
    const call = scripted();
    await expect(call.lead(menuFlow)).rejects.toMatchObject({ code: 'CALL_ENDED' });
    expect(call.notes.map(({ kind }) => kind)).toEqual(['ivr.node']);
  });

  it('still waits for keys when a file is missing or a text cannot be spoken, and says so', async () => {
    const missing = scripted({
      keys: [
        { outcome: 'missing', digits: '' },
        { outcome: 'digits', digits: '1' },
      ],
    });
    expect(await missing.lead(menuFlow)).toMatchObject({ next: { kind: 'queue' } });
    expect(missing.notes.map(({ kind }) => kind)).toContain('ivr.prompt-missing');

    const mute = scripted({ keys: [{ outcome: 'digits', digits: '1' }] });
    const prompt = async () => Promise.reject(new Error('no voice is installed'));
    expect(await mute.lead(menuFlow, null, { prompt })).toMatchObject({ next: { kind: 'queue' } });
    expect(mute.notes).toContainEqual({
      kind: 'ivr.prompt-missing',
      data: { reason: 'no voice is installed' },
    });
  });

  it('writes no PIN into the record, only how many keys came', async () => {
    const flow: Flow = {
      start: 'pin',
      nodes: [
        {
          id: 'pin',
          type: 'collect',
          label: 'PIN',
          config: { prompts: [text('PIN?')], variable: 'pin' },
          next: { next: 'bye', timeout: 'bye' },
        },
        { id: 'bye', type: 'hangup', label: 'Bye', config: {}, next: {} },
      ],
    };
    const call = scripted({ keys: [{ outcome: 'digits', digits: '471147' }] });
    await call.lead(flow);
    expect(call.notes).toContainEqual({ kind: 'ivr.keys', data: { nodeId: 'pin', label: 'PIN', count: 6 } });
    expect(JSON.stringify(call.notes)).not.toContain('471147');
  });

  it('hangs up with a clear record when the flow has a fault', async () => {
    const call = scripted();
    expect(await call.lead({ start: 'start', nodes: [] })).toEqual({ end: 'NORMAL_TEMPORARY_FAILURE' });
    expect(call.notes).toMatchObject([
      { kind: 'ivr.fault', data: { fault: 'unknown-node', nodeId: 'start' } },
    ]);
  });
});

describe('an effect of a node', () => {
  it('gives its result to the node', async () => {
    const call = scripted({}, [lookUp(async () => 'Li')]);
    expect(await call.lead(effectFlow)).toMatchObject({ next: { kind: 'number' } });
  });

  it('that throws leaves by the exit `error`, and is named in the record', async () => {
    const call = scripted({}, [lookUp(async () => Promise.reject(new Error('no such host')))]);
    expect(await call.lead(effectFlow)).toEqual({ end: 'NORMAL_CLEARING' });
    expect(call.notes).toContainEqual({
      kind: 'ivr.effect-failed',
      data: { nodeId: 'look-up', label: 'Who is it', name: 'look-up', reason: 'no such host' },
    });
  });

  it('that takes more than 10 s counts as failed', async () => {
    let begun = false;
    const call = scripted({}, [
      lookUp(() => {
        begun = true;
        return new Promise(() => {});
      }),
    ]);
    const outcome = call.lead(effectFlow);
    await until('the effect runs', () => begun);
    await call.clock.advance(9_999);
    expect(call.notes.map(({ kind }) => kind)).toEqual(['ivr.node']);
    await call.clock.advance(1);
    expect(await outcome).toEqual({ end: 'NORMAL_CLEARING' });
  });

  it('does not keep the flow when the caller hangs up', async () => {
    let begun = false;
    const call = scripted({}, [
      lookUp(() => {
        begun = true;
        return new Promise(() => {});
      }),
    ]);
    const outcome = call.lead(effectFlow);
    await until('the effect runs', () => begun);
    call.hangUp();
    await expect(outcome).rejects.toMatchObject({ code: 'CALL_ENDED' });
  });
});
