import type { Clock } from '../boot/clock.ts';
import type { Hub } from './hub.ts';

/**
 * The core's own topic, `core/ui/me`: tells open tabs to read their menus and rights again. It carries no
 * content, so a tab that reads late reads what is true then.
 */
export interface UiTopic {
  /** A plugin was switched on or off for the tenant. */
  pluginsChanged(tenantId: string): void;
  /** Roles, permissions or profile of one user. */
  userChanged(tenantId: string, userId: string): void;
}

const PLUGIN = 'core';
const TOPIC = 'ui';

export function createUiTopic(deps: {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly afterCommit: (fn: () => void) => void;
}): UiTopic {
  const { hub, clock, afterCommit } = deps;
  hub.declare(PLUGIN, TOPIC, {
    authorize: (key, userId) => key === userId,
    // A tab that gets a snapshot where it hoped to resume may have missed a change: it reads its menus again.
    snapshot: async () => ({ at: clock.now() }),
  });
  return {
    pluginsChanged: (tenantId) => afterCommit(() => hub.publishToAll(tenantId, PLUGIN, TOPIC, 'plugins', {})),
    userChanged: (tenantId, userId) =>
      afterCommit(() => hub.publish(tenantId, PLUGIN, TOPIC, userId, 'user', {})),
  };
}
