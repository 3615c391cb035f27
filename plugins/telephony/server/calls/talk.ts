import type { Call, Leg } from '@jackfield/core/sdk';

type TalkEnd = { readonly endedBy: 'caller' | 'agent' | 'server' };

/**
 * Joins caller and leg, unless they talk already, and waits for the end of the talk. Hold is part of a talk.
 */
export async function talk(call: Call, legId: string): Promise<TalkEnd> {
  const leg = () => call.legs.find((one) => one.id === legId);
  const over = watchEnd(call, legId);
  try {
    if (leg()?.state === 'answered' && leg()?.talksWith === null) await call.bridge(call.caller.id, legId);
    return await over.ended;
  } finally {
    over.stop();
  }
}

function watchEnd(call: Call, legId: string): { readonly ended: Promise<TalkEnd>; stop(): void } {
  let stop = () => {};
  const ended = new Promise<TalkEnd>((resolve) => {
    const check = () => {
      const leg = call.legs.find((one) => one.id === legId);
      // Whoever hung up first is who ended it; the other leg is ended by us, after.
      if (call.caller.state === 'ended') resolve({ endedBy: 'caller' });
      else if (!leg || leg.state === 'ended') resolve({ endedBy: endedBy(leg) });
    };
    stop = call.onChange((change) => {
      if (change.type === 'leg-ended' || change.type === 'ended') check();
      // Split by somebody else: a transfer took one of them away.
      else if (change.type === 'talk-started' && touches(change.a, change.b, legId) === 'other') resolve({ endedBy: 'server' });
    });
    check();
  });
  return { ended, stop: () => stop() };
}

function endedBy(leg: Leg | undefined): TalkEnd['endedBy'] {
  return leg?.endedBy === 'party' ? 'agent' : 'server';
}

/** `other`: one of the two that talk now was ours, and its partner is a third. */
function touches(a: Leg, b: Leg, legId: string): 'ours' | 'other' | 'none' {
  const pair = [a, b];
  const hasLeg = pair.some((leg) => leg.id === legId);
  const hasCaller = pair.some((leg) => leg.role === 'caller');
  if (hasLeg && hasCaller) return 'ours';
  return hasLeg || hasCaller ? 'other' : 'none';
}
