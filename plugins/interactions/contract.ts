/**
 * Interactions: the record of every contact on any channel and its timeline. Scope `system`: always on.
 *
 * Who calls: channel plugins (telephony opens one for each call), routing (acd says who serves it) and crm
 *   (reads a customer's history). Order: the caller's. May fail: NOT_FOUND.
 * After a crash: what was awaited is stored; `open` is idempotent by `ref`, so a channel that takes its call up
 *   again finds its interaction.
 * Whose address it is, others know: `open` asks the hook `interactions:name`, and `rename` is told what is learnt later.
 * The workbench shows the stream `interactions/agent/<userId>`: the contacts this agent has now.
 */
import { type DecideHook, defineContract } from '@jackfield/core/sdk';

export type InteractionChannel = 'voice' | (string & {});
/** What a contact is to one agent. */
export type ParticipantState = 'offered' | 'active' | 'held' | 'wrap-up';

export interface Interaction {
  readonly id: string;
  readonly channel: InteractionChannel;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  /** The customer's address on the channel: E.164 where it could be made so, else as given. */
  readonly address: string;
  readonly addressAsGiven: string;
  /** Of the customer, as it was known at the time; else what the other side called itself; may be empty. */
  readonly name: string;
  /** Our side: the number dialled, the account written to; an alias when there is one. */
  readonly via: string;
  readonly ref: { readonly plugin: string; readonly id: string };
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly outcome: string | null;
}

export interface TimelineEntry {
  /** `<plugin>.<what>`, such as `acd.queued`; shown through the locale key `timeline.<kind>` of that plugin. */
  readonly kind: string;
  readonly at: number;
  readonly userId?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface Participation {
  readonly userId: string;
  readonly state: ParticipantState;
  readonly since: number;
  /** Shown on the contact: queue name, wrap-up deadline, offer deadline, leg id. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface InteractionsApi {
  open(input: {
    channel: InteractionChannel;
    direction: Interaction['direction'];
    address: string;
    addressAsGiven: string;
    name: string;
    via: string;
    ref: Interaction['ref'];
    at: number;
  }): Promise<Interaction>;
  byRef(ref: Interaction['ref']): Promise<Interaction | null>;
  /** NOT_FOUND if there is none. */
  get(id: string): Promise<Interaction>;
  record(id: string, entry: TimelineEntry): Promise<void>;
  /** Shows (or moves) the contact in the agent's workbench, at once in every tab. */
  setParticipant(id: string, participation: Participation): Promise<void>;
  removeParticipant(id: string, userId: string): Promise<void>;
  /**
   * It has become known who has these addresses: contacts that somebody works on take the name, at once in every
   * tab. What is over keeps the name it had.
   */
  rename(addresses: readonly string[], name: string): Promise<void>;
  /** Idempotent. Participants in `wrap-up` stay until removed. */
  close(id: string, end: { at: number; outcome: string }): Promise<void>;
  /** Newest first, of any of these addresses. */
  history(addresses: readonly string[], limit: number): Promise<Interaction[]>;
}

export const interactions = defineContract<InteractionsApi>('interactions');

/** Snapshot of `interactions/agent/<userId>`: `{ contacts: WorkbenchContact[] }`; messages `contact` {contact}, `removed` {id}. */
export interface WorkbenchContact {
  readonly id: string;
  readonly channel: InteractionChannel;
  readonly direction: Interaction['direction'];
  readonly state: ParticipantState;
  /** E.164; present only if the user may see numbers (`interactions:see-numbers`), for lookups use `id`. */
  readonly address: string | null;
  readonly displayAddress: string;
  readonly name: string;
  readonly via: string;
  readonly since: number;
  readonly ref: Interaction['ref'];
  readonly data: Readonly<Record<string, unknown>>;
}

declare module '@jackfield/core/sdk' {
  interface HookCatalog {
    /** A contact begins: who has this address? Whoever may see the contact sees the name. */
    'interactions:name': DecideHook<
      { readonly channel: InteractionChannel; readonly address: string },
      string
    >;
  }
  interface EventCatalog {
    'interactions:closed': {
      readonly interactionId: string;
      readonly channel: string;
      readonly address: string;
      readonly outcome: string;
    };
  }
}
