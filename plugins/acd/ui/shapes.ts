/** What the server's routes and streams of this plugin send. Times are epoch milliseconds. */
export const SHOWN_STATES = [
  'idle',
  'ringing',
  'talking',
  'busy',
  'wrap-up',
  'break',
  'unreachable',
  'signed-out',
] as const;
export type ShownState = (typeof SHOWN_STATES)[number];
export type Presence = 'signed-out' | 'available' | 'break';

/** An agent as the streams have him. */
export interface AgentState {
  readonly userId: string;
  readonly shown: ShownState;
  readonly since: number;
  readonly presence: Presence;
  readonly breakReason: string | null;
  readonly wrapUp: {
    readonly contactId: string;
    readonly since: number;
    readonly until: number | null;
  } | null;
  readonly contact: { readonly id: string; readonly queueId: string; readonly since: number } | null;
  readonly answered: number;
  readonly signedInAt: number;
}
export interface Agent extends AgentState {
  readonly name: string;
}

export interface Queue {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly strategy: string;
  readonly ringSeconds: number;
  readonly wrapUpMode: 'auto' | 'manual' | 'timed';
  readonly wrapUpSeconds: number;
  readonly maxNoAnswer: number;
  readonly noAnswerRestSeconds: number;
  readonly vipSeconds: number;
  readonly announcement: string;
  readonly memberCount: number;
}
export interface Member {
  readonly userId: string;
  readonly name: string;
  level: number;
}
export interface Strategy {
  readonly id: string;
  readonly title: { readonly 'zh-CN': string; readonly en: string };
}

export interface QueueSummary {
  readonly id: string;
  readonly waiting: number;
  readonly longestSince: number | null;
  readonly talking: number;
  readonly agents: {
    readonly signedIn: number;
    readonly idle: number;
    readonly busy: number;
    readonly away: number;
  };
}
export interface LiveQueue extends QueueSummary {
  readonly name: string;
}
export interface LiveContact {
  readonly id: string;
  readonly place: number | null;
  readonly state: 'waiting' | 'offered' | 'active';
  readonly joinedAt: number;
  readonly since: number;
  readonly priority: number;
  readonly returned: boolean;
  readonly userId: string | null;
  readonly displayNumber: string;
  readonly name: string;
}
export interface Decision {
  readonly id: string;
  readonly at: number;
  readonly attempt: number;
  readonly strategy: string;
  readonly waitedMs: number;
  readonly priority: number;
  readonly returned: boolean;
  readonly chosen: string;
  readonly chosenName: string | null;
  readonly candidates: readonly {
    readonly userId: string;
    readonly name: string | null;
    readonly idleSince: number;
    readonly answered: number;
    readonly level: number;
    readonly refusedBefore: boolean;
  }[];
  readonly rejected: readonly {
    readonly userId: string;
    readonly name: string | null;
    readonly why: string;
  }[];
}
