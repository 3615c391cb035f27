import { builtInStrategies } from '../engine/strategies.ts';
import type { EngineAgent, EngineFacts, EngineQueue } from '../engine/types.ts';

/** 09:00 of a day on which nothing special happens. */
export const T0 = Date.UTC(2026, 5, 1, 9);

export function aQueue(
  members: Readonly<Record<string, number>>,
  given: Partial<Omit<EngineQueue, 'members'>> = {},
): EngineQueue {
  return {
    id: 'sales',
    strategy: 'longest-idle',
    ringMs: 15_000,
    wrapUp: { mode: 'auto', ms: 0 },
    maxNoAnswer: 0,
    noAnswerRestMs: 5_000,
    ...given,
    members: Object.fromEntries(Object.entries(members).map(([userId, level]) => [userId, { level }])),
  };
}

/** Signed in at T0 and free, unless it says otherwise. */
export function anAgent(userId: string, given: Partial<EngineAgent> = {}): EngineAgent {
  return {
    userId,
    presence: 'available',
    breakReason: null,
    presenceSince: T0,
    signedInAt: T0,
    deviceReady: true,
    capacity: 1,
    idleSince: T0,
    answered: 0,
    lastOfferedAt: null,
    noAnswers: 0,
    restUntil: 0,
    wrapUp: null,
    ...given,
  };
}

export function factsAt(now: number, random: () => number = () => 0.5): EngineFacts {
  return {
    now,
    random,
    strategy(id) {
      const found = builtInStrategies.find((strategy) => strategy.id === id);
      if (!found) throw new Error(`no strategy ${id}`);
      return found;
    },
  };
}
