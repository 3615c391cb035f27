import { ulid } from 'ulid';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import { contained } from '../events/contained.ts';
import { withDeadline } from '../hooks/deadline.ts';
import type { Circuits } from '../plugins/circuit.ts';
import { type Actor, scope } from '../tenants/scope.ts';
import type { TopicDefinition } from './contract.ts';
import type { StreamAddress } from './stream-name.ts';

const PLUGIN_TIME_MS = 10_000;

/** The user on whose behalf a plugin is asked. */
export interface Follower {
  readonly tenantId: string | null;
  /** As of now; replaced when the user's rights change. */
  actor(): Extract<Actor, { kind: 'user' }>;
}

/** A kind of stream that a plugin has declared. Its code is asked in the user's scope, and within its time. */
export interface Topic {
  mayFollow(follower: Follower, address: StreamAddress): Promise<boolean>;
  snapshot(follower: Follower, address: StreamAddress): Promise<unknown>;
}

export interface Topics {
  /** @throws JackfieldError PLUGIN_INVALID if there is one of this name */
  declare(plugin: string, topic: string, definition: TopicDefinition<unknown>): () => void;
  get(address: StreamAddress): Topic | undefined;
}

export function createTopics(deps: { readonly clock: Clock; readonly circuits: Circuits }): Topics {
  const topics = new Map<string, Topic>();

  function ask<T>(follower: Follower, plugin: string, name: string, fn: () => T | Promise<T>): Promise<T> {
    const value = { tenantId: follower.tenantId, actor: follower.actor(), requestId: `realtime:${ulid()}` };
    const late = () => new JackfieldError('UNAVAILABLE', 'The stream did not answer in time.');
    return scope.run(value, () =>
      contained(deps.circuits, plugin, `realtime:${name}`, () =>
        withDeadline(deps.clock, PLUGIN_TIME_MS, Promise.resolve().then(fn), late),
      ),
    );
  }

  return {
    declare(plugin, topic, definition) {
      const name = `${plugin}/${topic}`;
      if (topics.has(name))
        throw new JackfieldError('PLUGIN_INVALID', `Topic "${name}" is declared twice.`, {
          details: { plugin },
        });
      topics.set(name, {
        async mayFollow(follower, { key }) {
          const { permission, authorize } = definition;
          const { permissions, userId } = follower.actor();
          if (permission && !permissions.has(permission)) return false;
          if (!authorize) return true;
          return ask(follower, plugin, name, () => authorize.call(definition, key, userId));
        },
        snapshot: (follower, { key }) => ask(follower, plugin, name, () => definition.snapshot(key)),
      });
      return () => topics.delete(name);
    },
    get: ({ plugin, topic }) => topics.get(`${plugin}/${topic}`),
  };
}
