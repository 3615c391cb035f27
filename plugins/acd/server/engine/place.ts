import type { EngineContact, EngineState } from './types.ts';

/** Milliseconds waited, virtual waiting included. */
export function score(contact: EngineContact, now: number): number {
  return now - contact.joinedAt + contact.priority * 1000;
}

/**
 * Order of waiting contacts: those an agent left unanswered first, then by waiting time, each second of priority
 * counting as a second waited; the id decides between equals. The order of two contacts never changes while both
 * wait, since both grow older alike.
 */
export function byPlace(now: number): (a: EngineContact, b: EngineContact) => number {
  return (a, b) => {
    if (a.returned !== b.returned) return a.returned ? -1 : 1;
    const first = a.returned ? b.joinedAt - a.joinedAt : score(a, now) - score(b, now);
    if (first !== 0) return first > 0 ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  };
}

export function waiting(state: EngineState, queueId?: string): EngineContact[] {
  return Object.values(state.contacts).filter(
    (contact) => contact.state === 'waiting' && (queueId === undefined || contact.queueId === queueId),
  );
}

/** 1 is next. A contact being offered keeps the place it would go back to, the head. Null when it does not wait. */
export function placeOf(state: EngineState, contactId: string, now: number): number | null {
  const contact = state.contacts[contactId];
  if (contact?.state === 'offered') return 1;
  if (contact?.state !== 'waiting') return null;
  const queue = waiting(state, contact.queueId).sort(byPlace(now));
  return queue.findIndex((one) => one.id === contactId) + 1;
}
