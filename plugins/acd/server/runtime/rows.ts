import type { Decision, EngineAgent, EngineContact, EngineQueue } from '../engine/types.ts';
import type { AgentRow } from '../entities/agent.entity.ts';
import type { QueueRow } from '../entities/queue.entity.ts';

/** What one step of the engine changed. */
export interface Changes {
  readonly agents: readonly EngineAgent[];
  /** Whose presence is another than before, for those who subscribe to it. */
  readonly presences: readonly EngineAgent[];
  readonly contacts: readonly EngineContact[];
  readonly gone: readonly string[];
  readonly decisions: readonly (Decision & { readonly attempt: number })[];
}

/** The tables of the runtime, in the tenant of the scope. */
export interface AcdStore {
  agents(): Promise<EngineAgent[]>;
  /** Contacts that had not ended when the server stopped. */
  contactIds(): Promise<readonly string[]>;
  queue(id: string): Promise<QueueRow | null>;
  queues(): Promise<QueueRow[]>;
  members(): Promise<{ readonly queueId: string; readonly userId: string; readonly level: number }[]>;
  /** All or none. */
  save(changes: Changes): Promise<void>;
}

/** Weight of what one agent bears: a voice contact weighs 1, so one call at a time. */
const CAPACITY = 1;

/** Nothing is known of his phone until it is asked for. */
export function newAgent(userId: string, now: number): EngineAgent {
  return {
    userId,
    presence: 'signed-out',
    breakReason: null,
    presenceSince: now,
    signedInAt: now,
    deviceReady: false,
    capacity: CAPACITY,
    idleSince: now,
    answered: 0,
    lastOfferedAt: null,
    noAnswers: 0,
    restUntil: 0,
    wrapUp: null,
  };
}

export function toEngineQueue(
  row: QueueRow,
  members: readonly { readonly userId: string; readonly level: number }[],
): EngineQueue {
  return {
    id: row.id,
    strategy: row.strategy,
    ringMs: row.ringSeconds * 1_000,
    wrapUp: { mode: row.wrapUpMode, ms: row.wrapUpSeconds * 1_000 },
    maxNoAnswer: row.maxNoAnswer,
    noAnswerRestMs: row.noAnswerRestSeconds * 1_000,
    members: Object.fromEntries(members.map(({ userId, level }) => [userId, { level }])),
  };
}

export function toAgent(row: AgentRow): EngineAgent {
  const { wrapUpContactId: contactId, wrapUpSince: since, wrapUpUntil: until } = row;
  return {
    userId: row.userId,
    presence: row.presence,
    breakReason: row.breakReason,
    presenceSince: row.presenceSince,
    signedInAt: row.signedInAt,
    deviceReady: false,
    capacity: CAPACITY,
    idleSince: row.idleSince,
    answered: row.answered,
    lastOfferedAt: row.lastOfferedAt,
    noAnswers: row.noAnswers,
    restUntil: row.restUntil,
    wrapUp: contactId !== null && since !== null ? { contactId, since, until } : null,
  };
}

/** What is stored of an agent; the rest is found out anew. */
export function toRow({ deviceReady: _phone, capacity: _fixed, wrapUp, ...agent }: EngineAgent) {
  return {
    ...agent,
    wrapUpContactId: wrapUp?.contactId ?? null,
    wrapUpSince: wrapUp?.since ?? null,
    wrapUpUntil: wrapUp?.until ?? null,
  };
}

export function toDecisionRow({ attempt, ...decision }: Decision & { readonly attempt: number }) {
  const { at, contactId, queueId, chosen } = decision;
  return { at, contactId, queueId, chosen, attempt, decision };
}
