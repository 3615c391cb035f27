import type { PluginContext } from '@jackfield/core/sdk';
import type { EngineAgent, EngineContact } from '../engine/types.ts';
import { AgentEntity } from '../entities/agent.entity.ts';
import { ContactEntity, DecisionEntity } from '../entities/contact.entity.ts';
import { QueueEntity, QueueMemberEntity } from '../entities/queue.entity.ts';
import { type AcdStore, toAgent, toDecisionRow, toRow } from './rows.ts';

/** More than a tenant may have; a list that is cut off would leave agents out without a word. */
const ALL = 10_000;

export function createStore(ctx: PluginContext): AcdStore {
  const queues = ctx.repo(QueueEntity);
  const members = ctx.repo(QueueMemberEntity);
  const agents = ctx.repo(AgentEntity);
  const contacts = ctx.repo(ContactEntity);
  const decisions = ctx.repo(DecisionEntity);

  async function saveAgent(agent: EngineAgent): Promise<void> {
    const { userId, ...values } = toRow(agent);
    const matched = await agents.updateWhere({ userId }, values);
    if (matched === 0) await agents.insert({ userId, ...values });
  }

  async function saveContact(contact: EngineContact): Promise<void> {
    const { id, agent, refusedBy: _kept, ...rest } = contact;
    const values = { ...rest, agentUserId: agent };
    const matched = await contacts.updateWhere({ id }, values);
    if (matched === 0) await contacts.insert({ id, ...values });
  }

  return {
    agents: async () => (await agents.find({}, { limit: ALL })).map(toAgent),
    contactIds: async () => (await contacts.find({}, { limit: ALL })).map(({ id }) => id),
    queue: (id) => queues.findOne({ id }),
    queues: () => queues.find({}, { limit: ALL }),
    members: () => members.find({}, { limit: ALL }),
    async save(changes) {
      await ctx.tx(async () => {
        for (const agent of changes.agents) await saveAgent(agent);
        for (const contact of changes.contacts) await saveContact(contact);
        if (changes.gone.length > 0) await contacts.deleteWhere({ id: { in: changes.gone } });
        if (changes.decisions.length > 0) await decisions.insertMany(changes.decisions.map(toDecisionRow));
        for (const { userId, presence, presenceSince: at } of changes.presences) {
          await ctx.events.publish('acd:agent-changed', { userId, presence, at }, { key: userId });
        }
      });
    },
  };
}
