import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Orderable, orderPlugins } from './order.ts';

const plugin = (
  id: string,
  requires: Record<string, string> = {},
  optional: Record<string, string> = {},
): Orderable => ({
  id,
  version: '1.2.3',
  requires,
  optional,
});

describe('the order of plugins', () => {
  it('puts dependencies first and otherwise keeps the order given', () => {
    const { order } = orderPlugins([
      plugin('d', { b: '*' }),
      plugin('c'),
      plugin('b', { a: '*' }),
      plugin('a'),
    ]);
    expect(order).toEqual(['a', 'b', 'd', 'c']);
  });

  it('puts an optional dependency first too, and does without one that is absent', () => {
    const { order, refused } = orderPlugins([plugin('b', {}, { a: '*', absent: '*' }), plugin('a')]);
    expect(order).toEqual(['a', 'b']);
    expect(refused).toEqual([]);
  });

  it('names a missing dependency with its range, and those that fall with it', () => {
    expect(orderPlugins([plugin('c', { b: '*' }), plugin('b', { a: '^2.0.0' })]).refused).toEqual([
      { id: 'c', reason: 'depends on "b"' },
      { id: 'b', reason: 'requires "a" ^2.0.0, which is not installed' },
    ]);
  });

  it('says which version is there when it is the wrong one', () => {
    expect(orderPlugins([plugin('a'), plugin('b', { a: '^2.0.0' })]).refused).toEqual([
      { id: 'b', reason: 'requires "a" ^2.0.0, but 1.2.3 is installed' },
    ]);
  });

  it('prints the path of a cycle, and lets the others go on', () => {
    const { order, refused } = orderPlugins([
      plugin('a', { b: '*' }),
      plugin('b', { c: '*' }),
      plugin('c', { a: '*' }),
      plugin('on-top', { a: '*' }),
      plugin('apart'),
    ]);
    expect(refused).toEqual([
      { id: 'a', reason: 'cycle a → b → c → a' },
      { id: 'b', reason: 'cycle b → c → a → b' },
      { id: 'c', reason: 'cycle c → a → b → c' },
      { id: 'on-top', reason: 'depends on "a"' },
    ]);
    expect(order).toEqual(['apart']);
  });

  it('holds for any graph: all are placed or refused, and nobody stands before what it requires', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const graph = fc.tuple(
      ...ids.map((id) => fc.subarray([...ids.filter((other) => other !== id), 'absent'])),
    );
    fc.assert(
      fc.property(graph, (edges) => {
        const plugins = ids.map((id, at) =>
          plugin(id, Object.fromEntries((edges[at] ?? []).map((to) => [to, '*']))),
        );
        const { order, refused } = orderPlugins(plugins);
        expect([...order, ...refused.map(({ id }) => id)].sort()).toEqual(ids);
        for (const { id, requires } of plugins) {
          if (!order.includes(id)) continue;
          for (const needed of Object.keys(requires))
            expect(order.slice(0, order.indexOf(id))).toContain(needed);
        }
      }),
      { seed: 20261120, numRuns: 500 },
    );
  });
});
