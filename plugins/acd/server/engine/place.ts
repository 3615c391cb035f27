import type { EngineContact, EngineState } from './types.ts';

/** Milliseconds waited, virtual waiting included. */
export function score(contact: EngineContact, now: number): number {
  return now - contact.joinedAt + contact.priority * 1000;
}

/**
 * Order of contacts that have no agent yet: those that were offered before, in the order of their first offers,
 * then by waiting time, each second of priority counting as a second waited; the id decides between equals. The
 * order of two contacts never changes while both wait, since both grow older alike.
 */
export function byPlace(now: number): (a: EngineContact, b: EngineContact) => number {
  return (a, b) => {
    const offered = (contact: EngineContact) => contact.aheadSince ?? Number.POSITIVE_INFINITY;
    if (a.aheadSince !== b.aheadSince) return offered(a) < offered(b) ? -1 : 1;
    const first = score(a, now) - score(b, now);
    if (first !== 0) return first > 0 ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  };
}

export function waiting(state: EngineState): EngineContact[] {
  return Object.values(state.contacts).filter((contact) => contact.state === 'waiting');
}

/** Those of a queue who have no agent yet, in their order; whoever is being offered keeps the place at the head. */
export function line(state: EngineState, queueId: string, now: number): EngineContact[] {
  return Object.values(state.contacts)
    .filter((contact) => contact.queueId === queueId && contact.state !== 'active')
    .sort(byPlace(now));
}

/** 1 is next. Null when the contact does not wait. */
export function placeOf(state: EngineState, contactId: string, now: number): number | null {
  const contact = state.contacts[contactId];
  if (!contact || contact.state === 'active') return null;
  return line(state, contact.queueId, now).findIndex((one) => one.id === contactId) + 1;
}
