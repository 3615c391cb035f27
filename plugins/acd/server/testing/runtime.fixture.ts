import { fakeClock } from '@jackfield/core/test-kit';
import { builtInStrategies } from '../engine/strategies.ts';
import type { EngineAgent } from '../engine/types.ts';
import type { QueueRow } from '../entities/queue.entity.ts';
import type { AcdStore, Changes } from '../runtime/rows.ts';
import { newAgent } from '../runtime/rows.ts';
import {
  createTenantRuntime,
  type Offer,
  type RingResult,
  type TenantRuntime,
} from '../runtime/tenant-runtime.ts';

/** Tables in memory; `fail` makes the next saves throw, as a database that is away does. */
export function memoryTables(
  queues: readonly Partial<QueueRow>[] = [{ id: 'sales' }],
  members: readonly string[] = ['amy', 'ben'],
) {
  const agents = new Map<string, EngineAgent>(members.map((userId) => [userId, newAgent(userId, 0)]));
  const contacts = new Map<string, Changes['contacts'][number]>();
  const decisions: Changes['decisions'][number][] = [];
  const tables = {
    agents,
    contacts,
    decisions,
    failing: false,
    saves: 0,
    rows: queues.map((row) => ({
      id: 'sales',
      name: 'Sales',
      enabled: true,
      strategy: 'longest-idle',
      ringSeconds: 20,
      wrapUpMode: 'timed' as const,
      wrapUpSeconds: 30,
      maxNoAnswer: 0,
      noAnswerRestSeconds: 5,
      vipSeconds: 0,
      announcement: '',
      tenantId: 't',
      createdAt: 0,
      updatedAt: 0,
      ...row,
    })),
  };
  const store: AcdStore = {
    agents: async () => [...agents.values()],
    contactIds: async () => [...contacts.keys()],
    queue: async (id) => tables.rows.find((row) => row.id === id) ?? null,
    queues: async () => tables.rows,
    members: async () =>
      tables.rows.flatMap(({ id: queueId }) => members.map((userId) => ({ queueId, userId, level: 5 }))),
    async save(changes) {
      if (tables.failing) throw new Error('the database is away');
      tables.saves += 1;
      // Phones are not stored.
      for (const agent of changes.agents) agents.set(agent.userId, { ...agent, deviceReady: false });
      for (const contact of changes.contacts) contacts.set(contact.id, contact);
      for (const id of changes.gone) contacts.delete(id);
      decisions.push(...changes.decisions);
    },
  };
  return { tables, store };
}
export type Memory = ReturnType<typeof memoryTables>;

/** What a channel was asked, and how the test answers. */
export interface FakeRing {
  readonly contactId: string;
  readonly userId: string;
  readonly offer: Offer;
  readonly stopped: boolean;
  /** What became of the answer. */
  verdict: 'accepted' | 'declined' | null;
  answer(): Promise<void>;
  fail(outcome: 'no-answer' | 'busy'): Promise<void>;
}

/** A runtime with a clock of the test's own; channels are played by the test. */
export function fakeDesk(memory: Memory = memoryTables(), clock = fakeClock()) {
  const rings: FakeRing[] = [];
  const turnedAway: string[] = [];
  const wrapUpsOver: string[] = [];
  const log = { error: () => undefined, warn: () => undefined };
  const runtime: TenantRuntime = createTenantRuntime({
    clock,
    log: log as never,
    store: memory.store,
    inScope: (work) => work(),
    random: () => 0,
    strategy: (id) => {
      const found = builtInStrategies.find((one) => one.id === id);
      if (!found) throw new Error(`no strategy ${id}`);
      return found;
    },
    agentChanged: () => undefined,
    queueChanged: () => undefined,
    async wrapUpOver(contactId, userId) {
      wrapUpsOver.push(`${contactId} ${userId}`);
    },
  });

  function ring(contactId: string, offer: Offer): Promise<RingResult> {
    return new Promise((resolve) => {
      const settle = async (result: RingResult) => {
        resolve(result);
        await clock.advance(0);
      };
      const fake: FakeRing = {
        contactId,
        userId: offer.userId,
        offer,
        get stopped() {
          return offer.signal.aborted;
        },
        verdict: null,
        answer: () =>
          settle({
            outcome: 'answered',
            accept: () => {
              fake.verdict = 'accepted';
            },
            decline: () => {
              fake.verdict = 'declined';
            },
          }),
        fail: (outcome) => settle({ outcome }),
      };
      rings.push(fake);
    });
  }

  const desk = {
    clock,
    runtime,
    rings,
    turnedAway,
    wrapUpsOver,
    tables: memory.tables,
    async ready(...users: readonly string[]) {
      for (const userId of users) {
        await runtime.setDevice(userId, 'ready');
        await runtime.send({ type: 'presence', userId, presence: 'available', reason: null });
      }
    },
    async enter(
      contactId: string,
      given: { joinedAt?: number; priority?: number; aheadSince?: number | null } = {},
    ) {
      await runtime.enter({
        contactId,
        queueId: 'sales',
        joinedAt: clock.now(),
        priority: 0,
        aheadSince: null,
        label: { displayNumber: '', name: '' },
        guest: { ring: (offer) => ring(contactId, offer), turnedAway: () => turnedAway.push(contactId) },
        ...given,
      });
      await clock.advance(0);
    },
    /** Whose phone rings now, and for whom. */
    ringing: () =>
      Object.values(runtime.state.contacts)
        .filter(({ state }) => state === 'offered')
        .map(({ id, agent }) => `${id}→${agent}`),
    last(): FakeRing {
      const ring = rings.at(-1);
      if (!ring) throw new Error('nobody was rung');
      return ring;
    },
  };
  return desk;
}
