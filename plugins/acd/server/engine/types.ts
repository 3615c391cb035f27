import type { Strategy, StrategyCandidate } from '../../contract.ts';

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
  /** Pause before an agent who did not take an offer gets another; 3 s at least. */
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
  /** Since when there is nothing to do: the end of the last contact, wrap-up or break, or the sign-in. */
  readonly idleSince: number;
  readonly answered: number;
  readonly lastOfferedAt: number | null;
  readonly noAnswers: number;
  readonly restUntil: number;
  readonly wrapUp: {
    readonly contactId: string;
    readonly since: number;
    readonly until: number | null;
  } | null;
}

/** A contact that has ended is no longer in the state. */
export type ContactState = 'waiting' | 'offered' | 'active';

export interface EngineContact {
  readonly id: string;
  readonly queueId: string;
  readonly joinedAt: number;
  readonly priority: number;
  readonly weight: number;
  readonly state: ContactState;
  /** Start of the present state. */
  readonly since: number;
  /**
   * Time of its first offer, null before. A contact that comes back because an agent did not answer stands ahead
   * of all that have not been offered yet, and among its like in this order: so no return costs anyone his place.
   */
  readonly aheadSince: number | null;
  readonly agent: string | null;
  /** Number of the latest offer, from 1: tells its outcome from a late one of an earlier offer. */
  readonly attempt: number;
  /** Agents who did not take it: asked again only when nobody else can. */
  readonly refusedBy: readonly string[];
}

export interface EngineState {
  readonly queues: Readonly<Record<string, EngineQueue>>;
  readonly agents: Readonly<Record<string, EngineAgent>>;
  readonly contacts: Readonly<Record<string, EngineContact>>;
}

export type OfferFailure = 'no-answer' | 'busy' | 'rejected' | 'unreachable' | 'failed';

/** Which offer an outcome belongs to. */
export interface OfferRef {
  readonly contactId: string;
  readonly userId: string;
  readonly attempt: number;
}

export type EngineEvent =
  | { readonly type: 'queue-set'; readonly queue: EngineQueue }
  /** Deleted or switched off: whoever waits in it is turned away, talks go on. */
  | { readonly type: 'queue-removed'; readonly queueId: string }
  | { readonly type: 'agent-set'; readonly agent: EngineAgent }
  | { readonly type: 'agent-removed'; readonly userId: string }
  | {
      readonly type: 'presence';
      readonly userId: string;
      readonly presence: Presence;
      readonly reason: string | null;
    }
  | { readonly type: 'device'; readonly userId: string; readonly ready: boolean }
  | {
      readonly type: 'joined';
      readonly contactId: string;
      readonly queueId: string;
      readonly joinedAt: number;
      readonly priority: number;
      readonly weight: number;
      /** Not null when a restart finds a contact that had been offered before. */
      readonly aheadSince: number | null;
    }
  /** The contact is over, and nobody has served it. */
  | { readonly type: 'left'; readonly contactId: string }
  | ({ readonly type: 'answered' } & OfferRef)
  | ({ readonly type: 'offer-failed'; readonly why: OfferFailure } & OfferRef)
  /** A restart found this contact with its agent. */
  | {
      readonly type: 'restored';
      readonly contactId: string;
      readonly queueId: string;
      readonly joinedAt: number;
      readonly userId: string;
      readonly weight: number;
    }
  /** The contact is over, and its agent may have work to do after it. */
  | { readonly type: 'finished'; readonly contactId: string }
  | { readonly type: 'wrap-up-ended'; readonly userId: string }
  | { readonly type: 'tick' };

export type EngineCommand =
  | ({ readonly type: 'offer'; readonly ringMs: number; readonly decision: Decision } & OfferRef)
  /** The offer is void: the ringing stops, and its outcome changes nothing any more. */
  | ({ readonly type: 'withdraw' } & OfferRef)
  /** Its queue is gone: the contact is no longer in the state. */
  | { readonly type: 'turned-away'; readonly contactId: string; readonly queueId: string }
  | { readonly type: 'agent-changed'; readonly userId: string }
  | { readonly type: 'queue-changed'; readonly queueId: string };

/** Why an agent was not chosen; the first reason that applies. */
export type Ineligible = 'signed-out' | 'on-break' | 'device' | 'wrap-up' | 'resting' | 'busy';

/** Kept with each offer, and enough to decide it again to the same answer (`decideAgain`). */
export interface Decision {
  readonly at: number;
  readonly contactId: string;
  readonly queueId: string;
  readonly strategy: string;
  /** Real waiting, without the virtual seconds of `priority`. */
  readonly waitedMs: number;
  readonly priority: number;
  /** An agent did not take it before. */
  readonly returned: boolean;
  readonly chosen: string;
  /** In the order of the strategy, best first. */
  readonly candidates: readonly (StrategyCandidate & { readonly refusedBefore: boolean })[];
  readonly rejected: readonly { readonly userId: string; readonly why: Ineligible }[];
  /** What the strategy drew from the random source, in order. */
  readonly draws: readonly number[];
}

export interface EngineFacts {
  readonly now: number;
  /** In [0, 1). */
  random(): number;
  /** Never throws: an id that nobody offers any more gives the default strategy. */
  strategy(id: string): Strategy;
}
