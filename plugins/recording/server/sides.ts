import type { Call, Leg } from '@jackfield/core/sdk';

export interface Sides {
  /** Recorded: its own voice is the left channel, what it hears the right one. */
  readonly left: Leg;
  readonly right: Leg;
}

/**
 * The customer stands left: the one who called us, or whom we called. In a talk among ourselves it is the one who
 * called, or `a`.
 */
export function sidesOf(
  call: Pick<Call, 'legs' | 'direction'>,
  a: Leg,
  b: Leg,
  userOf: (leg: Leg) => string | null,
): Sides {
  const pair = [a, b];
  const first = pair.find((leg) => leg.id === call.legs[0]?.id);
  const outside = pair.filter(
    (leg) => userOf(leg) === null && leg.role !== 'agent' && leg.role !== 'supervisor',
  );
  // Whose phone an outbound call came from is not always known; that it was one of ours is.
  const customer = outside.find((leg) => call.direction !== 'outbound' || leg !== first);
  const left = customer ?? first ?? a;
  return { left, right: left === a ? b : a };
}

/** Pairs of legs that talk now, held ones included. */
export function talksOf(call: Pick<Call, 'legs'>): { readonly a: Leg; readonly b: Leg }[] {
  return call.legs.flatMap((a, at) => {
    const b = call.legs.find((leg, other) => other > at && leg.id === a.talksWith);
    return b && a.state === 'answered' && b.state === 'answered' ? [{ a, b }] : [];
  });
}
