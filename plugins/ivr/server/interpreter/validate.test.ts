import { z } from '@jackfield/core/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow, FlowNode } from '../../contract.ts';
import { builtInNodes } from '../nodes/index.ts';
import { settingWords } from './setting-words.ts';
import type { NodeTypes } from './step.ts';
import { isPublishable, validateFlow } from './validate.ts';

const types: NodeTypes = new Map(builtInNodes.map((type) => [type.type, type]));
const node = (
  id: string,
  type: string,
  config: unknown = {},
  next: Record<string, string> = {},
): FlowNode => ({
  id,
  type,
  label: id,
  config,
  next,
});
const say = { prompts: [{ kind: 'text', text: 'Hello.' }] };
const good: Flow = {
  start: 'start',
  nodes: [
    node('start', 'start', {}, { next: 'play' }),
    node('play', 'play', say, { next: 'queue' }),
    node('queue', 'queue', { queueId: 'q1' }),
  ],
};
const offered = [{ kind: 'queue', target: { queueId: 'q1' } }];
const problemsOf = (nodes: readonly FlowNode[], start = 'start') =>
  validateFlow({ start, nodes }, types, { offered }).map(({ nodeId, code, detail }) => [
    nodeId,
    code,
    detail,
  ]);

describe('what keeps a flow from being published', () => {
  it('is nothing, for a flow that is whole', () => {
    expect(validateFlow(good, types, { offered })).toEqual([]);
  });

  it('is that it is empty, or has no start', () => {
    expect(problemsOf([])).toEqual([[null, 'empty', '']]);
    expect(problemsOf([node('a', 'hangup')], 'b')).toContainEqual([null, 'no-start', 'b']);
  });

  it('is an open exit, an exit to nowhere, an id twice, a wrong setting, by node', () => {
    expect(problemsOf([node('start', 'start')])).toEqual([['start', 'exit-open', 'next']]);
    expect(problemsOf([node('start', 'start', {}, { next: 'gone' })])).toEqual([
      ['start', 'target-unknown', 'next'],
    ]);
    expect(problemsOf([node('start', 'hangup'), node('start', 'hangup')])).toContainEqual([
      'start',
      'duplicate-id',
      'start',
    ]);
    const [problem] = validateFlow({ start: 'p', nodes: [node('p', 'play', { prompts: [] })] }, types);
    expect(problem).toMatchObject({ nodeId: 'p', code: 'bad-config', path: 'prompts', severity: 'error' });
  });

  it('is the key of an option that was taken out, but only as a warning', () => {
    const options = [{ key: '1', name: 'Sales' }];
    const nodes = [
      node('start', 'menu', { ...say, options }, { 1: 'end', 2: 'end' }),
      node('end', 'hangup'),
      node('lost', 'hangup'),
    ];
    const problems = validateFlow({ start: 'start', nodes }, types, { offered });
    expect(problems).toMatchObject([
      { nodeId: 'start', code: 'exit-unknown', detail: '2', severity: 'warning' },
      { nodeId: 'lost', code: 'unreachable', severity: 'warning' },
    ]);
    expect(isPublishable(problems)).toBe(true);
  });

  it('[ivr-07] is a voicemail node while no plugin offers voicemail', () => {
    const nodes = [node('start', 'voicemail', { target: { boxId: 'b1' } })];
    expect(problemsOf(nodes)).toEqual([['start', 'destination-unavailable', 'voicemail']]);
    const box = [...offered, { kind: 'voicemail', target: { boxId: 'b1' } }];
    expect(validateFlow({ start: 'start', nodes }, types, { offered: box })).toEqual([]);
  });

  it('is a queue that is not there any more', () => {
    expect(problemsOf([node('start', 'queue', { queueId: 'gone' })])).toEqual([
      ['start', 'destination-unknown', 'queue'],
    ]);
  });

  it('is a node type that no active plugin offers, or that fails', () => {
    expect(problemsOf([node('start', 'weather.today')])).toEqual([
      ['start', 'unknown-type', 'weather.today'],
    ]);
    const broken = {
      type: 'broken.node',
      title: { 'zh-CN': '坏', en: 'Broken' },
      icon: 'Box',
      config: z.unknown(),
      exits: () => {
        throw new Error('no exits');
      },
      step: () => ({ hangup: true }) as const,
    };
    const all: NodeTypes = new Map([...types, ['broken.node', broken]]);
    const problems = validateFlow({ start: 'x', nodes: [node('x', 'broken.node')] }, all);
    expect(problems).toMatchObject([{ nodeId: 'x', code: 'node-failed', detail: 'no exits' }]);
  });

  it('says what is wrong with a setting in the words of the reader', () => {
    const nodes = [node('p', 'play', { prompts: [] })];
    const detail = (locale: 'zh-CN' | 'en') =>
      validateFlow({ start: 'p', nodes }, types, { words: settingWords[locale] })[0]?.detail;
    expect([detail('zh-CN'), detail('en')]).toEqual(['请至少添加一项。', 'Add at least one.']);
  });

  it('can be asked of anything', () => {
    const anyNode = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      type: fc.constantFrom(...types.keys(), 'toString'),
      label: fc.string(),
      config: fc.jsonValue(),
      next: fc.dictionary(
        fc.constantFrom('next', '1', 'error', 'constructor'),
        fc.constantFrom('a', 'b', 'z'),
      ),
    });
    fc.assert(
      fc.property(fc.array(anyNode), fc.constantFrom('a', 'z'), (nodes, start) => {
        expect(Array.isArray(validateFlow({ start, nodes }, types, { offered }))).toBe(true);
      }),
      { seed: 20261120, numRuns: 300 },
    );
  });
});
