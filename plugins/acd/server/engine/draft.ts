import type { EngineAgent, EngineCommand, EngineContact, EngineState } from './types.ts';

/** Collects changes to a copy of the state and what they ask for, so that each rule reads as a sentence. */
export class Draft {
  readonly now: number;
  readonly #queues: Record<string, EngineState['queues'][string]>;
  readonly #agents: Record<string, EngineAgent>;
  readonly #contacts: Record<string, EngineContact>;
  readonly #commands: EngineCommand[] = [];
  readonly #agentsChanged = new Set<string>();
  readonly #queuesChanged = new Set<string>();

  constructor(state: EngineState, now: number) {
    this.now = now;
    this.#queues = { ...state.queues };
    this.#agents = { ...state.agents };
    this.#contacts = { ...state.contacts };
  }

  get state(): EngineState {
    return { queues: this.#queues, agents: this.#agents, contacts: this.#contacts };
  }

  /** What to do first, then what has changed. */
  get commands(): EngineCommand[] {
    return [
      ...this.#commands,
      ...[...this.#agentsChanged].map((userId) => ({ type: 'agent-changed' as const, userId })),
      ...[...this.#queuesChanged].map((queueId) => ({ type: 'queue-changed' as const, queueId })),
    ];
  }

  say(command: Exclude<EngineCommand, { type: 'agent-changed' | 'queue-changed' }>): void {
    this.#commands.push(command);
  }

  setQueue(queue: EngineState['queues'][string]): void {
    this.#queues[queue.id] = queue;
    this.#queuesChanged.add(queue.id);
  }

  removeQueue(queueId: string): void {
    delete this.#queues[queueId];
    this.#queuesChanged.add(queueId);
  }

  setAgent(agent: EngineAgent): void {
    this.#agents[agent.userId] = agent;
    this.#agentsChanged.add(agent.userId);
  }

  /** Does nothing for somebody unknown. */
  agent(userId: string, patch: Partial<Omit<EngineAgent, 'userId'>>): void {
    const agent = this.#agents[userId];
    if (agent) this.setAgent({ ...agent, ...patch });
  }

  removeAgent(userId: string): void {
    delete this.#agents[userId];
    this.#agentsChanged.add(userId);
  }

  contact(contact: EngineContact): void {
    const before = this.#contacts[contact.id];
    if (before) this.#touched(before);
    this.#contacts[contact.id] = contact;
    this.#touched(contact);
  }

  removeContact(contact: EngineContact): void {
    delete this.#contacts[contact.id];
    this.#touched(contact);
  }

  /** What an agent has is part of what is shown of him. */
  #touched({ queueId, agent }: EngineContact): void {
    this.#queuesChanged.add(queueId);
    if (agent !== null) this.#agentsChanged.add(agent);
  }
}
