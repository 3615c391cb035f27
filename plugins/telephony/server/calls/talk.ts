import { type Call, JackfieldError, type Leg } from '@jackfield/core/sdk';
import { isSamePerson } from './caller-user.ts';

type TalkEnd = { readonly endedBy: 'caller' | 'agent' | 'server' };

/**
 * Joins caller and leg, unless they talk already, and waits for the end of the talk. Hold is part of a talk, and so is
 * what follows when one of the two goes on at another leg of his.
 */
export async function talk(call: Call, legId: string): Promise<TalkEnd> {
  const leg = () => call.legs.find((one) => one.id === legId);
  const over = watchEnd(call, legId);
  try {
    if (leg()?.state === 'answered' && leg()?.talksWith === null) await join(call, legId);
    return await over.ended;
  } finally {
    over.stop();
  }
}

/** One of the two may hang up while they are joined. That is the end of the talk, and its event is on the way. */
async function join(call: Call, legId: string): Promise<void> {
  try {
    await call.bridge(call.caller.id, legId);
  } catch (error) {
    if (!JackfieldError.is(error) || error.code !== 'CALL_ENDED') throw error;
  }
}

function watchEnd(call: Call, legId: string): { readonly ended: Promise<TalkEnd>; stop(): void } {
  let stop = () => {};
  const ended = new Promise<TalkEnd>((resolve) => {
    let present = legId;
    const check = () => {
      const leg = call.legs.find((one) => one.id === present);
      // Whoever hung up first is who ended it; the other leg is ended by us, after.
      if (call.caller.state === 'ended') resolve({ endedBy: 'caller' });
      else if (!leg || leg.state === 'ended') resolve({ endedBy: endedBy(leg) });
    };
    stop = call.onChange((change) => {
      if (change.type === 'leg-ended' || change.type === 'ended') check();
      else if (change.type === 'talk-started') {
        const pair = [change.a.id, change.b.id];
        const other = pair.find((id) => id !== call.caller.id) ?? present;
        if (pair.includes(call.caller.id) && isSamePerson(call, other, present)) present = other;
        // One of the two talks with a third now: a transfer took it away.
        else if (takenAway(call, pair, present)) resolve({ endedBy: 'server' });
      }
    });
    check();
  });
  return { ended, stop: () => stop() };
}

function endedBy(leg: Leg | undefined): TalkEnd['endedBy'] {
  return leg?.endedBy === 'party' ? 'agent' : 'server';
}

function takenAway(call: Call, pair: readonly string[], legId: string): boolean {
  return pair.includes(legId) !== pair.includes(call.caller.id);
}
