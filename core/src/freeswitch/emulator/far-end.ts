import type { Channel } from './channel.ts';

/** The phone or carrier at the other end of a leg: what the emulator has instead of SIP and RTP. */
export interface FarEnd {
  /** Name in `Channel-Name` and in logs. */
  readonly label: string;
  /** Frequency of its "voice", in Hz. */
  readonly toneHz: number;
  /** An INVITE to it: it answers by calling the functions of leg.ts. */
  ring(leg: Channel): void;
  /** The switch ended the leg: BYE, CANCEL or refusal. */
  ended(leg: Channel, cause: string): void;
  /** The switch answered (200) a call that the far end placed. */
  answered?(leg: Channel): void;
  /** The switch sent 180 to a caller. */
  ringing?(leg: Channel): void;
  /** re-INVITE from the switch: on hold or not. */
  held?(leg: Channel, on: boolean): void;
  /** Keys sent to it with uuid_send_dtmf. */
  digits?(leg: Channel, digits: string): void;
  /** NOTIFY talk or hold (`uuid_phone_event`). */
  phoneEvent?(leg: Channel, event: string): void;
  /** When a machine's beep is heard, in milliseconds after its answer. */
  readonly beepAtMs?: number;
  /** Its voice at a moment of the call; 0 for silence. Default: `toneHz` always. */
  toneAt?(leg: Channel, sinceAnswerMs: number): number;
}
