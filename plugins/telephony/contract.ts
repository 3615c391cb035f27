/**
 * Telephony: numbers, extensions, where a call goes, the record of each call, and what an agent does with one.
 *
 * An inbound call runs: number → tenant → `call:before-route` → destination → its outcome → … → end. A
 * destination is registered by a plugin and drives the call until it returns an outcome. The position (which
 * destination, with which state) is stored before each step, so that after a crash `resume` goes on there.
 *
 * May fail: a destination that throws ends the call with NORMAL_TEMPORARY_FAILURE and is named in the record;
 *   CALL_ENDED thrown out of a destination is the caller's hang-up, and not a fault.
 * A tenant never sees: destinations, numbers or calls of another.
 */
import {
  type ActionHook,
  type Call,
  type DecideHook,
  defineContract,
  type HangupCause,
  type Leg,
  type LocalText,
  type z,
} from '@jackfield/core/sdk';

export interface DestinationRef {
  /** `ivr`, `queue`, `extension`, `number`, `hangup`, … */
  readonly kind: string;
  readonly target: Readonly<Record<string, unknown>>;
}

export type Outcome = { readonly next: DestinationRef } | { readonly end: HangupCause };

export interface DestinationRun {
  /** State given to the last `save`; null on entering. */
  readonly state: Readonly<Record<string, unknown>> | null;
  /** Stores where this destination stands. Await it before the step it announces is taken. */
  save(state: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface Destination<T extends z.ZodType = z.ZodType> {
  readonly kind: string;
  readonly title: LocalText;
  readonly target: T;
  /** What an admin may choose, in the tenant of the scope. */
  options(): Promise<readonly { readonly target: z.output<T>; readonly label: string }[]>;
  /** Called on entering, and again with the saved state after a restart. */
  run(call: Call, target: z.output<T>, run: DestinationRun): Promise<Outcome>;
}

/** What a caller hears. Text is spoken in `locale` (the tenant's unless given). */
export type Prompt =
  | { readonly kind: 'text'; readonly text: string; readonly locale?: 'zh-CN' | 'en' }
  | { readonly kind: 'digits' | 'quantity'; readonly value: string; readonly locale?: 'zh-CN' | 'en' }
  | { readonly kind: 'audio'; readonly audioId: string }
  | { readonly kind: 'tone'; readonly tone: 'ringback' | 'busy' | 'music' | 'silence'; readonly ms?: number };

export type AgentRing =
  | { readonly outcome: 'answered'; readonly leg: Leg }
  | {
      readonly outcome: 'no-answer' | 'busy' | 'rejected' | 'unreachable' | 'cancelled' | 'failed';
      readonly cause: HangupCause;
    };

export interface TelephonyApi {
  destination<T extends z.ZodType>(destination: Destination<T>): void;
  /** Destinations an admin may choose now, of active plugins only. */
  destinationOptions(): Promise<
    readonly {
      readonly kind: string;
      readonly title: LocalText;
      readonly target: Readonly<Record<string, unknown>>;
      readonly label: string;
    }[]
  >;

  /** Access numbers whose calls go to a destination of this kind: who offers it says by them what is in use. */
  numbersLeadingTo(kind: string): Promise<
    readonly {
      readonly number: string;
      readonly alias: string;
      readonly target: Readonly<Record<string, unknown>>;
    }[]
  >;

  /** Rings the agent's phone for this call. `signal` aborted: the ringing stops (`cancelled`). */
  ringAgent(
    call: Call,
    request: { userId: string; timeoutSec: number; signal?: AbortSignal },
  ): Promise<AgentRing>;
  /**
   * Joins the caller with an answered leg and waits for the end of their talk, holds included. The caller is
   * still there unless `caller` hung up. Also takes up a talk that a restart found going on.
   */
  talk(call: Call, legId: string): Promise<{ readonly endedBy: 'caller' | 'agent' | 'server' }>;
  /** Registered, and not in a call of ours. */
  isReachable(userId: string): Promise<boolean>;

  /** Paths that `Call.play` and `collect` take. Text is rendered once and kept. */
  prompt(prompts: readonly Prompt[]): Promise<string[]>;
  /** The record's id of a call; same as the call's id. The interaction opened for it. */
  interactionOf(callId: string): Promise<string | null>;
  /** Whose leg it is, told of the phone a call came from too; null for somebody outside. */
  userOf(call: Call, leg: Leg): string | null;
  /** E.164 if it can be made so for this tenant, else the digits as given. */
  normalise(number: string): Promise<string>;
  /** Sets the flag "has a recording" of the record. */
  markRecorded(callId: string): Promise<void>;
}

/** Where the calls of an agent ring: at a phone that was given the extension's password, or in his workbench. */
export type PhoneDevice = 'desk' | 'browser';

/** The SIP account of a page that is somebody's phone. */
export interface BrowserPhoneAccount {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** Path of the server where the page speaks SIP over WebSocket. */
  readonly socket: string;
  /** When the password stops; epoch milliseconds. */
  readonly goodUntil: number;
}

/** What of an agent's phone does not belong to one of his calls. */
export interface SoftphonePhone {
  readonly extension: { readonly number: string; readonly domain: string } | null;
  readonly registered: boolean;
  /** `virtual`: the switch is the emulator, and the phone is there while the workbench is open. */
  readonly device: PhoneDevice | 'virtual';
  /** The page that is his phone now, if `browser`. */
  readonly pageId: string | null;
}
/**
 * Snapshot of the stream `telephony/agent/<userId>`; messages `phone` SoftphonePhone, `calls` { calls }, and
 * `pick-up` { legId }, which asks the page that is his phone to answer.
 */
export interface SoftphoneState extends SoftphonePhone {
  /** Live calls in which this agent has a leg, oldest first. */
  readonly calls: readonly SoftphoneCall[];
}
export interface SoftphoneCall {
  readonly callId: string;
  readonly legId: string;
  readonly interactionId: string | null;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  /** `dialling`: our own call that nobody has answered · `ringing`: at our phone · `connecting`: answered, not yet joined */
  readonly state: 'dialling' | 'ringing' | 'connecting' | 'talking' | 'held';
  /** Begin of that state. */
  readonly since: number;
  /** Null unless the agent may see numbers. */
  readonly number: string | null;
  readonly displayNumber: string;
  readonly name: string;
  /** The access number that was called, by its alias if it has one. */
  readonly via: string;
}

export const telephony = defineContract<TelephonyApi>('telephony');

export interface RouteRequest {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly vip: boolean;
  readonly destination: DestinationRef;
}

declare module '@jackfield/core/sdk' {
  interface HookCatalog {
    /** After number and tenant are known, before the destination is entered; the first answer wins. */
    'call:before-route': DecideHook<RouteRequest, DestinationRef>;
    /**
     * The talk of an agent is over: has he work to do after it? `until` is the deadline, null for none. Nobody
     * answers: the contact leaves his workbench. Who answers also removes it, by `interactions.removeParticipant`.
     */
    'call:wrap-up': DecideHook<
      { readonly callId: string; readonly userId: string },
      { readonly until: number | null }
    >;
    /** Dialling what is shown masked: whoever keeps the record says its number. `type`: `<plugin>.<thing>`. */
    'call:resolve-number': DecideHook<
      { readonly type: string; readonly id: string; readonly field: string | null },
      string
    >;
    /** The record is closed and stored. */
    'call:ended': ActionHook<{ readonly callId: string; readonly outcome: string }>;
  }
  interface EventCatalog {
    'telephony:call-ended': {
      readonly callId: string;
      readonly interactionId: string | null;
      readonly outcome: string;
      readonly startedAt: number;
      readonly endedAt: number;
    };
  }
}
