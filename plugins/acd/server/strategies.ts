import type { Consumer, PluginContext } from '@jackfield/core/sdk';
import { JackfieldError } from '@jackfield/core/sdk';
import type { Strategy } from '../contract.ts';
import { builtInStrategies } from './engine/strategies.ts';

export interface Strategies {
  /** CONFLICT when the plugin has one of this name already. */
  add(strategy: Strategy, consumer: Consumer): void;
  /** Those an admin of the scope's tenant may choose. */
  offered(): readonly Strategy[];
  /**
   * Never throws, and neither does what it gives: a strategy that is not there any more, or that fails, is
   * replaced by the default one, since callers must not wait for a fault.
   */
  find(id: string): Strategy;
}

const [fallback] = builtInStrategies;

export function createStrategies(log: Pick<PluginContext['log'], 'error'>): Strategies {
  const added = new Map<string, { readonly strategy: Strategy; readonly consumer: Consumer }>();

  function guarded(strategy: Strategy): Strategy {
    return {
      ...strategy,
      order(candidates, facts) {
        try {
          return strategy.order(candidates, facts);
        } catch (error) {
          log.error({ err: error, strategy: strategy.id }, 'a strategy failed; the default one decides');
          return fallback?.order(candidates, facts) ?? candidates;
        }
      },
    };
  }

  return {
    add(strategy, consumer) {
      const id = `${consumer.pluginId}.${strategy.id}`;
      if (added.has(id)) throw new JackfieldError('CONFLICT', `Strategy "${id}" is there already.`);
      added.set(id, { strategy: guarded({ ...strategy, id }), consumer });
      consumer.onUndo(() => added.delete(id));
    },
    offered: () => [
      ...builtInStrategies,
      ...[...added.values()].filter(({ consumer }) => consumer.isActive()).map(({ strategy }) => strategy),
    ],
    find(id) {
      const builtIn = builtInStrategies.find((strategy) => strategy.id === id);
      const plugged = added.get(id);
      const found = builtIn ?? (plugged?.consumer.isActive() ? plugged.strategy : undefined) ?? fallback;
      if (!found) throw new Error('there is no built-in strategy');
      return found;
    },
  };
}
