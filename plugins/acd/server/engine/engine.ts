import { decide } from './decide.ts';
import { Draft } from './draft.ts';
import { loads } from './eligibility.ts';
import { byPlace, waiting } from './place.ts';
import type {
  EngineAgent,
  EngineCommand,
  EngineContact,
  EngineEvent,
  EngineFacts,
  EngineState,
  OfferRef,
} from './types.ts';

export const emptyState: EngineState = { queues: {}, agents: {}, contacts: {} };

/**
 * After an offer that failed an agent is left in peace for this long at least: some phones refuse at once, and a
 * lonely agent and a lonely contact would be brought together and parted many times a second.
 */
const LEAST_REST_MS = 3_000;

/**
 * The whole of routing: what is true, what happened, and the facts of the moment give what is true now and what
 * to do. Pure: the same inputs give the same outputs, so a log of events replays to the same state.
 */
export function advance(
  state: EngineState,
  event: EngineEvent,
  facts: EngineFacts,
): { readonly state: EngineState; readonly commands: readonly EngineCommand[] } {
  const draft = new Draft(state, facts.now);
  apply(draft, event);
  endOverdueWrapUps(draft);
  match(draft, facts);
  return { state: draft.state, commands: draft.commands };
}

/** When something will become possible by time alone: the engine wants a `tick` then. Null if never. */
export function nextWake(state: EngineState, now: number): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const { wrapUp, restUntil } of Object.values(state.agents)) {
    if (wrapUp && wrapUp.until !== null) next = Math.min(next, wrapUp.until);
    if (restUntil > now) next = Math.min(next, restUntil);
  }
  return Number.isFinite(next) ? next : null;
}

function apply(draft: Draft, event: EngineEvent): void {
  switch (event.type) {
    case 'queue-set':
      draft.setQueue(event.queue);
      break;
    case 'queue-removed':
      queueRemoved(draft, event.queueId);
      break;
    case 'agent-set':
      draft.setAgent(event.agent);
      break;
    case 'agent-removed':
      takeBackOffers(draft, event.userId);
      draft.removeAgent(event.userId);
      break;
    case 'presence':
      presence(draft, event.userId, event.presence, event.reason);
      break;
    case 'device':
      device(draft, event.userId, event.ready);
      break;
    case 'joined':
      joined(draft, event);
      break;
    case 'left':
      over(draft, event.contactId, { served: false });
      break;
    case 'finished':
      over(draft, event.contactId, { served: true });
      break;
    case 'answered':
      answered(draft, event);
      break;
    case 'offer-failed':
      offerFailed(draft, event);
      break;
    case 'restored':
      restored(draft, event);
      break;
    case 'wrap-up-ended':
      endWrapUp(draft, event.userId, draft.now);
      break;
    case 'tick':
      break;
  }
}

function queueRemoved(draft: Draft, queueId: string): void {
  if (!draft.state.queues[queueId]) return;
  draft.removeQueue(queueId);
  for (const contact of Object.values(draft.state.contacts)) {
    if (contact.queueId !== queueId || contact.state === 'active') continue;
    withdraw(draft, contact);
    draft.removeContact(contact);
    draft.say({ type: 'turned-away', contactId: contact.id, queueId });
  }
}

function presence(draft: Draft, userId: string, to: EngineAgent['presence'], reason: string | null): void {
  const agent = draft.state.agents[userId];
  const breakReason = to === 'break' ? reason : null;
  if (!agent || (agent.presence === to && agent.breakReason === breakReason)) return;
  const signsIn = agent.presence === 'signed-out';
  draft.agent(userId, {
    presence: to,
    breakReason,
    presenceSince: draft.now,
    noAnswers: 0,
    restUntil: 0,
    ...(signsIn ? { signedInAt: draft.now, answered: 0 } : {}),
    ...(signsIn || to === 'available' ? { idleSince: draft.now } : {}),
    ...(to === 'signed-out' ? { wrapUp: null } : {}),
  });
  // Who goes on break may still take what rings; who goes home may not.
  if (to === 'signed-out') takeBackOffers(draft, userId);
}

function device(draft: Draft, userId: string, ready: boolean): void {
  if (draft.state.agents[userId]?.deviceReady !== ready) draft.agent(userId, { deviceReady: ready });
}

function joined(draft: Draft, event: Extract<EngineEvent, { type: 'joined' }>): void {
  const { contactId: id, queueId, joinedAt, priority, weight, aheadSince } = event;
  if (draft.state.contacts[id]) return;
  if (!draft.state.queues[queueId]) {
    draft.say({ type: 'turned-away', contactId: id, queueId });
    return;
  }
  draft.contact({
    id,
    queueId,
    joinedAt,
    priority,
    weight,
    aheadSince,
    state: 'waiting',
    since: draft.now,
    agent: null,
    attempt: 0,
    refusedBy: [],
  });
}

/** The offer that an outcome belongs to, if it still stands: a late outcome changes nothing. */
function standing(draft: Draft, { contactId, userId, attempt }: OfferRef): EngineContact | null {
  const contact = draft.state.contacts[contactId];
  return contact?.state === 'offered' && contact.agent === userId && contact.attempt === attempt
    ? contact
    : null;
}

function answered(draft: Draft, offer: OfferRef): void {
  const contact = standing(draft, offer);
  if (!contact) return;
  draft.contact({ ...contact, state: 'active', since: draft.now });
  const agent = draft.state.agents[offer.userId];
  if (agent) draft.agent(agent.userId, { answered: agent.answered + 1, noAnswers: 0 });
}

function offerFailed(draft: Draft, event: Extract<EngineEvent, { type: 'offer-failed' }>): void {
  const { userId, why } = event;
  const contact = standing(draft, event);
  if (!contact) return;
  const refusedBy = contact.refusedBy.includes(userId) ? contact.refusedBy : [...contact.refusedBy, userId];
  toTheHead(draft, { ...contact, refusedBy });
  const agent = draft.state.agents[userId];
  if (!agent) return;
  const queue = draft.state.queues[contact.queueId];
  const rest = Math.max(queue?.noAnswerRestMs ?? 0, LEAST_REST_MS);
  const noAnswers = why === 'no-answer' ? agent.noAnswers + 1 : agent.noAnswers;
  const tooMany = queue !== undefined && queue.maxNoAnswer > 0 && noAnswers >= queue.maxNoAnswer;
  if (tooMany && agent.presence === 'available') presence(draft, userId, 'break', 'no-answer');
  else draft.agent(userId, { noAnswers, restUntil: draft.now + rest });
}

function restored(draft: Draft, event: Extract<EngineEvent, { type: 'restored' }>): void {
  const { contactId: id, queueId, joinedAt, userId, weight } = event;
  if (draft.state.contacts[id]) return;
  const agent = draft.state.agents[userId];
  const load = loads(draft.state).get(userId) ?? 0;
  // The talk is a fact; what was offered to him meanwhile is not one yet.
  if (agent && load + weight > agent.capacity) takeBackOffers(draft, userId);
  draft.contact({
    id,
    queueId,
    joinedAt,
    weight,
    priority: 0,
    state: 'active',
    since: draft.now,
    aheadSince: null,
    agent: userId,
    attempt: 0,
    refusedBy: [],
  });
}

/** The one way out of the state, whoever ended it and wherever the contact stood. */
function over(draft: Draft, contactId: string, { served }: { readonly served: boolean }): void {
  const contact = draft.state.contacts[contactId];
  if (!contact) return;
  withdraw(draft, contact);
  draft.removeContact(contact);
  if (contact.state !== 'active' || contact.agent === null) return;
  const agent = draft.state.agents[contact.agent];
  if (!agent) return;
  const { mode, ms } = draft.state.queues[contact.queueId]?.wrapUp ?? { mode: 'auto', ms: 0 };
  const until = mode === 'timed' ? draft.now + ms : null;
  const works = served && mode !== 'auto' && agent.presence !== 'signed-out';
  draft.agent(agent.userId, {
    idleSince: draft.now,
    ...(works ? { wrapUp: { contactId, since: draft.now, until } } : {}),
  });
}

function takeBackOffers(draft: Draft, userId: string): void {
  for (const contact of Object.values(draft.state.contacts)) {
    if (contact.state !== 'offered' || contact.agent !== userId) continue;
    withdraw(draft, contact);
    toTheHead(draft, contact);
  }
}

function withdraw(draft: Draft, { id, state, agent, attempt }: EngineContact): void {
  if (state !== 'offered' || agent === null) return;
  draft.say({ type: 'withdraw', contactId: id, userId: agent, attempt });
}

function toTheHead(draft: Draft, contact: EngineContact): void {
  draft.contact({ ...contact, state: 'waiting', since: draft.now, agent: null });
}

function endWrapUp(draft: Draft, userId: string, at: number): void {
  if (draft.state.agents[userId]?.wrapUp) draft.agent(userId, { wrapUp: null, idleSince: at });
}

function endOverdueWrapUps(draft: Draft): void {
  for (const { userId, wrapUp } of Object.values(draft.state.agents)) {
    if (wrapUp && wrapUp.until !== null && wrapUp.until <= draft.now) endWrapUp(draft, userId, wrapUp.until);
  }
}

/** Offers until no waiting contact has an eligible agent (I4), best-placed contact first. */
function match(draft: Draft, facts: EngineFacts): void {
  const loadOf = new Map(loads(draft.state));
  for (const contact of waiting(draft.state).sort(byPlace(facts.now))) {
    const queue = draft.state.queues[contact.queueId];
    const decision = queue && decide(draft.state, contact, facts, loadOf);
    if (!decision) continue;
    const userId = decision.chosen;
    const attempt = contact.attempt + 1;
    loadOf.set(userId, (loadOf.get(userId) ?? 0) + contact.weight);
    const { now } = facts;
    const aheadSince = contact.aheadSince ?? now;
    draft.contact({ ...contact, state: 'offered', since: now, agent: userId, attempt, aheadSince });
    draft.agent(userId, { lastOfferedAt: now });
    draft.say({ type: 'offer', contactId: contact.id, userId, attempt, ringMs: queue.ringMs, decision });
  }
}
