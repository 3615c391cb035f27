/**
 * The switch contract: what the rest of Jackfield may ask of one FreeSWITCH node.
 *
 * Order. Events of one channel reach `onEvent` in the order FreeSWITCH fired them; across channels there is
 * no order. A command's promise settles after the events that prove it have been handed to `onEvent`.
 * Failure. Every command rejects with a JackfieldError: SWITCH_UNREACHABLE (not connected, or the connection
 * was lost before proof came: the effect is unknown, the next resync tells), SWITCH_TIMEOUT,
 * SWITCH_COMMAND_FAILED (details.reply), CALL_ENDED (the channel is gone).
 * Guarantee. No loss is silent: after a lost connection, a changed Core-UUID, an overflow of the event
 * queue, and every 30 s, `onResync` brings the truth, and events that came meanwhile follow it.
 */
import type { SwitchEvent } from '../event-socket/switch-event.ts';

export type ChannelId = string;

/** FreeSWITCH's hangup causes are an open list; these are the ones Jackfield sets or tells apart. */
export type HangupCause =
  | 'NORMAL_CLEARING'
  | 'USER_BUSY'
  | 'NO_ANSWER'
  | 'NO_USER_RESPONSE'
  | 'CALL_REJECTED'
  | 'ORIGINATOR_CANCEL'
  | 'LOSE_RACE'
  | 'USER_NOT_REGISTERED'
  | 'SUBSCRIBER_ABSENT'
  | 'UNALLOCATED_NUMBER'
  | 'NO_ROUTE_DESTINATION'
  | 'NORMAL_TEMPORARY_FAILURE'
  | 'DESTINATION_OUT_OF_ORDER'
  | 'MEDIA_TIMEOUT'
  | 'ALLOTTED_TIMEOUT'
  | 'SYSTEM_SHUTDOWN'
  | (string & {});

export interface PlayResult {
  /** `done`: to its end · `broken`: stopped by us or a terminator key · `missing`: the file is not there · `hangup` */
  readonly outcome: 'done' | 'broken' | 'missing' | 'hangup';
}

export interface CollectRequest {
  /** What FreeSWITCH plays: a path, `tone_stream://…`, `silence_stream://…`. Several are played one after the other. */
  readonly prompts: readonly string[];
  readonly minDigits: number;
  readonly maxDigits: number;
  /** How long to wait for the first key after the prompt, in milliseconds. */
  readonly timeoutMs: number;
  /** How long to wait for each further key, in milliseconds. */
  readonly digitTimeoutMs?: number;
  /** Keys that end the input and are not part of it; '' for none. Default '#'. */
  readonly terminators?: string;
}

export interface CollectResult {
  /** `digits`: at least minDigits came · `timeout`: none, or too few · `missing`: a prompt file is not there · `hangup` */
  readonly outcome: 'digits' | 'timeout' | 'missing' | 'hangup';
  readonly digits: string;
}

export interface OriginateRequest {
  /** Chosen by the caller before the command, so that the leg can be found after a crash. */
  readonly uuid: ChannelId;
  /** Dial string without braces: `user/1001@acme.test`, `sofia/gateway/carrier/13900139000`. */
  readonly endpoint: string;
  /** Whole seconds of ringing. FreeSWITCH counts clock seconds and ends up to one early: the adapter adds one. */
  readonly timeoutSec: number;
  readonly callerId: { readonly number: string; readonly name?: string };
  /**
   * Set on the new leg from its first event. Values may hold any text: the adapter quotes them. Use names that begin
   * with `jf_` for text of customers: in others `%` with two hex digits is read back decoded (FreeSWITCH's encoder).
   */
  readonly variables?: Readonly<Record<string, string>>;
}

export type OriginateResult =
  | { readonly outcome: 'answered'; readonly uuid: ChannelId }
  | { readonly outcome: 'failed'; readonly cause: HangupCause };

/** One channel as the switch knows it now, from `show channels as json` and, if it is ours, `uuid_dump`. */
export interface ChannelSnapshot {
  readonly uuid: ChannelId;
  readonly direction: 'inbound' | 'outbound';
  readonly answered: boolean;
  /** The channel it is bridged to, if any. */
  readonly bridgedTo: ChannelId | null;
  /** Application that runs, such as `park` or `playback`. */
  readonly application: string;
  /** The whole of uuid_dump; `null` if the channel went away between the two commands. */
  readonly dump: SwitchEvent | null;
}

/** What the switch kept of a channel that ended while nobody listened (see `receipts`). */
export interface HangupReceipt {
  readonly uuid: ChannelId;
  /** When the channel ended, milliseconds since 1970, by the switch's clock. */
  readonly endedAt: number;
  readonly answeredAt: number | null;
  readonly cause: HangupCause;
}

export interface Resync {
  readonly reason: 'connected' | 'core-changed' | 'overflow' | 'periodic';
  readonly coreUuid: string;
  /** Ours and those of nobody; every one dumped, since only the dump tells whose it is. */
  readonly channels: readonly ChannelSnapshot[];
  readonly receipts: readonly HangupReceipt[];
  /**
   * When the switch process that was lost last spoke to us, milliseconds since 1970: the best known end of
   * channels that died with it. Null when it never did, or when this is the process we knew.
   */
  readonly lastAliveAt: number | null;
}

export type SwitchState =
  | {
      readonly state: 'connecting';
      readonly since: number;
      readonly attempt: number;
      readonly lastError: string | null;
    }
  | {
      readonly state: 'connected';
      readonly since: number;
      readonly version: string;
      readonly coreUuid: string;
      readonly emulator: boolean;
    }
  | { readonly state: 'stopped' };

export type Undo = () => void;

export interface SwitchListener {
  /** Called synchronously, one event at a time; must not throw and must not block. */
  onEvent(event: SwitchEvent): void;
  onResync(resync: Resync): void;
  onState(state: SwitchState): void;
}

export interface Switch {
  readonly nodeId: string;
  readonly state: SwitchState;
  /** Begins to connect and returns at once; an absent switch is a state, not an error. */
  start(): void;
  stop(): Promise<void>;
  listen(listener: SwitchListener): Undo;

  answer(uuid: ChannelId): Promise<void>;
  /** 180 to the caller. */
  ringing(uuid: ChannelId): Promise<void>;
  hangup(uuid: ChannelId, cause?: HangupCause): Promise<void>;
  setVariables(uuid: ChannelId, variables: Readonly<Record<string, string | null>>): Promise<void>;

  originate(request: OriginateRequest): Promise<OriginateResult>;
  /** Resolves when CHANNEL_BRIDGE has been seen. Both legs must be answered (a leg that rings would die: see traces 17 C). */
  bridge(a: ChannelId, b: ChannelId): Promise<void>;
  /**
   * Splits a bridge without losing a leg; resolves when both are parked, at once if `a` is in no bridge (any more).
   */
  unbridge(a: ChannelId): Promise<void>;

  /** One playback at a time and channel: a new one waits for `stopMedia` or the end of the former. */
  play(
    uuid: ChannelId,
    prompts: readonly string[],
    options?: { loop?: boolean; terminators?: string },
  ): Promise<PlayResult>;
  collect(uuid: ChannelId, request: CollectRequest): Promise<CollectResult>;
  /** Stops whatever plays and throws away what was queued behind it. Harmless when nothing plays. */
  stopMedia(uuid: ChannelId): Promise<void>;
  /**
   * Ends what a server before us left running on this channel, a prompt or the waiting for keys, and forgets keys
   * that nobody took. Before anything else is played to it; not for a channel that talks.
   */
  clearMedia(uuid: ChannelId): Promise<void>;
  sendDigits(uuid: ChannelId, digits: string): Promise<void>;
  /** Asks the phone of an unanswered leg to answer (NOTIFY talk). Only phones that support it do. */
  pickUp(uuid: ChannelId): Promise<void>;

  /**
   * Stereo: this channel's own voice on the left, the other side on the right; with `mono` both in one channel. Path as
   * the switch sees it.
   */
  startRecording(uuid: ChannelId, path: string, options?: { mono?: boolean }): Promise<void>;
  stopRecording(uuid: ChannelId, path: string): Promise<void>;
  /** Silence in the file while on (card numbers). */
  maskRecording(uuid: ChannelId, path: string, on: boolean): Promise<void>;

  /**
   * Listening in on `target`, the agent's leg: `whisper` is heard by the target alone, `barge` by its partner too.
   * Resolves when the supervisor's leg has answered and listens.
   */
  eavesdrop(
    request: OriginateRequest & { readonly target: ChannelId; readonly mode: 'listen' | 'whisper' | 'barge' },
  ): Promise<OriginateResult>;
  conference(uuid: ChannelId, room: string): Promise<void>;

  /** Is the phone of `user@domain` registered? */
  isRegistered(user: string, domain: string): Promise<boolean>;
  /** An api command as it is, for what has no method yet. Not for anything that takes time. */
  api(command: string): Promise<string>;
  /** Forgets the receipt of a channel whose end has been booked. */
  forgetReceipt(uuid: ChannelId): void;
}
