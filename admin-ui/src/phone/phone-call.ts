import { soundsOf } from './captions.ts';

/** One call as the customer notices it, folded from what the server tells (`GET /api/phone/calls/:id/events`). */
export type PhoneEvent = { readonly seq: number; readonly at: number } & (
  | { readonly type: 'ringing' | 'answered' | 'talking' | 'talk-ended' | 'silence' }
  | { readonly type: 'hears'; readonly path: string }
  | { readonly type: 'ended'; readonly cause: string }
);

/** `connected`: answered by the system, such as a menu or a queue · `talking`: with a person · `held`: by that person */
export type Phase = 'dialling' | 'ringing' | 'connected' | 'talking' | 'held' | 'ended';

export interface PhoneCall {
  readonly phase: Phase;
  /** Number of the last event that was folded in. */
  readonly seq: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly cause: string | null;
  /** Who was in the call when it ended: tells "the other side hung up" from "nobody answered". */
  readonly talked: boolean;
  /** What has been heard, oldest first; the last one is being heard while `hearing`. */
  readonly heard: readonly Heard[];
  readonly hearing: boolean;
}
export interface Heard {
  readonly seq: number;
  readonly at: number;
  readonly path: string;
}

export const newCall: PhoneCall = {
  phase: 'dialling',
  seq: 0,
  answeredAt: null,
  endedAt: null,
  cause: null,
  talked: false,
  heard: [],
  hearing: false,
};

/** An event that was folded in before changes nothing. */
export function hear(call: PhoneCall, event: PhoneEvent): PhoneCall {
  if (event.seq <= call.seq || call.phase === 'ended') return call;
  const next = { ...call, seq: event.seq };
  switch (event.type) {
    case 'ringing':
      return { ...next, phase: call.phase === 'dialling' ? 'ringing' : call.phase };
    case 'answered':
      return { ...next, phase: 'connected', answeredAt: call.answeredAt ?? event.at };
    case 'talking':
      return {
        ...next,
        phase: 'talking',
        talked: true,
        hearing: false,
        answeredAt: call.answeredAt ?? event.at,
      };
    case 'talk-ended':
      return { ...next, phase: 'connected', hearing: false };
    case 'hears':
      return {
        ...next,
        // Who has talked and then hears music has been put on hold: in the talk itself, or apart from it.
        phase: call.talked && isMusic(event.path) ? 'held' : call.phase,
        hearing: true,
        heard: [...call.heard, { seq: event.seq, at: event.at, path: event.path }],
      };
    case 'silence':
      return { ...next, hearing: false };
    case 'ended':
      return { ...next, phase: 'ended', hearing: false, endedAt: event.at, cause: event.cause };
  }
}

const isMusic = (path: string) => soundsOf(path).some(({ kind }) => kind === 'music');

/** Why it ended, as a key of the texts; `hungUpHere` when this phone did it. */
export function endingOf(call: PhoneCall, hungUpHere: boolean): string {
  if (hungUpHere) return 'here';
  switch (call.cause) {
    case 'NORMAL_CLEARING':
      return call.talked ? 'otherSide' : 'system';
    case 'USER_BUSY':
      return 'busy';
    case 'NO_ANSWER':
    case 'NO_USER_RESPONSE':
    case 'ALLOTTED_TIMEOUT':
      return 'noAnswer';
    case 'CALL_REJECTED':
      return 'rejected';
    case 'UNALLOCATED_NUMBER':
    case 'NO_ROUTE_DESTINATION':
      return 'unknownNumber';
    case 'LOST':
      return 'lost';
    case 'SYSTEM_SHUTDOWN':
      return 'shutdown';
    default:
      return 'failed';
  }
}
