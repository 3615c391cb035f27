import type { EngineAgent, EngineContact, EngineState, Ineligible } from './types.ts';

/** Weight of what each agent has now, offers included: an offer is a promise. */
export function loads(state: EngineState): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const contact of Object.values(state.contacts)) {
    if (contact.agent === null || (contact.state !== 'offered' && contact.state !== 'active')) continue;
    sums.set(contact.agent, (sums.get(contact.agent) ?? 0) + contact.weight);
  }
  return sums;
}

/** "Routable" is computed here and stored nowhere. */
export function ineligible(
  agent: EngineAgent,
  contact: EngineContact,
  currentLoad: number,
  now: number,
): Ineligible | null {
  if (agent.presence === 'signed-out') return 'signed-out';
  if (agent.presence === 'break') return 'on-break';
  if (agent.wrapUp !== null) return 'wrap-up';
  if (currentLoad + contact.weight > agent.capacity) return 'busy';
  if (!agent.deviceReady) return 'device';
  if (agent.restUntil > now) return 'resting';
  return null;
}
