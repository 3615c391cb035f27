import type { EngineAgent, EngineCommand, EngineState } from '../engine/types.ts';
import { type Changes, toRow } from './rows.ts';

/** What differs from the tables. Ids, so that only the last of several changes is written. */
export function createUnsavedChanges() {
  const agents = new Set<string>();
  const presences = new Set<string>();
  const contacts = new Set<string>();
  let decisions: Changes['decisions'][number][] = [];
  /** What is in the table of each agent: most changes of one are not of what is stored. */
  const rows = new Map<string, string>();
  const rowOf = (agent: EngineAgent) => JSON.stringify(toRow(agent));

  return {
    isStored(known: readonly EngineAgent[]): void {
      for (const agent of known) rows.set(agent.userId, rowOf(agent));
    },
    isEmpty: () => agents.size === 0 && contacts.size === 0 && decisions.length === 0,
    add(before: EngineState, after: EngineState, commands: readonly EngineCommand[]): void {
      for (const command of commands) {
        if (command.type === 'offer') decisions.push({ ...command.decision, attempt: command.attempt });
        if (command.type !== 'agent-changed') continue;
        const [was, is] = [before.agents[command.userId], after.agents[command.userId]];
        if (is && rows.get(is.userId) !== rowOf(is)) agents.add(is.userId);
        if (was && is && was.presence !== is.presence) presences.add(is.userId);
      }
      for (const id of new Set([...Object.keys(before.contacts), ...Object.keys(after.contacts)])) {
        if (before.contacts[id] !== after.contacts[id]) contacts.add(id);
      }
    },
    /** Contacts that are in the table only. */
    remove(ids: ReadonlySet<string>): void {
      for (const id of ids) contacts.add(id);
    },
    take(state: EngineState): Changes {
      const changes: Changes = {
        agents: [...agents].flatMap((id) => state.agents[id] ?? []),
        presences: [...presences].flatMap((id) => state.agents[id] ?? []),
        contacts: [...contacts].flatMap((id) => state.contacts[id] ?? []),
        gone: [...contacts].filter((id) => !state.contacts[id]),
        decisions,
      };
      this.isStored(changes.agents);
      agents.clear();
      presences.clear();
      contacts.clear();
      decisions = [];
      return changes;
    },
    putBack(changes: Changes): void {
      for (const { userId } of changes.agents) {
        agents.add(userId);
        rows.delete(userId);
      }
      for (const { userId } of changes.presences) presences.add(userId);
      for (const { id } of changes.contacts) contacts.add(id);
      for (const id of changes.gone) contacts.add(id);
      decisions = [...changes.decisions, ...decisions];
    },
  };
}
