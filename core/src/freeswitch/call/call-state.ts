import type { SwitchEvent } from '../event-socket/switch-event.ts';
import { CARRIER_DOMAIN } from '../provisioning/contract.ts';
import type { CallChange, CallPosition, HangupCause, Leg, LegRole } from './contract.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A leg as it is stored: what others see of it, and what a restart needs. */
export type LegState = Mutable<Leg> & {
  /** True while we split the talk ourselves, so that the switch's UNBRIDGE is a hold and not an end. */
  split: boolean;
};

/** All that is known of a call; JSON, stored as it is. Changed only by the functions of this file. */
export interface CallState {
  readonly id: string;
  tenantId: string | null;
  readonly nodeId: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly from: { readonly number: string; readonly name: string };
  readonly to: string;
  readonly startedAt: number;
  endedAt: number | null;
  cause: HangupCause | null;
  readonly legs: LegState[];
  position: CallPosition;
  /** The plugins it began with; null until the tenant is known. */
  activePlugins: readonly string[] | null;
}

/** Absent means not yet, and FreeSWITCH writes 0 for it. Its unit is the microsecond. */
function switchTime(event: SwitchEvent, header: string): number | null {
  const micros = Number(event.get(header));
  return Number.isFinite(micros) && micros > 0 ? Math.round(micros / 1000) : null;
}

export function newLeg(
  id: string,
  role: LegRole,
  number: string,
  at: number,
  userId: string | null = null,
): LegState {
  return {
    id,
    role,
    userId,
    number,
    state: 'ringing',
    createdAt: at,
    answeredAt: null,
    endedAt: null,
    cause: null,
    endedBy: null,
    talksWith: null,
    talkedWith: null,
    held: false,
    split: false,
  };
}

/** A channel of nobody's that parked: the first leg of a new inbound call. */
export function callFromPark(id: string, nodeId: string, event: SwitchEvent): CallState {
  const number = event.get('Caller-Caller-ID-Number') ?? '';
  const at = switchTime(event, 'Caller-Channel-Created-Time') ?? event.timestamp;
  const leg = newLeg(event.uuid ?? '', 'caller', number, at);
  const answeredAt = switchTime(event, 'Caller-Channel-Answered-Time');
  if (answeredAt !== null) Object.assign(leg, { state: 'answered', answeredAt });
  return {
    id,
    tenantId: null,
    nodeId,
    direction: isFromPhone(event) ? 'internal' : 'inbound',
    from: { number, name: event.get('Caller-Caller-ID-Name') ?? '' },
    to: event.get('Caller-Destination-Number') ?? '',
    startedAt: at,
    endedAt: null,
    cause: null,
    legs: [leg],
    position: {},
    activePlugins: null,
  };
}

/** Both a phone and a carrier whose account or network is known carry `user_name`; only the domain tells them apart. */
function isFromPhone(event: SwitchEvent): boolean {
  return Boolean(event.variable('user_name')) && event.variable('domain_name') !== CARRIER_DOMAIN;
}

export function findLeg(state: CallState, id: string | null): LegState | undefined {
  return id === null ? undefined : state.legs.find((leg) => leg.id === id);
}

export function liveLegs(state: CallState): LegState[] {
  return state.legs.filter((leg) => leg.state !== 'ended');
}

/**
 * Applies one event of the switch and says what changed, in the order it did. An event that says nothing new
 * (a second ANSWER, an UNBRIDGE after its partner's end) changes nothing: events may be repeated by a resync.
 */
export function applyEvent(state: CallState, event: SwitchEvent): CallChange[] {
  const leg = findLeg(state, event.uuid);
  if (!leg || leg.state === 'ended') return [];
  switch (event.name) {
    case 'CHANNEL_CREATE':
      leg.createdAt = switchTime(event, 'Caller-Channel-Created-Time') ?? leg.createdAt;
      return [];
    case 'CHANNEL_ANSWER':
      return answered(leg, switchTime(event, 'Caller-Channel-Answered-Time') ?? event.timestamp);
    case 'CHANNEL_BRIDGE': {
      const a = findLeg(state, event.get('Bridge-A-Unique-ID') ?? event.uuid);
      const b = findLeg(state, event.get('Bridge-B-Unique-ID') ?? event.get('Other-Leg-Unique-ID'));
      return a && b ? talkStarted(state, a, b, event.timestamp) : [];
    }
    case 'CHANNEL_UNBRIDGE': {
      const a = findLeg(state, event.get('Bridge-A-Unique-ID') ?? event.uuid) ?? leg;
      const b = findLeg(state, a.talksWith);
      if (!b || a.split) return [];
      return talkEnded(a, b, event.timestamp);
    }
    case 'CHANNEL_HOLD':
    case 'CHANNEL_UNHOLD':
      // The phone of `leg` did it; the one who waits is its partner.
      return held(findLeg(state, leg.talksWith), event.name === 'CHANNEL_HOLD', event.timestamp);
    case 'DTMF': {
      const digit = event.get('DTMF-Digit');
      return digit ? [{ type: 'digit', leg, digit, at: event.timestamp }] : [];
    }
    case 'RECORD_START':
      return [recording('recording-started', leg, event, null)];
    case 'RECORD_STOP':
      return [recording('recording-stopped', leg, event, Number(event.variable('record_ms')) || null)];
    case 'CHANNEL_HANGUP_COMPLETE':
      return legEnded(state, leg, {
        at: switchTime(event, 'Caller-Channel-Hangup-Time') ?? event.timestamp,
        answeredAt: switchTime(event, 'Caller-Channel-Answered-Time'),
        cause: event.get('Hangup-Cause') ?? 'NORMAL_CLEARING',
        endedBy: /^recv_/.test(event.variable('sip_hangup_disposition') ?? '') ? 'party' : 'server',
      });
    default:
      return [];
  }
}

function recording(
  type: 'recording-started' | 'recording-stopped',
  leg: LegState,
  event: SwitchEvent,
  ms: number | null,
): CallChange {
  return { type, leg, path: event.get('Record-File-Path') ?? '', at: event.timestamp, ms };
}

export function answered(leg: LegState, at: number): CallChange[] {
  if (leg.answeredAt !== null || leg.state === 'ended') return [];
  leg.state = 'answered';
  leg.answeredAt = at;
  return [{ type: 'leg-answered', leg, at }];
}

export function talkStarted(state: CallState, a: LegState, b: LegState, at: number): CallChange[] {
  if (a.talksWith === b.id && a.split) {
    a.split = false;
    b.split = false;
    return [...held(a, false, at), ...held(b, false, at)];
  }
  // Told late: one of them had hung up before the other could say a word.
  if (a.talksWith === b.id || a.state === 'ended' || b.state === 'ended') return [];
  // A leg taken away from another talk (uuid_bridge does that) ends the talk it had.
  const before = [a, b].flatMap((leg) => {
    const partner = findLeg(state, leg.talksWith);
    return partner ? talkEnded(leg, partner, at) : [];
  });
  Object.assign(a, { talksWith: b.id, talkedWith: b.id });
  Object.assign(b, { talksWith: a.id, talkedWith: a.id });
  return [...before, { type: 'talk-started', a, b, at }];
}

export function talkEnded(a: LegState, b: LegState, at: number): CallChange[] {
  for (const leg of [a, b]) Object.assign(leg, { talksWith: null, held: false, split: false });
  return [{ type: 'talk-ended', a, b, at }];
}

export function held(leg: LegState | undefined, on: boolean, at: number): CallChange[] {
  if (!leg || leg.held === on) return [];
  leg.held = on;
  return [{ type: on ? 'held' : 'resumed', leg, at }];
}

/** `to` stands where `from` stood: first, if that was the leg the call is led by. */
export function takePlace(state: CallState, from: LegState, to: LegState): void {
  const [place, other] = [state.legs.indexOf(from), state.legs.indexOf(to)];
  state.legs[place] = to;
  state.legs[other] = from;
}

export interface LegEnd {
  readonly at: number;
  readonly answeredAt: number | null;
  readonly cause: HangupCause;
  readonly endedBy: 'party' | 'server' | null;
}

export function legEnded(state: CallState, leg: LegState, end: LegEnd): CallChange[] {
  if (leg.state === 'ended') return [];
  const changes: CallChange[] = [];
  // An answer that happened while nobody listened is known only now.
  if (end.answeredAt !== null) changes.push(...answered(leg, end.answeredAt));
  const partner = findLeg(state, leg.talksWith);
  if (partner) changes.push(...talkEnded(leg, partner, end.at));
  leg.state = 'ended';
  leg.endedAt = end.at;
  leg.cause = end.cause;
  leg.endedBy = end.endedBy;
  changes.push({ type: 'leg-ended', leg, at: end.at });
  return changes;
}

/** The call ends with its last leg; its cause is that of the leg it began with. */
export function endOfCall(state: CallState): { at: number; cause: HangupCause } | null {
  if (state.endedAt !== null || liveLegs(state).length > 0) return null;
  const first = state.legs[0];
  if (!first) return null;
  const at = Math.max(...state.legs.map((leg) => leg.endedAt ?? 0));
  return { at, cause: first.cause ?? 'NORMAL_CLEARING' };
}
