import type { StrategyCandidate } from '../../contract.ts';
import { ineligible, loads } from './eligibility.ts';
import { byPlace, score, waiting } from './place.ts';
import type {
  Decision,
  EngineAgent,
  EngineCommand,
  EngineContact,
  EngineEvent,
  EngineFacts,
  EngineQueue,
  EngineState,
  Ineligible,
} from './types.ts';

export const emptyState: EngineState = { queues: {}, agents: {}, contacts: {} };

/**
 * The whole of routing: what is true, what happened, and the facts of the moment give what is true now and what
 * to do. Pure: the same inputs give the same outputs, so a log of events replays to the same state.
 */
export function advance(
  state: EngineState,
  event: EngineEvent,
  facts: EngineFacts,
): { state: EngineState; commands: EngineCommand[] } {
  const draft = new Draft(state, facts.now);
  apply(draft, event);
  endOverdueWrapUps(draft);
  match(draft, facts);
  return { state: draft.state, commands: draft.commands };
}

/** When something will become possible by time alone: the engine wants a `tick` then. Null if never. */
export function nextWake(state: EngineState, now: number): number | null {
  const times = Object.values(state.agents).flatMap((agent) => [
    ...(agent.wrapUp?.until ? [agent.wrapUp.until] : []),
    ...(agent.restUntil > now ? [agent.restUntil] : []),
  ]);
  return times.length > 0 ? Math.min(...times) : null;
}

/** Collects changes to a copy, so that each rule below reads as a sentence. */
class Draft {
  state: EngineState;
  readonly now: number;
  readonly commands: EngineCommand[] = [];

  constructor(state: EngineState, now: number) {
    this.state = state;
    this.now = now;
  }

  setQueue(queue: EngineQueue): void {
    this.state = { ...this.state, queues: { ...this.state.queues, [queue.id]: queue } };
  }

  agent(userId: string, patch: Partial<EngineAgent>): void {
    const agent = this.state.agents[userId];
    if (!agent) return;
    this.state = { ...this.state, agents: { ...this.state.agents, [userId]: { ...agent, ...patch } } };
    this.say({ type: 'agent-changed', userId });
  }

  contact(contact: EngineContact): void {
    this.state = { ...this.state, contacts: { ...this.state.contacts, [contact.id]: contact } };
    this.say({ type: 'queue-changed', queueId: contact.queueId });
  }

  removeContact(contact: EngineContact): void {
    const { [contact.id]: _gone, ...contacts } = this.state.contacts;
    this.state = { ...this.state, contacts };
    this.say({ type: 'queue-changed', queueId: contact.queueId });
  }

  say(command: EngineCommand): void {
    const known =
      (command.type === 'agent-changed' && this.commands.some((c) => c.type === 'agent-changed' && c.userId === command.userId)) ||
      (command.type === 'queue-changed' && this.commands.some((c) => c.type === 'queue-changed' && c.queueId === command.queueId));
    if (!known) this.commands.push(command);
  }
}

function apply(draft: Draft, event: EngineEvent): void {
  switch (event.type) {
    case 'queue-set':
      return draft.setQueue(event.queue);
    case 'queue-removed': {
      const { [event.queueId]: _gone, ...queues } = draft.state.queues;
      draft.state = { ...draft.state, queues };
      return;
    }
    case 'agent-set':
      draft.state = { ...draft.state, agents: { ...draft.state.agents, [event.agent.userId]: event.agent } };
      return draft.say({ type: 'agent-changed', userId: event.agent.userId });
    case 'agent-removed': {
      const { [event.userId]: _gone, ...agents } = draft.state.agents;
      draft.state = { ...draft.state, agents };
      return;
    }
    case 'presence':
      return presence(draft, event.userId, event.presence, event.reason);
    case 'device':
      return draft.agent(event.userId, { deviceReady: event.ready });
    case 'joined':
      return joined(draft, event);
    case 'left':
      return left(draft, event.contactId);
    case 'answered':
      return answered(draft, event.contactId, event.userId);
    case 'offer-failed':
      return offerFailed(draft, event.contactId, event.userId, event.why);
    case 'restored':
      return draft.contact({
        id: event.contactId,
        queueId: event.queueId,
        joinedAt: event.joinedAt,
        priority: 0,
        weight: event.weight,
        state: 'active',
        returned: false,
        agent: event.userId,
        offeredAt: null,
        refusedBy: [],
      });
    case 'finished':
      return finished(draft, event.contactId);
    case 'wrap-up-ended':
      return endWrapUp(draft, event.userId);
    case 'tick':
      return;
  }
}

function presence(draft: Draft, userId: string, to: EngineAgent['presence'], reason: string | null): void {
  const agent = draft.state.agents[userId];
  if (!agent || (agent.presence === to && agent.breakReason === reason)) return;
  const signsIn = agent.presence === 'signed-out' && to !== 'signed-out';
  draft.agent(userId, {
    presence: to,
    breakReason: to === 'break' ? reason : null,
    presenceSince: draft.now,
    noAnswers: 0,
    restUntil: 0,
    ...(signsIn ? { signedInAt: draft.now, answered: 0, idleSince: draft.now } : {}),
    ...(to === 'available' && !signsIn ? { idleSince: draft.now } : {}),
    ...(to === 'signed-out' ? { wrapUp: null } : {}),
  });
}

function joined(draft: Draft, event: Extract<EngineEvent, { type: 'joined' }>): void {
  if (draft.state.contacts[event.contactId]) return;
  draft.contact({
    id: event.contactId,
    queueId: event.queueId,
    joinedAt: event.joinedAt,
    priority: event.priority,
    weight: event.weight,
    state: 'waiting',
    returned: event.returned,
    agent: null,
    offeredAt: null,
    refusedBy: [],
  });
}

function left(draft: Draft, contactId: string): void {
  const contact = draft.state.contacts[contactId];
  if (!contact) return;
  if (contact.state === 'active') return finished(draft, contactId);
  if (contact.state === 'offered' && contact.agent !== null) {
    draft.say({ type: 'withdraw', contactId, userId: contact.agent });
    draft.say({ type: 'agent-changed', userId: contact.agent });
  }
  draft.removeContact(contact);
}

function answered(draft: Draft, contactId: string, userId: string): void {
  const contact = draft.state.contacts[contactId];
  if (contact?.state !== 'offered' || contact.agent !== userId) return;
  draft.contact({ ...contact, state: 'active' });
  const agent = draft.state.agents[userId];
  if (agent) draft.agent(userId, { answered: agent.answered + 1, noAnswers: 0 });
}

function offerFailed(
  draft: Draft,
  contactId: string,
  userId: string,
  why: Extract<EngineEvent, { type: 'offer-failed' }>['why'],
): void {
  const contact = draft.state.contacts[contactId];
  // An answer to an offer that was already withdrawn changes nothing.
  if (contact?.state !== 'offered' || contact.agent !== userId) return;
  const queue = draft.state.queues[contact.queueId];
  draft.contact({
    ...contact,
    state: 'waiting',
    agent: null,
    offeredAt: null,
    returned: true,
    refusedBy: contact.refusedBy.includes(userId) ? contact.refusedBy : [...contact.refusedBy, userId],
  });
  const agent = draft.state.agents[userId];
  if (!agent) return;
  const noAnswers = why === 'no-answer' ? agent.noAnswers + 1 : agent.noAnswers;
  const restUntil = draft.now + (queue?.noAnswerRestMs ?? 0);
  const tooMany = queue !== undefined && queue.maxNoAnswer > 0 && noAnswers >= queue.maxNoAnswer;
  if (tooMany) presence(draft, userId, 'break', 'no-answer');
  else draft.agent(userId, { noAnswers, restUntil });
}

function finished(draft: Draft, contactId: string): void {
  const contact = draft.state.contacts[contactId];
  if (!contact) return;
  draft.removeContact(contact);
  if (contact.state !== 'active' || contact.agent === null) return;
  const agent = draft.state.agents[contact.agent];
  if (!agent) return;
  const wrapUp = draft.state.queues[contact.queueId]?.wrapUp ?? { mode: 'auto', ms: 0 };
  if (wrapUp.mode === 'auto' || agent.presence === 'signed-out') {
    return draft.agent(agent.userId, { idleSince: draft.now });
  }
  const until = wrapUp.mode === 'timed' ? draft.now + wrapUp.ms : null;
  draft.agent(agent.userId, { wrapUp: { contactId, since: draft.now, until }, idleSince: draft.now });
}

function endWrapUp(draft: Draft, userId: string): void {
  if (draft.state.agents[userId]?.wrapUp) draft.agent(userId, { wrapUp: null, idleSince: draft.now });
}

function endOverdueWrapUps(draft: Draft): void {
  for (const agent of Object.values(draft.state.agents)) {
    if (agent.wrapUp?.until && agent.wrapUp.until <= draft.now) endWrapUp(draft, agent.userId);
  }
}

/** Offers until no waiting contact has an eligible agent (I4), best-placed contact first. */
function match(draft: Draft, facts: EngineFacts): void {
  const loadOf = new Map(loads(draft.state));
  for (const contact of waiting(draft.state).sort(byPlace(facts.now))) {
    const decision = decide(draft.state, contact, facts, loadOf);
    if (!decision) continue;
    loadOf.set(decision.chosen, (loadOf.get(decision.chosen) ?? 0) + contact.weight);
    const queue = draft.state.queues[contact.queueId];
    if (!queue) continue;
    draft.contact({ ...contact, state: 'offered', agent: decision.chosen, offeredAt: facts.now });
    draft.agent(decision.chosen, { lastOfferedAt: facts.now });
    draft.say({ type: 'offer', contactId: contact.id, userId: decision.chosen, ringMs: queue.ringMs, decision });
  }
}

/** Who gets this contact now, and why nobody else; null when nobody can. */
export function decide(
  state: EngineState,
  contact: EngineContact,
  facts: EngineFacts,
  loadOf: ReadonlyMap<string, number> = loads(state),
): Decision | null {
  const queue = state.queues[contact.queueId];
  if (!queue) return null;
  const rejected: { userId: string; why: Ineligible }[] = [];
  const eligible: StrategyCandidate[] = [];
  for (const [userId, member] of Object.entries(queue.members)) {
    const agent = state.agents[userId];
    const why = agent ? ineligible(agent, contact, loadOf.get(userId) ?? 0, facts.now) : 'signed-out';
    if (!agent || why) rejected.push({ userId, why: why ?? 'signed-out' });
    else {
      eligible.push({
        userId,
        idleSince: agent.idleSince,
        signedInAt: agent.signedInAt,
        answered: agent.answered,
        level: member.level,
        lastOfferedAt: agent.lastOfferedAt,
      });
    }
  }
  if (eligible.length === 0) return null;
  const draws: number[] = [];
  const random = () => {
    const value = facts.random();
    draws.push(value);
    return value;
  };
  const ordered = facts.strategy(queue.strategy).order(eligible, { now: facts.now, random });
  const refused = (candidate: StrategyCandidate) => contact.refusedBy.includes(candidate.userId);
  const chosen = ordered.find((candidate) => !refused(candidate)) ?? ordered[0];
  if (!chosen) return null;
  return {
    at: facts.now,
    contactId: contact.id,
    queueId: queue.id,
    strategy: queue.strategy,
    waitedMs: score(contact, facts.now),
    chosen: chosen.userId,
    candidates: ordered.map((candidate) => ({ ...candidate, refusedBefore: refused(candidate) })),
    rejected,
    draws,
  };
}
