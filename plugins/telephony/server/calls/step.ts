import type { Call, CallChange } from '@jackfield/core/sdk';
import { userOf } from './caller-user.ts';

export interface Step {
  readonly at: number;
  readonly kind: string;
  readonly legId: string | null;
  readonly userId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * What is written of a change; null for what is not. Keys are left out: they may be a card number or a PIN. A node
 * that asks for them notes what it may keep.
 */
export function stepOf(call: Call, change: CallChange): Step | null {
  const { at, type: kind } = change;
  switch (change.type) {
    case 'digit':
      return null;
    case 'note':
      return {
        at,
        kind: change.kind.slice(0, 48),
        legId: null,
        userId: userIn(change.data),
        data: change.data,
      };
    case 'ended':
      return { at, kind, legId: null, userId: null, data: { cause: change.cause } };
    case 'talk-started':
    case 'talk-ended': {
      const { a, b } = change;
      const userId = userOf(call, b) ?? userOf(call, a);
      return { at, kind, legId: a.id, userId, data: { a: a.id, b: b.id } };
    }
    case 'recording-started':
    case 'recording-stopped':
      return { at, kind, legId: change.leg.id, userId: userOf(call, change.leg), data: { ms: change.ms } };
    case 'leg-ended': {
      const { leg } = change;
      return {
        at,
        kind,
        legId: leg.id,
        userId: userOf(call, leg),
        data: { role: leg.role, cause: leg.cause, endedBy: leg.endedBy },
      };
    }
    default: {
      const { leg } = change;
      return {
        at,
        kind,
        legId: leg.id,
        userId: userOf(call, leg),
        data: { role: leg.role, number: leg.number },
      };
    }
  }
}

function userIn(data: Readonly<Record<string, unknown>>): string | null {
  return typeof data.userId === 'string' && data.userId.length <= 26 ? data.userId : null;
}

/**
 * Steps of legs that are not in the record: lost between a crash and the resync after it. The times are the
 * switch's.
 */
export function missingSteps(call: Call, known: readonly Pick<Step, 'kind' | 'legId'>[]): Step[] {
  const has = (kind: string, legId: string) =>
    known.some((step) => step.kind === kind && step.legId === legId);
  return call.legs.flatMap((leg, index) => {
    const userId = userOf(call, leg);
    const base = { legId: leg.id, userId };
    const steps: Step[] = [];
    const about = { role: leg.role, number: leg.number };
    // The first leg of an inbound call was there before the call was: it has no `leg-created`.
    if ((index > 0 || leg.role !== 'caller') && !has('leg-created', leg.id)) {
      steps.push({ ...base, kind: 'leg-created', at: leg.createdAt, data: about });
    }
    if (leg.answeredAt !== null && !has('leg-answered', leg.id)) {
      steps.push({ ...base, kind: 'leg-answered', at: leg.answeredAt, data: about });
    }
    if (leg.endedAt !== null && !has('leg-ended', leg.id)) {
      const data = { role: leg.role, cause: leg.cause, endedBy: leg.endedBy };
      steps.push({ ...base, kind: 'leg-ended', at: leg.endedAt, data });
    }
    return steps;
  });
}

/**
 * Legs that we dialled are written down when the dialling begins; the switch says later when they came to be.
 * Under load the two differ by more than the record may be wrong.
 */
export function movedSteps<S extends Pick<Step, 'at' | 'kind' | 'legId'>>(
  call: Pick<Call, 'legs'>,
  known: readonly S[],
): S[] {
  return known.flatMap((step) => {
    const leg = call.legs.find(({ id }) => id === step.legId);
    if (step.kind !== 'leg-created' || !leg || leg.createdAt === step.at) return [];
    return [{ ...step, at: leg.createdAt }];
  });
}
