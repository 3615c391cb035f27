// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how an author writes a variable
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../contract.ts';
import { builtInNodes } from '../nodes/index.ts';
import { type SimulatedInput, simulate } from './simulate.ts';
import type { NodeTypes } from './step.ts';

const types: NodeTypes = new Map(builtInNodes.map((type) => [type.type, type]));
const text = (words: string) => ({ kind: 'text', text: words });
const flow: Flow = {
  start: 'start',
  nodes: [
    { id: 'start', type: 'start', label: 'Start', config: {}, next: { next: 'ask' } },
    {
      id: 'ask',
      type: 'collect',
      label: 'PIN',
      config: { prompts: [text('Your PIN?')], variable: 'pin', minDigits: 4, maxDigits: 4 },
      next: { next: 'say', timeout: 'end' },
    },
    {
      id: 'say',
      type: 'play',
      label: 'Answer',
      config: { prompts: [text('It is ${pin}, ${caller}.')] },
      next: { next: 'end' },
    },
    { id: 'end', type: 'hangup', label: 'Bye', config: {}, next: {} },
  ],
};
const run = (inputs: readonly SimulatedInput[], of = flow) => simulate(of, types, inputs, { caller: '139' });

describe('a simulated call', () => {
  it('stops where it waits for a key, and says what was heard until then', () => {
    expect(run([])).toMatchObject({
      waitsFor: 'keys',
      trace: [{ kind: 'ask', nodeId: 'ask', label: 'PIN', prompts: [text('Your PIN?')] }],
    });
  });

  it('goes on with the keys to the end', () => {
    expect(run([{ type: 'keys', digits: '4711' }])).toMatchObject({
      waitsFor: null,
      variables: { pin: '4711' },
      trace: [
        { kind: 'ask' },
        { kind: 'keys', digits: '4711' },
        { kind: 'hear', prompts: [text('It is 4711, 139.')] },
        { kind: 'hangup', label: 'Bye' },
      ],
    });
  });

  it('reads keys as the switch does: to the terminator, and no more than are asked for', () => {
    expect(run([{ type: 'keys', digits: '47112' }]).variables.pin).toBe('4711');
    expect(run([{ type: 'keys', digits: '47#11' }]).trace.at(-1)).toMatchObject({ kind: 'hangup' });
  });

  it('shows a fault at its node', () => {
    const broken = { ...flow, nodes: flow.nodes.filter(({ id }) => id !== 'end') };
    expect(run([{ type: 'silence' }], broken).trace.at(-1)).toMatchObject({
      kind: 'fault',
      fault: 'unknown-node',
      nodeId: 'end',
    });
  });

  it('is cut when it plays for ever', () => {
    const [, , say] = flow.nodes;
    const round = { start: 'say', nodes: say ? [{ ...say, next: { next: 'say' } }] : [] };
    expect(run([], round).waitsFor).toBe('cut');
  });
});
