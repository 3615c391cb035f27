import type { Strategy, StrategyCandidate } from '../../contract.ts';
import { ineligible } from './eligibility.ts';
import type { Decision, EngineContact, EngineFacts, EngineState, Ineligible } from './types.ts';

/** Who gets this contact now, and why nobody else; null when nobody can. */
export function decide(
  state: EngineState,
  contact: EngineContact,
  facts: EngineFacts,
  loadOf: ReadonlyMap<string, number>,
): Decision | null {
  const queue = state.queues[contact.queueId];
  if (!queue) return null;
  const rejected: { userId: string; why: Ineligible }[] = [];
  const eligible: StrategyCandidate[] = [];
  for (const [userId, { level }] of Object.entries(queue.members)) {
    const agent = state.agents[userId];
    const why = agent ? ineligible(agent, contact, loadOf.get(userId) ?? 0, facts.now) : 'signed-out';
    if (!agent || why) rejected.push({ userId, why: why ?? 'signed-out' });
    else {
      const { idleSince, signedInAt, answered, lastOfferedAt } = agent;
      eligible.push({ userId, idleSince, signedInAt, answered, level, lastOfferedAt });
    }
  }
  if (eligible.length === 0) return null;
  const draws: number[] = [];
  const random = () => {
    const value = facts.random();
    draws.push(value);
    return value;
  };
  const ordered = inOrder(facts.strategy(queue.strategy), eligible, { now: facts.now, random });
  const candidates = ordered.map((candidate) => ({
    ...candidate,
    refusedBefore: contact.refusedBy.includes(candidate.userId),
  }));
  const chosen = firstOf(candidates);
  if (!chosen) return null;
  return {
    at: facts.now,
    contactId: contact.id,
    queueId: queue.id,
    strategy: queue.strategy,
    waitedMs: facts.now - contact.joinedAt,
    priority: contact.priority,
    returned: contact.aheadSince !== null,
    chosen,
    candidates,
    rejected,
    draws,
  };
}

/** The same facts to the same strategy: whom it would choose. Equal to `decision.chosen`, or the strategy changed. */
export function decideAgain(decision: Decision, strategy: Strategy): string | null {
  const draws = decision.draws.values();
  const random = () => draws.next().value ?? 0;
  const eligible = decision.candidates.map(({ refusedBefore: _known, ...candidate }) => candidate);
  const refused = new Set(decision.candidates.filter((one) => one.refusedBefore).map(({ userId }) => userId));
  const ordered = inOrder(strategy, eligible, { now: decision.at, random });
  return firstOf(ordered.map((one) => ({ ...one, refusedBefore: refused.has(one.userId) })));
}

/** Somebody who has not refused this contact before, else the best of those who have. */
function firstOf(candidates: Decision['candidates']): string | null {
  return (candidates.find((candidate) => !candidate.refusedBefore) ?? candidates[0])?.userId ?? null;
}

/**
 * What the strategy makes of the candidates. It gets them by user id, so that its answer depends on nothing else
 * than they; whom it forgot comes last, and whom it made up is dropped: a strategy of another plugin must not
 * keep a contact from an agent who could take it.
 */
function inOrder(
  strategy: Strategy,
  candidates: readonly StrategyCandidate[],
  facts: { readonly now: number; random(): number },
): StrategyCandidate[] {
  const rest = new Map(
    [...candidates].sort((a, b) => (a.userId < b.userId ? -1 : 1)).map((one) => [one.userId, one]),
  );
  const ordered: StrategyCandidate[] = [];
  for (const { userId } of strategy.order([...rest.values()], facts)) {
    const candidate = rest.get(userId);
    if (!candidate) continue;
    ordered.push(candidate);
    rest.delete(userId);
  }
  return [...ordered, ...rest.values()];
}
