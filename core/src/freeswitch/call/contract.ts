/**
 * The call contract: one call, from its first channel to the end of its last.
 *
 * Who calls: the core makes a call when a channel that is not part of one parks (inbound), or when a plugin
 *   dials. It hands it to the one plugin that registered `onInbound`; that plugin decides what happens.
 * Order: events of a call are applied one at a time. `leg` listeners run synchronously with the change, so
 *   what they read of the call is what the event said.
 * May fail: every command rejects with CALL_ENDED once the call (or leg) is over, or with the errors of
 *   the switch contract. A handler that throws ends the call with NORMAL_TEMPORARY_FAILURE and is logged; one that
 *   throws SWITCH_UNREACHABLE or SWITCH_OVERLOAD does not: the call goes on in the switch, and is handed to
 *   `onResume` when the switch is back, as after a crash.
 * After a crash: talks go on in FreeSWITCH. At the next resync each call is rebuilt from the table core_call
 *   and the channel variables, and handed to `onResume` with the position that was last saved. A call whose
 *   channels are gone is closed with the end times the switch kept; it goes to `onResume` too, already ended,
 *   so that its owner can close its records.
 * A tenant never sees: another tenant's call. A call runs in its tenant's scope, with the set of active
 *   plugins it began with.
 */
import type {
  CollectRequest,
  CollectResult,
  HangupCause,
  PlayResult,
  SwitchState,
} from '../switch/contract.ts';

export type { CollectRequest, CollectResult, HangupCause, PlayResult, SwitchState };

/** `caller`: the one the call began with · `agent`: rung for it · `target`: a dialled number or extension · `supervisor` */
export type LegRole = 'caller' | 'agent' | 'target' | 'supervisor';
export type LegState = 'ringing' | 'answered' | 'ended';

export interface Leg {
  readonly id: string;
  readonly role: LegRole;
  /** User id of the person, when it is one of ours. */
  readonly userId: string | null;
  /** What was dialled, or the caller's number. */
  readonly number: string;
  readonly state: LegState;
  /** Milliseconds since 1970 by the switch's clock. */
  readonly createdAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly cause: HangupCause | null;
  /** Who hung up: this leg's own phone, or we. */
  readonly endedBy: 'party' | 'server' | null;
  /** The leg it talks with; kept while that talk is on hold. */
  readonly talksWith: string | null;
  /** The leg it talked with last; stays when that talk is over, so that a restart can tell whether there was one. */
  readonly talkedWith: string | null;
  /** It waits, hearing music, because the other side put it on hold. */
  readonly held: boolean;
}

export type CallChange =
  | { readonly type: 'leg-created' | 'leg-answered' | 'leg-ended'; readonly leg: Leg; readonly at: number }
  | { readonly type: 'talk-started' | 'talk-ended'; readonly a: Leg; readonly b: Leg; readonly at: number }
  | { readonly type: 'held' | 'resumed'; readonly leg: Leg; readonly at: number }
  | { readonly type: 'digit'; readonly leg: Leg; readonly digit: string; readonly at: number }
  /** Written by a plugin with `note`: a step of an IVR, a place in a queue. */
  | {
      readonly type: 'note';
      readonly kind: string;
      readonly data: Readonly<Record<string, unknown>>;
      readonly at: number;
    }
  | {
      readonly type: 'recording-started' | 'recording-stopped';
      readonly leg: Leg;
      readonly path: string;
      readonly at: number;
      readonly ms: number | null;
    }
  | { readonly type: 'ended'; readonly at: number; readonly cause: HangupCause };

/** Where a call stands, written before each step is taken; JSON, owned by the plugin that drives the call. */
export type CallPosition = Readonly<Record<string, unknown>>;

export interface Dial {
  /** Dial string without variables, from `CallEndpoints`. */
  readonly endpoint: string;
  readonly role: LegRole;
  readonly userId?: string;
  readonly number: string;
  readonly callerId: { readonly number: string; readonly name?: string };
  readonly timeoutSec: number;
  /** Asks the phone to pick up by itself (`sip_auto_answer`), as when its owner dialled on the screen. Not all do. */
  readonly autoAnswer?: boolean;
  /** Called with the leg's id once it is known and before the switch is asked, so that it can be stored. */
  onLeg?(leg: Leg): void;
  /** Abort: the ringing leg is hung up with the cause given as reason, LOSE_RACE otherwise. */
  readonly signal?: AbortSignal;
}
export type DialResult =
  | { readonly outcome: 'answered'; readonly leg: Leg }
  | { readonly outcome: 'failed'; readonly leg: Leg; readonly cause: HangupCause };

export interface Call {
  /** ULID; also channel variable `jf_call` on each of its legs. */
  readonly id: string;
  /** Null until the owner has called `assign`. */
  readonly tenantId: string | null;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly nodeId: string;
  /** The caller as it came: number and name (names may hold anything). */
  readonly from: { readonly number: string; readonly name: string };
  /** The number that was dialled. */
  readonly to: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly cause: HangupCause | null;
  readonly legs: readonly Leg[];
  /** The leg the call began with, or the one that took its place; CALL_STATE while a placed call has none yet. */
  readonly caller: Leg;
  readonly position: CallPosition;
  /** Aborted when the call ends. */
  readonly signal: AbortSignal;
  /** Variables the switch had at the start: SIP headers, the user an extension belongs to. */
  variable(name: string): string | null;

  /** Is this plugin of the set the call began with? False before `assign`. */
  isActive(pluginId: string): boolean;
  /** Fixes the tenant and the set of active plugins; once. */
  assign(tenantId: string): Promise<void>;
  /** Runs `fn` in the call's scope (tenant, call id, active set). */
  run<T>(fn: () => T): T;
  savePosition(position: CallPosition): Promise<void>;
  note(kind: string, data: Readonly<Record<string, unknown>>): void;
  onChange(listener: (change: CallChange) => void): () => void;

  /** These act on the caller unless a leg is named. */
  answer(): Promise<void>;
  ringing(): Promise<void>;
  play(prompts: readonly string[], options?: { leg?: string; loop?: boolean }): Promise<PlayResult>;
  stopMedia(leg?: string): Promise<void>;
  collect(request: CollectRequest): Promise<CollectResult>;
  dial(request: Dial): Promise<DialResult>;
  /** Joins two answered legs; whatever plays to them stops. */
  bridge(a: string, b: string): Promise<void>;
  /** Splits the talk of `leg`; the other side hears `music` until `resume`. CALL_STATE if it does not talk, or is on hold. */
  hold(leg: string, music: readonly string[]): Promise<void>;
  /** Joins the two again. CALL_STATE if the talk is not on hold. */
  resume(leg: string): Promise<void>;
  /**
   * One person goes on at another phone: `to`, an answered leg of his, takes the place of `from` in its talk and in
   * the call (`caller`, if that was `from`), and `from` is hung up. Takes a talk off hold. When the other side hangs up
   * meanwhile that is the end of the talk, as ever: CALL_ENDED.
   */
  handOver(from: string, to: string): Promise<void>;
  /** Stereo, the leg's own voice on the left; with `mono` one channel, for a leg that talks with nobody. */
  startRecording(leg: string, path: string, options?: { mono?: boolean }): Promise<void>;
  stopRecording(leg: string, path: string): Promise<void>;
  sendDigits(leg: string, digits: string): Promise<void>;
  pickUp(leg: string): Promise<void>;
  hangupLeg(leg: string, cause?: HangupCause): Promise<void>;
  /** Ends every leg. */
  hangup(cause?: HangupCause): Promise<void>;
}

export interface PlaceRequest {
  readonly tenantId: string;
  readonly direction: 'outbound' | 'internal';
  readonly from: { readonly number: string; readonly name: string };
  readonly to: string;
  readonly position: CallPosition;
}

export interface PluginCalls {
  /**
   * One plugin only (the second is refused): decides what happens with a new inbound call. The promise is the
   * whole life of the call for its owner: when it has settled and the call has ended, the core forgets it;
   * until then a restart hands it to `onResume`.
   */
  onInbound(handler: (call: Call) => Promise<void>): () => void;
  /** Same plugin: takes a call up again after a restart, or closes its records if `call.endedAt` is set. */
  onResume(handler: (call: Call) => Promise<void>): () => void;
  /** Taps every call of tenants where this plugin is active (of the call's own set). */
  onChange(listener: (call: Call, change: CallChange) => void): () => void;
  /**
   * A call that begins with us. It has no leg yet: `handler` dials the first one, which becomes `call.caller`.
   * Resolves when the call is stored, before `handler` has run.
   */
  place(request: PlaceRequest, handler: (call: Call) => Promise<void>): Promise<Call>;
  /** NOT_FOUND if it has ended or is another tenant's. */
  get(id: string): Call;
  active(): readonly Call[];
  /** True when the phone of `user@domain` is registered. */
  isRegistered(user: string, domain: string): Promise<boolean>;
  nodes(): readonly { readonly id: string; readonly state: SwitchState }[];
  /** Each change of a node's connection. */
  onNodeState(listener: (id: string, state: SwitchState) => void): () => void;
  onRegistration(
    listener: (change: { user: string; domain: string; registered: boolean }) => void,
  ): () => void;
  /**
   * With the emulator, whose phones are virtual: makes the one of `user@domain` there or not there, as opening
   * and closing a browser softphone does on a real switch. Does nothing on a real one.
   */
  virtualPhone(user: string, domain: string, on: boolean): Promise<void>;
  /**
   * The registration of `user@domain` ends now rather than when it would expire: its password is no longer good. Does
   * nothing with the emulator, and while the switch is away.
   */
  forgetPhone(user: string, domain: string): Promise<void>;
  /**
   * Path of this server at which a browser speaks SIP over WebSocket with the switch; null with the emulator. The
   * phone registers with the account that `switch:user` says, and finds the id of the leg that rings it in the
   * header `X-Jackfield-Leg`.
   */
  browserPhonePath(): string | null;
  /**
   * What `switch:gateways` or `switch:carriers` would say now is not what it said before: the switch asks again.
   * `gateways` names those that were altered or removed. Nothing to do while no switch is connected: it asks then.
   */
  provisioningChanged(gateways?: readonly string[]): Promise<void>;
  /** Folder, as the switch sees it, where it may write recordings. */
  recordingPath(name: string): string;
}
