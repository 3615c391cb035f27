import type { StrategyCandidate } from '../../contract.ts';

/** Times are milliseconds since 1970; priorities are seconds of virtual waiting. */

export interface EngineQueue {
  readonly id: string;
  readonly strategy: string;
  /** How long an offer rings. */
  readonly ringMs: number;
  /** `auto`: idle at once · `manual`: until the agent ends it · `timed`: until the agent ends it or time is up. */
  readonly wrapUp: { readonly mode: 'auto' | 'manual' | 'timed'; readonly ms: number };
  /** Unanswered offers in a row after which the agent goes on break; 0 never. */
  readonly maxNoAnswer: number;
  /** Pause before an agent who did not answer is offered anything again. */
  readonly noAnswerRestMs: number;
  /** User id → level in this queue (9 best). */
  readonly members: Readonly<Record<string, { readonly level: number }>>;
}

export type Presence = 'signed-out' | 'available' | 'break';

export interface EngineAgent {
  readonly userId: string;
  readonly presence: Presence;
  readonly breakReason: string | null;
  readonly presenceSince: number;
  readonly signedInAt: number;
  /** Can the phone ring now? Told by the channel; the engine does not know why not. */
  readonly deviceReady: boolean;
  /** Weight the agent can bear at once. */
  readonly capacity: number;
  readonly idleSince: number;
  readonly answered: number;
  readonly lastOfferedAt: number | null;
  readonly noAnswers: number;
  readonly restUntil: number;
  readonly wrapUp: { readonly contactId: string; readonly since: number; readonly until: number | null } | null;
}

export type ContactState = 'waiting' | 'offered' | 'active' | 'ended';

export interface EngineContact {
  readonly id: string;
  readonly queueId: string;
  readonly joinedAt: number;
  readonly priority: number;
  readonly weight: number;
  readonly state: ContactState;
  /** Came back because an agent did not answer: goes ahead of everyone. */
  readonly returned: boolean;
  readonly agent: string | null;
  readonly offeredAt: number | null;
  /** Agents who did not take it: asked again only when nobody else can. */
  readonly refusedBy: readonly string[];
}

export interface EngineState {
  readonly queues: Readonly<Record<string, EngineQueue>>;
  readonly agents: Readonly<Record<string, EngineAgent>>;
  readonly contacts: Readonly<Record<string, EngineContact>>;
}

export type OfferFailure = 'no-answer' | 'busy' | 'rejected' | 'unreachable' | 'failed';

export type EngineEvent =
  | { readonly type: 'queue-set'; readonly queue: EngineQueue }
  | { readonly type: 'queue-removed'; readonly queueId: string }
  | { readonly type: 'agent-set'; readonly agent: EngineAgent }
  | { readonly type: 'agent-removed'; readonly userId: string }
  | { readonly type: 'presence'; readonly userId: string; readonly presence: Presence; readonly reason: string | null }
  | { readonly type: 'device'; readonly userId: string; readonly ready: boolean }
  | {
      readonly type: 'joined';
      readonly contactId: string;
      readonly queueId: string;
      readonly joinedAt: number;
      readonly priority: number;
      readonly weight: number;
      readonly returned: boolean;
    }
  | { readonly type: 'left'; readonly contactId: string }
  | { readonly type: 'answered'; readonly contactId: string; readonly userId: string }
  | { readonly type: 'offer-failed'; readonly contactId: string; readonly userId: string; readonly why: OfferFailure }
  /** A restart found this contact with its agent. */
  | { readonly type: 'restored'; readonly contactId: string; readonly queueId: string; readonly joinedAt: number; readonly userId: string; readonly weight: number }
  | { readonly type: 'finished'; readonly contactId: string }
  | { readonly type: 'wrap-up-ended'; readonly userId: string }
  | { readonly type: 'tick' };

export type EngineCommand =
  | { readonly type: 'offer'; readonly contactId: string; readonly userId: string; readonly ringMs: number; readonly decision: Decision }
  | { readonly type: 'withdraw'; readonly contactId: string; readonly userId: string }
  /** The agent's stored state changed. */
  | { readonly type: 'agent-changed'; readonly userId: string }
  | { readonly type: 'queue-changed'; readonly queueId: string };

/** Why an agent was not chosen; the first reason that applies. */
export type Ineligible = 'signed-out' | 'on-break' | 'device' | 'wrap-up' | 'resting' | 'busy';

/** Kept with each offer, and enough to decide it again to the same answer. */
export interface Decision {
  readonly at: number;
  readonly contactId: string;
  readonly queueId: string;
  readonly strategy: string;
  readonly waitedMs: number;
  readonly chosen: string;
  readonly candidates: readonly (StrategyCandidate & { readonly refusedBefore: boolean })[];
  readonly rejected: readonly { readonly userId: string; readonly why: Ineligible }[];
  /** What the strategy drew from the random source, in order. */
  readonly draws: readonly number[];
}

export interface EngineFacts {
  readonly now: number;
  random(): number;
  strategy(id: string): import('../../contract.ts').Strategy;
}
