import type { Clock, PluginContext } from '@jackfield/core/sdk';
import type { Strategy } from '../../contract.ts';
import { advance, emptyState, nextWake } from '../engine/engine.ts';
import { byPlace } from '../engine/place.ts';
import type {
  Decision,
  EngineCommand,
  EngineContact,
  EngineEvent,
  EngineState,
  OfferFailure,
  OfferRef,
} from '../engine/types.ts';
import { type AgentView, agentView, type Device, type DeviceState } from './agent-view.ts';
import { createGathering } from './gathering.ts';
import { createMailbox } from './mailbox.ts';
import {
  type ContactLabel,
  type QueueSummary,
  type QueueView,
  queueSummary,
  queueView,
} from './queue-view.ts';
import { type AcdStore, newAgent, toEngineQueue } from './rows.ts';
import { createUnsavedChanges } from './unsaved-changes.ts';

/** A contact as its channel sees it: how an agent is asked to take it. */
export interface Guest {
  ring(offer: Offer): Promise<RingResult>;
  /** Its queue is gone; it has left already. */
  turnedAway(): void;
}
export interface Offer extends OfferRef {
  readonly ringMs: number;
  /** Aborted: the offer is void, the ringing stops. */
  readonly signal: AbortSignal;
  readonly decision: Decision;
}
export type RingResult =
  /** One of the two is called: an answer that comes too late is declined. */
  | { readonly outcome: 'answered'; accept(): void; decline(): void }
  | { readonly outcome: OfferFailure }
  /** The contact itself is over; its channel says so by `leave`. */
  | { readonly outcome: 'gone' };

/** A contact that comes into a queue, or comes back to its place in it after a restart. */
export interface Visit {
  readonly contactId: string;
  readonly queueId: string;
  readonly joinedAt: number;
  readonly priority: number;
  readonly aheadSince: number | null;
  readonly label: ContactLabel;
  readonly guest: Guest;
}

export interface RuntimePorts {
  readonly clock: Clock;
  readonly log: Pick<PluginContext['log'], 'error' | 'warn'>;
  readonly store: AcdStore;
  /** In the tenant's scope as the server itself, and in no transaction of whoever happens to call. */
  inScope<T>(work: () => Promise<T>): Promise<T>;
  random(): number;
  strategy(id: string): Strategy;
  /** What others see; called after it has been stored. */
  agentChanged(view: AgentView): void;
  queueChanged(view: QueueView, summary: QueueSummary): void;
  /** The agent has done what there was to do after this contact. */
  wrapUpOver(contactId: string, userId: string): Promise<void>;
}

/** Routing of one tenant: the engine, its memory, and the hands it works with. */
export interface TenantRuntime {
  readonly state: EngineState;
  /** Reads what was stored. Offers are made from now on. */
  start(): Promise<void>;
  /** Nothing more is done; what was begun is finished. */
  stop(): Promise<void>;
  /** Resolves when the event has been applied and stored. */
  send(event: EngineEvent): Promise<void>;
  enter(visit: Visit): Promise<void>;
  /** A talk that a restart found going on. */
  restore(
    talk: Omit<Visit, 'guest' | 'priority' | 'aheadSince'> & { readonly userId: string },
  ): Promise<void>;
  /** The contact is over and nobody has served it, wherever it stood. Again: does nothing. */
  leave(contactId: string): Promise<void>;
  /** The contact has been served: its agent goes into wrap-up if the queue says so. Again: does nothing. */
  finish(contactId: string): Promise<void>;
  /** Makes somebody an agent who was none. */
  admit(userId: string): Promise<void>;
  /** Reads a queue and its members again: after it was made, changed or deleted. */
  reloadQueue(queueId: string): Promise<void>;
  setDevice(userId: string, device: Device): Promise<void>;
  agentView(userId: string): AgentView | null;
  queueView(queueId: string): QueueView;
  queueSummary(queueId: string): QueueSummary;
}

const NO_PHONE: DeviceState = { device: 'unregistered', since: 0 };
const NO_LABEL: ContactLabel = { displayNumber: '', name: '' };
const RETRY_MS = 1_000;

export function createTenantRuntime(ports: RuntimePorts): TenantRuntime {
  const { clock, log, store } = ports;
  const mailbox = createMailbox(ports.inScope);
  let state: EngineState = emptyState;
  const guests = new Map<string, Guest>();
  const labels = new Map<string, ContactLabel>();
  const ringing = new Map<string, AbortController>();
  const devices = new Map<string, DeviceState>();
  const unsaved = createUnsavedChanges();
  const gathering = createGathering(clock, enterTogether);
  let cancelWake = () => {};
  let stopped = false;

  const view = (userId: string): AgentView | null => {
    const agent = state.agents[userId];
    return agent ? agentView(state, agent, devices.get(userId) ?? NO_PHONE) : null;
  };
  const labelOf = (contactId: string) => labels.get(contactId) ?? NO_LABEL;

  function send(event: EngineEvent): Promise<void> {
    return mailbox.post(() => step(event));
  }

  /** One event: decide, store, then act. */
  async function step(event: EngineEvent): Promise<void> {
    if (stopped) return;
    const before = state;
    const facts = { now: clock.now(), random: ports.random, strategy: ports.strategy };
    const result = advance(state, event, facts);
    state = result.state;
    unsaved.add(before, state, result.commands);
    await save();
    act(before, result.commands);
    wake();
  }

  /**
   * A database that is away must not stop the routing: what could not be stored is kept, and goes with the next
   * step or a second later.
   */
  async function save(): Promise<void> {
    if (unsaved.isEmpty()) return;
    const changes = unsaved.take(state);
    try {
      await store.save(changes);
    } catch (error) {
      unsaved.putBack(changes);
      log.error({ err: error }, 'the state of the routing could not be stored; it is tried again');
      clock.after(RETRY_MS, () => {
        void mailbox.post(async () => {
          if (!stopped) await save();
        });
      });
    }
  }

  function act(before: EngineState, commands: readonly EngineCommand[]): void {
    const agents = new Set<string>();
    const queues = new Set<string>();
    for (const command of commands) {
      switch (command.type) {
        case 'withdraw':
          ringing.get(keyOf(command))?.abort();
          break;
        case 'offer':
          void ring(command);
          break;
        case 'turned-away': {
          const guest = guests.get(command.contactId);
          forget(command.contactId);
          guest?.turnedAway();
          break;
        }
        case 'agent-changed':
          agents.add(command.userId);
          break;
        case 'queue-changed':
          queues.add(command.queueId);
          break;
      }
    }
    for (const id of Object.keys(before.contacts)) if (!state.contacts[id]) forget(id);
    for (const userId of agents) agentActs(before, userId, queues);
    for (const queueId of queues)
      ports.queueChanged(runtime.queueView(queueId), runtime.queueSummary(queueId));
  }

  function agentActs(before: EngineState, userId: string, queues: Set<string>): void {
    const now = view(userId);
    if (now) ports.agentChanged(now);
    for (const [queueId, queue] of Object.entries(state.queues)) {
      if (queue.members[userId]) queues.add(queueId);
    }
    const was = before.agents[userId]?.wrapUp ?? null;
    if (was && was.contactId !== now?.wrapUp?.contactId) tellWrapUpOver(was.contactId, userId);
  }

  function tellWrapUpOver(contactId: string, userId: string): void {
    ports.wrapUpOver(contactId, userId).catch((error: unknown) => {
      log.error({ err: error, contactId }, 'a contact could not be taken from the workbench');
    });
  }

  async function ring(command: Extract<EngineCommand, { type: 'offer' }>): Promise<void> {
    const { contactId, userId, attempt, ringMs, decision } = command;
    const ref = { contactId, userId, attempt };
    const guest = guests.get(contactId);
    if (!guest) return;
    const controller = new AbortController();
    ringing.set(keyOf(ref), controller);
    const result = await ringGuest(guest, { ...ref, ringMs, decision, signal: controller.signal });
    ringing.delete(keyOf(ref));
    if (result.outcome === 'gone') return;
    if (result.outcome !== 'answered') {
      // Withdrawn: the engine knows already, and the outcome is only that the ringing has stopped.
      if (!controller.signal.aborted) await send({ type: 'offer-failed', why: result.outcome, ...ref });
      return;
    }
    await send({ type: 'answered', ...ref });
    const contact = state.contacts[contactId];
    const isHis = contact?.state === 'active' && contact.agent === userId && contact.attempt === attempt;
    if (isHis) result.accept();
    else result.decline();
  }

  async function ringGuest(guest: Guest, offer: Offer): Promise<RingResult> {
    try {
      return await guest.ring(offer);
    } catch (error) {
      log.error(
        { err: error, contactId: offer.contactId, userId: offer.userId },
        'an agent could not be rung',
      );
      return { outcome: 'failed' };
    }
  }

  function forget(contactId: string): void {
    guests.delete(contactId);
    labels.delete(contactId);
  }

  function wake(): void {
    cancelWake();
    const now = clock.now();
    const at = nextWake(state, now);
    cancelWake =
      at === null ? () => {} : clock.after(Math.max(0, at - now), () => void send({ type: 'tick' }));
  }

  /** All who waited before the restart are here again, or will not come: in they go, best placed first. */
  async function enterTogether(visits: Visit[], missing: ReadonlySet<string>): Promise<void> {
    if (missing.size > 0) unsaved.remove(missing);
    const now = clock.now();
    const order = byPlace(now);
    const asContact = (visit: Visit): EngineContact => ({
      ...toJoined(visit),
      id: visit.contactId,
      state: 'waiting',
      since: now,
      agent: null,
      attempt: 0,
      refusedBy: [],
    });
    visits.sort((a, b) => order(asContact(a), asContact(b)));
    await Promise.all([
      ...visits.map((visit) => send({ type: 'joined', ...toJoined(visit) })),
      send({ type: 'tick' }),
    ]);
  }

  const runtime: TenantRuntime = {
    get state() {
      return state;
    },
    async start() {
      const [agents, queues, members, contacts] = await Promise.all([
        store.agents(),
        store.queues(),
        store.members(),
        store.contactIds(),
      ]);
      unsaved.isStored(agents);
      for (const agent of agents) {
        await send({ type: 'agent-set', agent });
        // Its time ran out while nobody was there to see it.
        const over = agent.wrapUp !== null && state.agents[agent.userId]?.wrapUp === null;
        if (over) tellWrapUpOver(agent.wrapUp.contactId, agent.userId);
      }
      for (const queue of queues.filter(({ enabled }) => enabled)) {
        const own = members.filter(({ queueId }) => queueId === queue.id);
        await send({ type: 'queue-set', queue: toEngineQueue(queue, own) });
      }
      gathering.begin(contacts);
    },
    async stop() {
      stopped = true;
      cancelWake();
      gathering.stop();
      await mailbox.settled();
    },
    send,
    async enter(visit) {
      guests.set(visit.contactId, visit.guest);
      labels.set(visit.contactId, visit.label);
      await (gathering.hold(visit) ?? send({ type: 'joined', ...toJoined(visit) }));
    },
    async restore({ contactId, queueId, joinedAt, userId, label }) {
      labels.set(contactId, label);
      await send({ type: 'restored', contactId, queueId, joinedAt, userId, weight: 1 });
      await gathering.arrived(contactId);
    },
    async leave(contactId) {
      if (gathering.drop(contactId)) {
        unsaved.remove(new Set([contactId]));
        forget(contactId);
        await gathering.arrived(contactId);
      }
      await send({ type: 'left', contactId });
    },
    finish: (contactId) => send({ type: 'finished', contactId }),
    async admit(userId) {
      await mailbox.post(async () => {
        if (!state.agents[userId]) await step({ type: 'agent-set', agent: newAgent(userId, clock.now()) });
      });
    },
    async reloadQueue(queueId) {
      await mailbox.post(async () => {
        const queue = await store.queue(queueId);
        if (!queue?.enabled) return await step({ type: 'queue-removed', queueId });
        const members = (await store.members()).filter((member) => member.queueId === queueId);
        await step({ type: 'queue-set', queue: toEngineQueue(queue, members) });
      });
    },
    async setDevice(userId, device) {
      await mailbox.post(async () => {
        const ready = device === 'ready';
        const known = state.agents[userId]?.deviceReady === ready;
        const isSame = devices.get(userId)?.device === device;
        // The phone of somebody who is no agent yet is watched too: the engine hears of it once he is one.
        if (isSame && known) return;
        if (!isSame) devices.set(userId, { device, since: clock.now() });
        const before = state;
        // What is shown of a phone is finer than what the engine knows of it.
        if (known) act(before, [{ type: 'agent-changed', userId }]);
        else await step({ type: 'device', userId, ready });
      });
    },
    agentView: view,
    queueView: (queueId) => queueView(state, queueId, clock.now(), view, labelOf),
    queueSummary: (queueId) => queueSummary(state, queueId, view),
  };
  return runtime;
}

const keyOf = ({ contactId, attempt }: OfferRef) => `${contactId}#${attempt}`;

function toJoined({ contactId, queueId, joinedAt, priority, aheadSince }: Visit) {
  return { contactId, queueId, joinedAt, priority, aheadSince, weight: 1 };
}
