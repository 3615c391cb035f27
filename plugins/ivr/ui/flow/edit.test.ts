import { describe, expect, it } from 'vitest';
import { addNode, freeId, moveNode, removeNode, restoreNode } from './edit.ts';
import type { Definition } from './shapes.ts';

const node = (id: string, next: Record<string, string> = {}) => ({
  id,
  type: 'play',
  label: '',
  config: {},
  next,
});
const flow = (): Definition => ({
  start: 'a',
  nodes: [node('a', { next: 'b' }), node('b', { next: 'c', error: 'a' }), node('c')],
});

describe('editing a flow', () => {
  it('names a new node after its type, and no two alike', () => {
    const definition = flow();
    expect(addNode(definition, 'weather.today', {}).id).toBe('today');
    expect(addNode(definition, 'weather.today', {}).id).toBe('today-2');
    expect(freeId(definition, '节点')).toBe('node');
  });

  it('fills a new node with the defaults of its settings', () => {
    const { config } = addNode(flow(), 'menu', {
      properties: {
        prompts: { type: 'array', widget: 'prompts' },
        timeoutSec: { type: 'integer', default: 5 },
        locale: { enum: ['en'] },
      },
      required: ['prompts'],
    });
    expect(config).toEqual({ prompts: [{ kind: 'text', text: '' }], timeoutSec: 5 });
  });

  it('takes a node out with the links to it, and puts all of it back', () => {
    const definition = flow();
    const removed = removeNode(definition, 'b');
    expect(definition.nodes.map(({ id, next }) => [id, next])).toEqual([
      ['a', {}],
      ['c', {}],
    ]);
    if (removed) restoreNode(definition, removed);
    expect(definition).toEqual(flow());
  });

  it('puts the start back too, and leaves alone what was linked anew meanwhile', () => {
    const definition = flow();
    const removed = removeNode(definition, 'a');
    expect(definition.start).toBe('b');
    const [b] = definition.nodes;
    if (b) b.next.error = 'c';
    if (removed) restoreNode(definition, removed);
    expect(definition.start).toBe('a');
    expect(definition.nodes.find(({ id }) => id === 'b')?.next.error).toBe('c');
  });

  it('moves a node, but not over the ends', () => {
    const definition = flow();
    moveNode(definition, 'a', -1);
    moveNode(definition, 'a', 1);
    moveNode(definition, 'c', 1);
    expect(definition.nodes.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  });
});
