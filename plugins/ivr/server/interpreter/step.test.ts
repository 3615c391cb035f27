// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how an author writes a variable
import { z } from '@jackfield/core/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow, FlowNode, NodeInput, NodeType } from '../../contract.ts';
import { builtInNodes } from '../nodes/index.ts';
import { begin, type FlowState, MAX_MOVES, type NodeTypes, step } from './step.ts';

const builtIn: NodeTypes = new Map(builtInNodes.map((type) => [type.type, type]));
const node = (id: string, type: string, config: unknown, next: Record<string, string> = {}): FlowNode => ({
  id,
  type,
  label: id,
  config,
  next,
});
const say = (text: string) => ({ prompts: [{ kind: 'text', text }] });
const menu = (text: string, keys: string) => ({
  ...say(text),
  options: [...keys].map((key) => ({ key, name: `option ${key}` })),
});
const keys = (digits: string): NodeInput => ({ type: 'collected', digits, timedOut: digits === '' });

/** Two levels of menus: 1 leads to a queue, 2 to a menu below, and back from there. */
const twoLevels: Flow = {
  start: 'start',
  nodes: [
    node('start', 'start', {}, { next: 'main' }),
    node('main', 'menu', menu('Main menu.', '12'), { 1: 'sales', 2: 'below' }),
    node('below', 'menu', menu('Below.', '1290'), { 1: 'support', 2: 'deep', 9: 'back', 0: 'top' }),
    node('deep', 'menu', menu('Deep.', '190'), { 1: 'support', 9: 'back', 0: 'top' }),
    node('sales', 'queue', { queueId: 'q-sales' }),
    node('support', 'queue', { queueId: 'q-support' }),
    node('back', 'back', {}),
    node('top', 'top', {}),
  ],
};

/** Feeds the inputs one after the other and says in which nodes the call stood, and how it ended. */
function walk(flow: Flow, inputs: readonly NodeInput[], types = builtIn) {
  let { state, action } = step(flow, types, begin(flow, {}), { type: 'entered' });
  const stood = [state.nodeId];
  for (const input of inputs) {
    if (action.type !== 'do') break;
    ({ state, action } = step(flow, types, state, input));
    stood.push(state.nodeId);
  }
  return { stood, state, action };
}

/** A node type as a plugin may bring it, made of one function. */
function custom(run: NodeType['step'], more: Partial<NodeType> = {}): NodeType {
  return {
    type: 'other.node',
    title: { 'zh-CN': '节点', en: 'Node' },
    icon: 'Box',
    config: z.unknown(),
    exits: () => ['next'],
    step: run,
    ...more,
  };
}
const withCustom = (type: NodeType): NodeTypes => new Map([...builtIn, [type.type, type]]);
const one: Flow = {
  start: 'x',
  nodes: [node('x', 'other.node', {}, { next: 'end', constructor: 'end' }), node('end', 'hangup', {})],
};
const effect = { do: { type: 'effect', name: 'look-up', args: {} } } as const;

describe('a step of a flow', () => {
  it('[ivr-03] leads through menus at several levels', () => {
    const { stood, action } = walk(twoLevels, [keys('2'), keys('2'), keys('1')]);
    expect(stood).toEqual(['main', 'below', 'deep', 'support']);
    expect(action).toEqual({
      type: 'goto',
      destination: { kind: 'queue', target: { queueId: 'q-support' } },
    });
  });

  it('[ivr-09] goes back one level, as often as the caller likes', () => {
    const down = [keys('2'), keys('2')];
    expect(walk(twoLevels, [...down, keys('9')]).stood.at(-1)).toBe('below');
    expect(walk(twoLevels, [...down, keys('9'), keys('9')]).stood.at(-1)).toBe('main');
    expect(walk(twoLevels, [...down, keys('9'), keys('2'), keys('9')]).stood.at(-1)).toBe('below');
  });

  it('[ivr-10] goes back to the top from any level', () => {
    expect(walk(twoLevels, [keys('2'), keys('2'), keys('0')]).stood.at(-1)).toBe('main');
  });

  it('ends a flow that goes round without doing anything', () => {
    const flow: Flow = {
      start: 'a',
      nodes: [node('a', 'start', {}, { next: 'b' }), node('b', 'start', {}, { next: 'a' })],
    };
    expect(walk(flow, []).action).toMatchObject({ type: 'fault', fault: 'loop' });
  });

  it('ends a flow that plays for ever to a caller who does nothing', () => {
    const flow: Flow = { start: 'a', nodes: [node('a', 'play', say('Please hold.'), { next: 'a' })] };
    const played = Array.from({ length: MAX_MOVES }, (): NodeInput => ({ type: 'played' }));
    expect(walk(flow, played).action).toMatchObject({ type: 'fault', fault: 'loop' });
  });

  it('says clearly that a flow has no nodes', () => {
    expect(walk({ start: 'start', nodes: [] }, []).action).toMatchObject({
      type: 'fault',
      fault: 'unknown-node',
    });
  });

  it('says clearly that the plugin of a node is not there', () => {
    expect(walk(one, []).action).toMatchObject({ fault: 'unknown-type', nodeId: 'x' });
  });

  it('takes a throw in a node of a plugin for a fault of the flow', () => {
    const throwing = custom(() => {
      throw new Error('the cable is not plugged in');
    });
    expect(walk(one, [], withCustom(throwing)).action).toMatchObject({
      fault: 'node-failed',
      reason: 'the cable is not plugged in',
    });
    const silent = custom(() => undefined as never);
    expect(walk(one, [], withCustom(silent)).action).toMatchObject({ fault: 'node-failed' });
    const odd = custom(() => ({ do: { type: 'dance' } }) as never);
    expect(walk(one, [], withCustom(odd)).action).toMatchObject({ fault: 'node-failed' });
  });

  it('does not take a name that every object has for an exit', () => {
    const odd = custom(() => ({ exit: 'toString' }));
    expect(walk(one, [], withCustom(odd)).action).toMatchObject({ fault: 'no-exit' });
  });

  it('leaves by `error` when an effect failed and the node names that exit', () => {
    // A node whose author thought of success only.
    const naive = (exits: string[]) =>
      custom((_config, _memo, input) => (input.type === 'entered' ? effect : { exit: 'next' }), {
        exits: () => exits,
      });
    const failed: NodeInput = { type: 'failed', reason: 'no answer' };
    const flow: Flow = {
      ...one,
      nodes: [
        node('x', 'other.node', {}, { next: 'end', error: 'sorry' }),
        ...one.nodes.slice(1),
        node('sorry', 'play', say('Sorry.')),
      ],
    };
    expect(walk(flow, [failed], withCustom(naive(['next', 'error']))).stood.at(-1)).toBe('sorry');
    // Open on purpose: the flow's fault policy.
    expect(walk(one, [failed], withCustom(naive(['next', 'error']))).action).toMatchObject({
      fault: 'effect-failed',
      reason: 'no answer',
    });
    expect(walk(one, [failed], withCustom(naive(['next']))).action).toEqual({ type: 'hangup' });
  });

  it('gives the failure to a node that has an answer of its own to it', () => {
    const careful = custom(
      (_config, _memo, input) => (input.type === 'failed' ? { exit: 'offline' } : effect),
      { exits: () => ['offline'] },
    );
    const flow: Flow = {
      start: 'x',
      nodes: [node('x', 'other.node', {}, { offline: 'end' }), node('end', 'hangup', {})],
    };
    expect(walk(flow, [{ type: 'failed', reason: 'gone' }], withCustom(careful)).action).toEqual({
      type: 'hangup',
    });
  });
});

describe('any flow', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const anyId = fc.constantFrom(...ids, 'nowhere');
  const anyConfig: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
    fc.constant(say('Hello ${lastKey}')),
    fc.constant({ ...menu('Choose.', '12#'), maxErrors: 1, maxTimeouts: 1 }),
    fc.constant({ value: '${pin}', as: 'quantity' }),
    fc.constant({ ...say('Your PIN?'), variable: 'pin', minDigits: 4, maxDigits: 6 }),
    fc.constant({ queueId: 'q' }),
    fc.constant({ kind: 'extension', target: { number: '8001' } }),
    fc.constant({}),
    fc.dictionary(fc.string(), fc.jsonValue()),
  );
  const anyFlow: fc.Arbitrary<Flow> = fc.record({
    start: anyId,
    nodes: fc.array(
      fc.record({
        id: fc.constantFrom(...ids),
        type: fc.constantFrom(...builtIn.keys(), 'gone.plugin'),
        label: fc.string(),
        config: anyConfig,
        next: fc.dictionary(fc.constantFrom('next', 'timeout', '1', '2', '#', 'error'), anyId),
      }),
      { maxLength: 8 },
    ),
  });
  const anyInput: fc.Arbitrary<NodeInput> = fc.oneof(
    fc.constant<NodeInput>({ type: 'entered' }),
    fc.constant<NodeInput>({ type: 'played' }),
    fc.constantFrom('', '1', '2', '3', '#', '1234', '99').map(keys),
    fc.constant<NodeInput>({ type: 'done', result: null }),
    fc.constant<NodeInput>({ type: 'failed', reason: 'x' }),
  );
  const states = (flow: Flow, inputs: readonly NodeInput[]): FlowState[] => {
    const seen: FlowState[] = [];
    let next = step(flow, builtIn, begin(flow, { caller: '139' }), { type: 'entered' });
    seen.push(next.state);
    for (const input of inputs) {
      if (next.action.type !== 'do') break;
      next = step(flow, builtIn, next.state, input);
      seen.push(next.state);
    }
    return seen;
  };

  it('asks for something or ends, whatever it is made of and whatever comes', () => {
    fc.assert(
      fc.property(anyFlow, fc.array(anyInput, { maxLength: 30 }), (flow, inputs) => {
        let next = step(flow, builtIn, begin(flow, {}), { type: 'entered' });
        for (const input of inputs) {
          expect(['do', 'goto', 'hangup', 'fault']).toContain(next.action.type);
          next = step(flow, builtIn, next.state, input);
        }
      }),
      { seed: 20261120, numRuns: 300 },
    );
  });

  it('gives the same answer to the same input', () => {
    fc.assert(
      fc.property(anyFlow, fc.array(anyInput, { maxLength: 10 }), anyInput, (flow, inputs, input) => {
        const state = states(flow, inputs).at(-1) ?? begin(flow, {});
        expect(step(flow, builtIn, state, input)).toEqual(step(flow, builtIn, state, input));
      }),
      { seed: 20261120, numRuns: 200 },
    );
  });

  it('asks for the same again when it is taken up at a stored state', () => {
    fc.assert(
      fc.property(anyFlow, fc.array(anyInput, { maxLength: 12 }), (flow, inputs) => {
        let next = step(flow, builtIn, begin(flow, {}), { type: 'entered' });
        for (const input of inputs) {
          if (next.action.type !== 'do') return;
          const stored: FlowState = JSON.parse(JSON.stringify(next.state));
          const again = step(flow, builtIn, stored, { type: 'entered' });
          expect(again.action).toEqual(next.action);
          // And it goes on from there as if nothing had been.
          expect(step(flow, builtIn, again.state, input).action).toEqual(
            step(flow, builtIn, next.state, input).action,
          );
          next = step(flow, builtIn, next.state, input);
        }
      }),
      { seed: 20261120, numRuns: 300 },
    );
  });

  it('ends sooner or later, however patient the caller is', () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        let next = step(flow, builtIn, begin(flow, {}), { type: 'entered' });
        for (let moves = 0; next.action.type === 'do'; moves++) {
          expect(moves).toBeLessThanOrEqual(MAX_MOVES);
          const input: NodeInput = next.action.action.type === 'play' ? { type: 'played' } : keys('1');
          next = step(flow, builtIn, next.state, input);
        }
      }),
      { seed: 20261120, numRuns: 60 },
    );
  });
});
