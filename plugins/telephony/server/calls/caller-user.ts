import type { Call, Leg } from '@jackfield/core/sdk';

/** The agent who made this call, from his phone or from the screen; null for a call from outside. */
export function callingUser(call: Call): string | null {
  const { ref } = call.position as { ref?: { kind?: unknown; target?: Record<string, unknown> } };
  const userId = ref?.kind === 'outbound' ? ref.target?.userId : null;
  return typeof userId === 'string' ? userId : null;
}

/** Whose leg it is. The core does not know whose phone a call came from; the position of the call does. */
export function userOf(call: Call, leg: Leg): string | null {
  if (leg.userId !== null) return leg.userId;
  return leg.id === call.legs[0]?.id ? callingUser(call) : null;
}

/** The live leg of this person in the call; the one that talks, should there be two. */
export function legOf(call: Call, userId: string): Leg | null {
  const own = call.legs.filter((leg) => leg.state !== 'ended' && userOf(call, leg) === userId);
  return (
    own.find((leg) => leg.talksWith !== null) ?? own.find((leg) => leg.state === 'answered') ?? own[0] ?? null
  );
}

/** Are these the same leg, or two of one person, whose talk has moved from one to the other? */
export function isSamePerson(call: Call, a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [a, b].map((id) => call.legs.find((leg) => leg.id === id));
  const userId = one ? userOf(call, one) : null;
  return userId !== null && other !== undefined && userOf(call, other) === userId;
}

export function partnerOf(call: Call, leg: Leg): Leg | null {
  return call.legs.find((one) => one.id === leg.talksWith) ?? null;
}
