import { describe, expect, it } from 'vitest';
import type { NodeType } from '../../contract.ts';
import { builtInNodes } from './index.ts';
import { createNodeRegistry } from './registry.ts';

const play = builtInNodes.find(({ type }) => type === 'play') as NodeType;
const named = (type: string): NodeType => ({ ...play, type });

describe('the registry of node types', () => {
  it('takes plain names from the plugin itself and prefixed ones from others', () => {
    const registry = createNodeRegistry('ivr');
    registry.add('ivr', play);
    registry.add('weather', named('weather.today'));
    expect([...registry.types(() => true).keys()]).toEqual(['play', 'weather.today']);
  });

  it.each(['today', 'other.today', 'weather.', 'weather.Today', 'weather.a.b', 'weathertoday'])(
    'refuses %s from the plugin weather',
    (type) => {
      expect(() => createNodeRegistry('ivr').add('weather', named(type))).toThrow(
        /must be named weather\.<name>/,
      );
    },
  );

  it('refuses a name that is taken', () => {
    const registry = createNodeRegistry('ivr');
    registry.add('ivr', play);
    expect(() => registry.add('ivr', play)).toThrow(/there already/);
  });

  it('leaves out the types of plugins that are off, and forgets those that are undone', () => {
    const registry = createNodeRegistry('ivr');
    registry.add('ivr', play);
    const undo = registry.add('weather', named('weather.today'));
    expect([...registry.types((plugin) => plugin !== 'weather').keys()]).toEqual(['play']);
    undo();
    expect([...registry.types(() => true).keys()]).toEqual(['play']);
  });
});
