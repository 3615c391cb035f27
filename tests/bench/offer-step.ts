/**
 * The engine's own share of an offer: 50 agents who talk, 50 contacts who wait. One agent's contact ends; the step
 * that follows from it names the contact he gets, with its decision. Then he answers and somebody new joins, so
 * that the next step begins from the same crowd.
 */
import { advance, emptyState } from '../../plugins/acd/server/engine/engine.ts';
import type { EngineCommand, EngineEvent, EngineState } from '../../plugins/acd/server/engine/types.ts';
import { anAgent, aQueue, factsAt, T0 } from '../../plugins/acd/server/testing/engine.fixture.ts';
import { percentile, tell, times } from './bench.ts';

const CROWD = 50;
const STEPS = 2_000;
const RUNS = 5;

const agentOf = (index: number): string => `agent-${index}`;

class Floor {
  now = T0;
  #state: EngineState = emptyState;
  #joined = 0;

  constructor() {
    const queue = aQueue(Object.fromEntries(Array.from({ length: CROWD }, (_, i) => [agentOf(i), 5])));
    this.step({ type: 'queue-set', queue });
    for (let i = 0; i < CROWD; i++) this.step({ type: 'agent-set', agent: anAgent(agentOf(i)) });
    for (let i = 0; i < CROWD; i++) {
      for (const command of this.join()) this.answer(command);
    }
    for (let i = 0; i < CROWD; i++) this.join();
  }

  /** What an agent is busy with. */
  contactOf(userId: string): string {
    const contact = Object.values(this.#state.contacts).find((one) => one.agent === userId);
    if (!contact) throw new Error(`${userId} has nothing to do`);
    return contact.id;
  }

  join(): readonly EngineCommand[] {
    const contactId = `contact-${++this.#joined}`;
    return this.step({
      type: 'joined',
      contactId,
      queueId: 'sales',
      joinedAt: this.now,
      priority: 0,
      weight: 1,
      aheadSince: null,
    });
  }

  answer(command: EngineCommand): void {
    if (command.type !== 'offer') return;
    const { contactId, userId, attempt } = command;
    this.step({ type: 'answered', contactId, userId, attempt });
  }

  step(event: EngineEvent): readonly EngineCommand[] {
    this.now += 100;
    const { state, commands } = advance(this.#state, event, factsAt(this.now));
    this.#state = state;
    return commands;
  }
}

/** Microseconds of each step from an agent who becomes free to the offer. */
function offers(): number[] {
  const floor = new Floor();
  return Array.from({ length: STEPS }, (_, index) => {
    const contactId = floor.contactOf(agentOf(index % CROWD));
    const start = performance.now();
    const commands = floor.step({ type: 'finished', contactId });
    const elapsed = performance.now() - start;
    const offer = commands.find((command) => command.type === 'offer');
    if (!offer) throw new Error('an agent is free, somebody waits, and nothing is offered');
    floor.answer(offer);
    floor.join();
    return elapsed * 1000;
  });
}

offers(); // warm-up
const runs = await times(RUNS, () => offers());
for (const p of [50, 99]) {
  tell({
    what: `routing step, free agent to offer, ${CROWD} waiting, ${CROWD} agents, p${p} of ${STEPS}`,
    unit: 'µs',
    runs: runs.map((values) => percentile(values, p)),
    // domain.md §2.1: mod_callcenter looks once in 100 ms, so a free agent waits 50 ms on average.
    peer: { name: "mod_callcenter's mean pause between two looks", runs: [50_000] },
  });
}
