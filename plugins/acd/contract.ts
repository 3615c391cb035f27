/**
 * ACD: queues, agents and who gets which contact. The engine knows contacts, agents, capacity and skills, not
 * channels: voice registers itself as one, so will chat.
 *
 * Invariants (design §7): a contact has at most one live offer; a waiting contact has exactly one place, which
 * only improves except by priority; no eligible pair waits longer than one tick; one terminal state each.
 * After a crash: waiting contacts keep their place (joined time and priority are stored with the contact);
 *   an offer that was ringing is taken back and the contact is at the head of its queue; talks go on; wrap-up
 *   ends at its stored deadline.
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
  /** End of the last contact or sign-in: what "longest idle" counts from. */
  readonly idleSince: number;
}

/** Orders the eligible agents of one contact; first is best. Pure: time and chance come in. */
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
  /** Adds a strategy under the consumer's id: `<plugin>.<id>`. */
  strategy(strategy: Strategy): void;
  agent(userId: string): Promise<AgentState>;
}
export const acd = defineContract<AcdApi>('acd');

declare module '@jackfield/core/sdk' {
  interface EventCatalog {
    'acd:agent-changed': { readonly userId: string; readonly presence: string; readonly at: number };
  }
}
