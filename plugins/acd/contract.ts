/**
 * ACD: queues, agents and who gets which contact. The engine knows contacts, agents, capacity and levels, not
 * channels: the voice channel asks it through the destination `queue` { queueId } of telephony.
 *
 * Invariants (design §7): a contact has at most one live offer; a waiting contact has exactly one place, which
 * only improves except when somebody with priority joins, and nobody is ahead of one that an agent did not take; no
 * eligible pair waits longer than one tick; one end each.
 * Order: decide, store, act. One mailbox a tenant, so that no two decisions are made at once.
 * May fail: the database. Routing goes on, and what is owed is stored as soon as it is back.
 * After a crash: waiting contacts keep their place; an offer that was ringing is taken back and the contact is at
 *   the head of its queue; talks go on; agents are as they were; wrap-up ends at its stored deadline.
 * A tenant never sees: queues, agents or contacts of another. Switched off, its calls in progress go on to their end.
 */
import { defineContract, type LocalText } from '@jackfield/core/sdk';

/** Four axes, never one enum; what is shown is computed from them. */
export interface AgentState {
  readonly userId: string;
  readonly presence: 'signed-out' | 'available' | 'break';
  readonly breakReason: string | null;
  readonly device: 'unregistered' | 'ready' | 'ringing' | 'in-call';
  /** Contacts this agent has, with their weight. */
  readonly work: readonly {
    readonly contactId: string;
    readonly weight: number;
    readonly state: 'offered' | 'active';
  }[];
  readonly wrapUp: {
    readonly contactId: string;
    readonly since: number;
    readonly until: number | null;
  } | null;
  readonly presenceSince: number;
  /** End of the last contact, wrap-up or break, or sign-in: what "longest idle" counts from. */
  readonly idleSince: number;
}

/**
 * Orders the eligible agents of one contact; first is best. Pure: time and chance come in, candidates come in the
 * order of their ids. Whom it leaves out comes last; one that throws is replaced by the longest idle.
 */
export interface Strategy {
  readonly id: string;
  readonly title: LocalText;
  order(
    candidates: readonly StrategyCandidate[],
    facts: { readonly now: number; random(): number },
  ): readonly StrategyCandidate[];
}
export interface StrategyCandidate {
  readonly userId: string;
  readonly idleSince: number;
  readonly signedInAt: number;
  readonly answered: number;
  readonly level: number;
  readonly lastOfferedAt: number | null;
}

export interface AcdApi {
  /** Adds a strategy under the consumer's id: `<plugin>.<id>`. CONFLICT when there is one. */
  strategy(strategy: Strategy): void;
  /** In the tenant of the scope. NOT_FOUND for who has never signed in to call handling. */
  agent(userId: string): Promise<AgentState>;
}
export const acd = defineContract<AcdApi>('acd');

declare module '@jackfield/core/sdk' {
  interface EventCatalog {
    /** Signed in or out, went on break, came back; not each call. */
    'acd:agent-changed': { readonly userId: string; readonly presence: string; readonly at: number };
  }
}
