import type { PluginContext } from '@jackfield/core/sdk';
import type { AgentView } from './agent-view.ts';
import type { QueueSummary, QueueView } from './queue-view.ts';
import type { Runtimes } from './runtimes.ts';

/** What browsers see without asking again. Published in the scope of the tenant. */
export interface Topics {
  agent(view: AgentView): void;
  queue(view: QueueView, summary: QueueSummary): void;
}

const ALL = 'all';

/**
 * Streams: `acd/agent/<userId>` {agent}, `acd/agents/all` {agents}, `acd/queues/all` {queues} of summaries and
 * `acd/queues/<queueId>` {queue} with its contacts. Messages: `agent` {agent}, `queue` {queue}.
 */
export function createTopics(ctx: PluginContext, runtimes: Runtimes): Topics {
  const own = ctx.realtime.topic('agent', {
    permission: 'acd:work',
    authorize: (key, userId) => key === userId,
    async snapshot(userId) {
      const { runtime } = await runtimes.current();
      return { agent: runtime.agentView(userId) };
    },
  });
  const agents = ctx.realtime.topic('agents', {
    permission: 'acd:read',
    authorize: (key) => key === ALL,
    async snapshot() {
      const { runtime } = await runtimes.current();
      return {
        agents: Object.keys(runtime.state.agents).flatMap((userId) => runtime.agentView(userId) ?? []),
      };
    },
  });
  const queues = ctx.realtime.topic('queues', {
    permission: 'acd:read',
    async snapshot(key) {
      const { runtime } = await runtimes.current();
      if (key !== ALL) return { queue: runtime.queueView(key) };
      return { queues: Object.keys(runtime.state.queues).map((id) => runtime.queueSummary(id)) };
    },
  });
  return {
    agent(view) {
      own.publish(view.userId, 'agent', { agent: view });
      agents.publish(ALL, 'agent', { agent: view });
    },
    queue(view, summary) {
      queues.publish(view.id, 'queue', { queue: view });
      queues.publish(ALL, 'queue', { queue: summary });
    },
  };
}
