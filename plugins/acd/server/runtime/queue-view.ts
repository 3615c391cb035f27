import { line } from '../engine/place.ts';
import type { EngineState } from '../engine/types.ts';
import type { AgentView } from './agent-view.ts';

/** What may be shown of a contact to everybody who watches the queue: the number is masked already. */
export interface ContactLabel {
  readonly displayNumber: string;
  readonly name: string;
}

export interface QueueSummary {
  readonly id: string;
  readonly waiting: number;
  /** When the one who waits longest joined; null while nobody waits. */
  readonly longestSince: number | null;
  readonly talking: number;
  readonly agents: {
    readonly signedIn: number;
    readonly idle: number;
    readonly busy: number;
    readonly away: number;
  };
}

export interface QueueContact extends ContactLabel {
  readonly id: string;
  /** 1 is next; null for one who talks. */
  readonly place: number | null;
  readonly state: 'waiting' | 'offered' | 'active';
  readonly joinedAt: number;
  readonly since: number;
  readonly priority: number;
  /** Came back because an agent did not answer. */
  readonly returned: boolean;
  readonly userId: string | null;
}
export interface QueueView extends QueueSummary {
  readonly contacts: readonly QueueContact[];
}

/** A list that nobody reads to its end; the count beside it is complete. */
const MOST_SHOWN = 200;

export function queueSummary(
  state: EngineState,
  queueId: string,
  view: (userId: string) => AgentView | null,
): QueueSummary {
  const contacts = Object.values(state.contacts).filter((contact) => contact.queueId === queueId);
  const waiting = contacts.filter((contact) => contact.state !== 'active');
  const members = Object.keys(state.queues[queueId]?.members ?? {}).flatMap((userId) => view(userId) ?? []);
  const signedIn = members.filter(({ presence }) => presence !== 'signed-out');
  const idle = signedIn.filter(({ shown }) => shown === 'idle').length;
  const away = signedIn.filter(({ shown }) => shown === 'break' || shown === 'unreachable').length;
  return {
    id: queueId,
    waiting: waiting.length,
    longestSince: waiting.length > 0 ? Math.min(...waiting.map(({ joinedAt }) => joinedAt)) : null,
    talking: contacts.length - waiting.length,
    agents: { signedIn: signedIn.length, idle, away, busy: signedIn.length - idle - away },
  };
}

export function queueView(
  state: EngineState,
  queueId: string,
  now: number,
  view: (userId: string) => AgentView | null,
  labelOf: (contactId: string) => ContactLabel,
): QueueView {
  const talking = Object.values(state.contacts)
    .filter((contact) => contact.queueId === queueId && contact.state === 'active')
    .sort((a, b) => a.since - b.since);
  const contacts = [...line(state, queueId, now), ...talking].slice(0, MOST_SHOWN);
  return {
    ...queueSummary(state, queueId, view),
    contacts: contacts.map((contact, index) => ({
      id: contact.id,
      place: contact.state === 'active' ? null : index + 1,
      state: contact.state,
      joinedAt: contact.joinedAt,
      since: contact.since,
      priority: contact.priority,
      returned: contact.state === 'waiting' && contact.aheadSince !== null,
      userId: contact.agent,
      ...labelOf(contact.id),
    })),
  };
}
