/** What a person does at the phone of a leg. */
import type { Channel } from './channel.ts';
import { legAnswered, legHold, legHungUp, legRefused, legRinging } from './leg.ts';

/** Each returns false when it makes no sense in the state of the leg. */
export const handset = {
  ring: (leg: Channel) => act(leg, !leg.mediaUp, () => legRinging(leg)),
  answer: (leg: Channel) => act(leg, leg.direction === 'outbound' && !leg.answered, () => legAnswered(leg)),
  reject: (leg: Channel, status = 603, reasonQ850?: number) =>
    act(leg, leg.direction === 'outbound' && !leg.answered, () => legRefused(leg, status, reasonQ850)),
  hangup: (leg: Channel) => act(leg, true, () => legHungUp(leg)),
  hold: (leg: Channel, on: boolean) => act(leg, leg.answered, () => legHold(leg, on)),
  digits: (leg: Channel, keys: string) =>
    act(leg, leg.mediaUp, () => {
      for (const key of keys) if (/[0-9*#A-Da-d]/.test(key)) leg.receiveDigit(key);
    }),
};

function act(leg: Channel, allowed: boolean, fn: () => void): boolean {
  if (leg.hungUp || !allowed) return false;
  fn();
  return true;
}
