import type { Call, Leg } from '@jackfield/core/sdk';
import { ringOutcome } from './ring-agent.ts';

/** A step as it was recorded, in order. */
export interface StepFact {
  readonly kind: string;
  readonly at: number;
  readonly legId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
export type LegFact = Pick<
  Leg,
  'id' | 'role' | 'userId' | 'createdAt' | 'answeredAt' | 'endedAt' | 'cause' | 'endedBy'
>;
export interface CallFacts {
  readonly direction: Call['direction'];
  readonly startedAt: number;
  readonly endedAt: number;
  /** The first leg; null when a placed call never had one. */
  readonly callerLegId: string | null;
  readonly legs: readonly LegFact[];
  readonly steps: readonly StepFact[];
}

/** Outcomes of telephony-52, and those of calls that went out. A plugin adds its own with a note `outcome`. */
export type CallOutcome =
  | 'connected'
  | 'ring-no-answer'
  | 'abandoned-in-queue'
  | 'not-answered-in-ivr'
  | 'abandoned'
  | 'rejected'
  | 'failed'
  | 'no-answer'
  | 'busy'
  | 'unreachable'
  | 'cancelled'
  | 'own-phone-not-answered'
  | (string & {});

export interface CallSummary {
  readonly outcome: CallOutcome;
  readonly answeredAt: number | null;
  readonly waitMs: number;
  readonly talkMs: number;
  readonly holdMs: number;
  readonly agentUserId: string | null;
  readonly queueName: string | null;
}

interface Span {
  readonly from: number;
  readonly to: number;
}
interface Talk extends Span {
  readonly legs: readonly [string, string];
}

/** What a call came to, told from what happened in it. Pure, so that a record can be made again from its steps. */
export function summarise(facts: CallFacts): CallSummary {
  const talks = talksOf(facts);
  const holds = holdsOf(facts);
  const talked = lengthOf(talks);
  const held = lengthOf(holds.flatMap((hold) => clipTo(hold, talks)));
  const answeredAt = talks[0]?.from ?? null;
  return {
    outcome: outcomeOf(facts, answeredAt !== null),
    answeredAt,
    waitMs: waitOf(facts, answeredAt),
    talkMs: talked - held,
    holdMs: held,
    agentUserId: agentOf(facts, talks),
    queueName: queueNameOf(facts.steps),
  };
}

/** Pairs `talk-started` and `talk-ended`. A half that was lost in a crash is taken from the legs. */
function talksOf({ steps, legs, endedAt }: CallFacts): Talk[] {
  const leg = (id: string) => legs.find((one) => one.id === id);
  // Nobody talks longer than the first of the two was there, whichever end was told first.
  const endOf = (pair: readonly string[], at: number) =>
    Math.min(at, ...pair.map((id) => leg(id)?.endedAt ?? endedAt));
  const open = new Map<string, { from: number; legs: readonly [string, string] }>();
  const talks: Talk[] = [];
  for (const step of steps) {
    const pair = pairOf(step);
    if (!pair) continue;
    const key = pair.join();
    if (step.kind === 'talk-started') {
      if (!open.has(key)) open.set(key, { from: step.at, legs: pair });
    } else if (step.kind === 'talk-ended') {
      const [a, b] = pair.map((id) => leg(id)?.answeredAt ?? null);
      const from = open.get(key)?.from ?? (a && b ? Math.max(a, b) : null);
      if (from !== null) talks.push({ from, to: Math.max(from, endOf(pair, step.at)), legs: pair });
      open.delete(key);
    }
  }
  for (const { from, legs: pair } of open.values()) {
    talks.push({ from, to: Math.max(from, endOf(pair, endedAt)), legs: pair });
  }
  return talks.sort((a, b) => a.from - b.from);
}

function pairOf({ kind, data }: StepFact): readonly [string, string] | null {
  if (kind !== 'talk-started' && kind !== 'talk-ended') return null;
  const { a, b } = data;
  if (typeof a !== 'string' || typeof b !== 'string') return null;
  return a < b ? [a, b] : [b, a];
}

function holdsOf({ steps, legs, endedAt }: CallFacts): Span[] {
  const open = new Map<string, number>();
  const spans: Span[] = [];
  for (const { kind, legId, at } of steps) {
    if (legId === null) continue;
    const from = open.get(legId);
    if (kind === 'held') open.set(legId, from ?? at);
    else if ((kind === 'resumed' || kind === 'leg-ended') && from !== undefined) {
      spans.push({ from, to: Math.max(from, at) });
      open.delete(legId);
    }
  }
  for (const [legId, from] of open) {
    const end = legs.find((leg) => leg.id === legId)?.endedAt ?? endedAt;
    spans.push({ from, to: Math.max(from, end) });
  }
  return spans;
}

/** The parts of `span` that lie within one of `frames`. */
function clipTo(span: Span, frames: readonly Span[]): Span[] {
  return frames
    .map(({ from, to }) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) }))
    .filter(({ from, to }) => to > from);
}

/** Time covered by at least one of the spans: two talks at once (a consultation) count once. */
function lengthOf(spans: readonly Span[]): number {
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}

/** From the moment somebody of ours was wanted to the moment somebody talked, or to the end. */
function waitOf(
  { steps, legs, startedAt, endedAt, direction, callerLegId }: CallFacts,
  answeredAt: number | null,
): number {
  const queued = steps.find((step) => step.kind === 'queued' || destinationOf(step) === 'queue')?.at;
  const rung = legs.find((leg) => leg.id !== callerLegId)?.createdAt;
  const since = direction === 'inbound' ? (queued ?? rung) : startedAt;
  if (since === undefined) return 0;
  return Math.max(0, (answeredAt ?? endedAt) - since);
}

function agentOf({ legs }: CallFacts, talks: readonly Talk[]): string | null {
  const people = legs.filter((leg) => leg.userId !== null);
  const talking = [...talks]
    .reverse()
    .flatMap(({ legs: pair }) => people.filter((leg) => pair.includes(leg.id)));
  // An outbound or internal call is the one's who made it: his leg is the first.
  const first = legs[0]?.userId ?? null;
  return first ?? talking[0]?.userId ?? people.at(-1)?.userId ?? null;
}

function queueNameOf(steps: readonly StepFact[]): string | null {
  const names = steps.flatMap(({ kind, data }) =>
    kind === 'queued' && typeof data.queueName === 'string' ? [data.queueName] : [],
  );
  return names.at(-1) ?? null;
}

function destinationOf({ kind, data }: StepFact): string | null {
  return kind === 'destination' && typeof data.kind === 'string' ? data.kind : null;
}

function outcomeOf(facts: CallFacts, talked: boolean): CallOutcome {
  if (talked) return 'connected';
  const told = facts.steps.flatMap(({ kind, data }) =>
    kind === 'outcome' && typeof data.outcome === 'string' ? [data.outcome.slice(0, 48)] : [],
  );
  const last = told.at(-1);
  if (last !== undefined) return last;
  if (facts.steps.some((step) => step.kind === 'fault')) return 'failed';
  return facts.direction === 'inbound' ? inboundOutcome(facts) : outboundOutcome(facts);
}

function inboundOutcome({ steps, legs, callerLegId, endedAt }: CallFacts): CallOutcome {
  const caller = legs.find((leg) => leg.id === callerLegId);
  const end = caller?.endedAt ?? endedAt;
  const rung = legs.filter((leg) => leg.id !== callerLegId);
  if (rung.some((leg) => leg.answeredAt === null && (leg.endedAt ?? end) >= end)) return 'ring-no-answer';
  switch (steps.map(destinationOf).findLast((kind) => kind !== null)) {
    case 'queue':
      return 'abandoned-in-queue';
    case 'ivr':
      return 'not-answered-in-ivr';
    case 'extension':
    case 'agent':
    case 'number':
      return 'ring-no-answer';
    default:
      return caller?.endedBy === 'party' ? 'abandoned' : 'rejected';
  }
}

function outboundOutcome({ legs, callerLegId }: CallFacts): CallOutcome {
  const own = legs.find((leg) => leg.id === callerLegId);
  const far = legs.findLast((leg) => leg.id !== callerLegId);
  if (far) return ringOutcome(far.cause ?? 'ORIGINATOR_CANCEL');
  if (!own || own.answeredAt === null) return 'own-phone-not-answered';
  // Nobody was rung: he gave up before, or we ended his leg with the reason.
  return own.endedBy === 'party' ? 'cancelled' : ringOutcome(own.cause ?? 'NORMAL_TEMPORARY_FAILURE');
}
