import type { Call, CallChange, Hook, Leg } from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import { partnerOf, userOf } from './caller-user.ts';

export interface Participants {
  /** Shows the change in the workbench of those it concerns. In order, one after the other. */
  follow(call: Call, change: CallChange, record: FollowedRecord): Promise<void>;
}

export interface FollowedRecord {
  readonly interactionId: string;
  /** Has this leg talked with anybody? Asked of the record: a talk may have begun before a restart. */
  hasTalked(legId: string): Promise<boolean>;
}

/** What a leg is to its agent: offered while it rings, active or on hold in a talk, wrap-up after one. */
export function createParticipants(
  interactions: InteractionsApi,
  wrapUp: Hook<'call:wrap-up'>,
): Participants {
  /** After a talk there may be work to do, after a ring there is none. */
  async function left(call: Call, leg: Leg, userId: string, record: FollowedRecord): Promise<void> {
    const { interactionId } = record;
    // Rung a second time meanwhile: the contact is his again.
    if (call.legs.some((leg) => leg.state !== 'ended' && userOf(call, leg) === userId)) return;
    const after = (await record.hasTalked(leg.id))
      ? await wrapUp.run({ callId: call.id, userId })
      : undefined;
    if (!after) {
      await interactions.removeParticipant(interactionId, userId);
      return;
    }
    await interactions.setParticipant(interactionId, {
      userId,
      state: 'wrap-up',
      since: leg.endedAt ?? call.startedAt,
      data: { callId: call.id, until: after.until },
    });
  }

  return {
    async follow(call, change, record) {
      const set = (userId: string | null, state: 'offered' | 'active' | 'held', legId: string) =>
        userId === null
          ? undefined
          : interactions.setParticipant(record.interactionId, {
              userId,
              state,
              since: change.at,
              data: { callId: call.id, legId },
            });
      switch (change.type) {
        case 'leg-created': {
          const userId = userOf(call, change.leg);
          const isInCall = call.legs.some((leg) => leg.state === 'answered' && userOf(call, leg) === userId);
          // He is rung again only to go on with the talk he has.
          if (!isInCall) await set(userId, 'offered', change.leg.id);
          return;
        }
        case 'leg-answered':
          // Who calls out has his contact as soon as his own phone is up.
          if (change.leg.id === call.legs[0]?.id)
            await set(userOf(call, change.leg), 'active', change.leg.id);
          return;
        case 'talk-started':
          for (const leg of [change.a, change.b]) await set(userOf(call, leg), 'active', leg.id);
          return;
        case 'held':
        case 'resumed': {
          // The one who waits is the customer; the contact is on hold for the agent at the other end.
          const partner = partnerOf(call, change.leg);
          if (!partner) return;
          await set(userOf(call, partner), change.type === 'held' ? 'held' : 'active', partner.id);
          return;
        }
        case 'leg-ended': {
          const userId = userOf(call, change.leg);
          if (userId !== null) await left(call, change.leg, userId, record);
          return;
        }
      }
    },
  };
}
