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

/** The live leg of this person in the call; the answered one, should there be two. */
export function legOf(call: Call, userId: string): Leg | null {
  const own = call.legs.filter((leg) => leg.state !== 'ended' && userOf(call, leg) === userId);
  return own.find((leg) => leg.state === 'answered') ?? own[0] ?? null;
}

export function partnerOf(call: Call, leg: Leg): Leg | null {
  return call.legs.find((one) => one.id === leg.talksWith) ?? null;
}
