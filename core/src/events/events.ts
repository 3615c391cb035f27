/**
 * Events: an outbox in the database, read by a dispatcher in each process.
 *
 * Publishing writes one row for the event and one for each subscriber, in the publisher's transaction. The
 * subscribers are those this process knows, since every process sets up the same plugins; nothing has to be
 * agreed on between processes, and a subscriber that is broken today finds its deliveries tomorrow. An event
 * that nobody subscribes to is not written at all.
 *
 * A row per subscriber rather than one cursor each: cursors over ids lose an event whose transaction began
 * early and committed late, and one failing event would stop all behind it. Rows make retries, failures and
 * the tenant gate independent of each other, and the operator can see and repeat a single one.
 *
 * Order: events of one key form a lane, numbered in the order of commits (outbox.ts). A delivery is begun only
 * when it is the first of its lane that is not done, so a retry holds back its own lane and nothing else.
 *
 * Several processes: a delivery is claimed by compare-and-set with a lease of 60 s; a handler has 30 s. A
 * process that dies leaves its leases to run out. That is "at least once": `event.id` tells a second time.
 */
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Circuits } from '../plugins/circuit.ts';
import { scope } from '../tenants/scope.ts';
import type { DomainEvent, PluginEvents } from './contract.ts';
import { createDispatcher, type DeliveryOutcome } from './dispatcher.ts';
import type { DeliveryRow } from './event.entity.ts';
import { store as storeEvent } from './outbox.ts';
import { prune } from './prune.ts';
import { createEventStore, type OutboxDatabase } from './store.ts';

const PRUNE_MS = 3_600_000;

export interface EventsDeps {
  readonly database: OutboxDatabase;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly circuits: Circuits;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
  readonly registry?: Registry;
}

export interface FailedDelivery {
  readonly id: string;
  readonly subscriber: string;
  readonly event: {
    readonly id: string;
    readonly name: string;
    readonly tenantId: string | null;
    readonly at: number;
  };
  readonly attempts: number;
  readonly error: string;
  readonly failedAt: number;
}

export interface Events {
  forPlugin(pluginId: string, book: (undo: () => void) => () => void): PluginEvents;
  /** Begins to deliver; until then events are only stored. */
  start(): void;
  stop(): Promise<void>;
  /** Set aside, newest first, 100 unless given. */
  failed(limit?: number): Promise<FailedDelivery[]>;
  /** Tries one that was set aside anew, with all its tries. NOT_FOUND if it is not among them. */
  retry(deliveryId: string): Promise<void>;
  /** Forgets one that was set aside: its subscriber never gets it. NOT_FOUND if it is not among them. */
  discard(deliveryId: string): Promise<void>;
}

export function createEvents(deps: EventsDeps): Events {
  const { clock, log } = deps;
  const store = createEventStore(deps.database);
  const metrics = deps.registry ? createMetrics(deps.registry) : null;
  const dispatcher = createDispatcher({
    store,
    clock,
    log,
    circuits: deps.circuits,
    isActive: deps.isActive,
    onOutcome: (subscriber, outcome) => metrics?.delivered(subscriber, outcome),
  });
  let stopPruning = (): void => {};

  async function publish(name: string, payload: unknown, key: string | null): Promise<void> {
    const subscribers = dispatcher.subscribersOf(name);
    if (subscribers.length === 0) return;
    const tenantId = scope.current()?.tenantId ?? null;
    await store.tx(async () => {
      await storeEvent(store, clock, { name, tenantId, key, payload }, subscribers);
      store.session.afterCommit(() => {
        metrics?.published(name);
        dispatcher.wake(subscribers);
      });
    });
  }

  return {
    forPlugin: (pluginId, book) => ({
      publish: (name, payload, options = {}) => publish(name, payload, options.key ?? null),
      on(event, handler, options = {}) {
        const name = `${pluginId}:${options.name ?? event}`;
        return book(
          dispatcher.add({
            name,
            plugin: pluginId,
            event,
            handler: handler as (event: DomainEvent) => Promise<void> | void,
          }),
        );
      },
    }),
    start() {
      dispatcher.start();
      stopPruning = clock.every(PRUNE_MS, () => {
        prune(store, clock).catch((error: unknown) =>
          log.warn({ err: error }, 'Old events could not be deleted; tried again in an hour'),
        );
      });
    },
    async stop() {
      stopPruning();
      await dispatcher.stop();
    },
    async failed(limit = 100) {
      const rows = await store.deliveries.find({ state: 'failed' }, { orderBy: { doneAt: 'desc' }, limit });
      const events = await store.events.find(
        { id: { in: [...new Set(rows.map((row) => row.eventId))] } },
        { limit: 10_000 },
      );
      const byId = new Map(events.map((event) => [event.id, event]));
      return rows.flatMap((row) => {
        const event = byId.get(row.eventId);
        return event ? [describe(row, event)] : [];
      });
    },
    async retry(deliveryId) {
      const row = await store.deliveries.get(deliveryId);
      const again = { state: 'pending', attempt: 0, dueAt: clock.now(), doneAt: null } as const;
      if ((await store.deliveries.updateWhere({ id: deliveryId, state: 'failed' }, again)) === 0)
        throw new JackfieldError('NOT_FOUND');
      dispatcher.wake([row.subscriber]);
    },
    async discard(deliveryId) {
      if ((await store.deliveries.deleteWhere({ id: deliveryId, state: 'failed' })) === 0)
        throw new JackfieldError('NOT_FOUND');
    },
  };
}

function describe(row: DeliveryRow, event: FailedDelivery['event']): FailedDelivery {
  return {
    id: row.id,
    subscriber: row.subscriber,
    event: { id: event.id, name: event.name, tenantId: event.tenantId, at: event.at },
    attempts: row.attempt,
    error: row.error ?? '',
    failedAt: row.doneAt ?? row.updatedAt,
  };
}

function createMetrics(registry: Registry) {
  const published = new Counter({
    name: 'jackfield_events_published_total',
    help: 'Events stored',
    labelNames: ['event'],
    registers: [registry],
  });
  const delivered = new Counter({
    name: 'jackfield_event_deliveries_total',
    help: 'Deliveries by what came of them',
    labelNames: ['subscriber', 'outcome'],
    registers: [registry],
  });
  return {
    published: (event: string) => published.inc({ event }),
    delivered: (subscriber: string, outcome: DeliveryOutcome) => delivered.inc({ subscriber, outcome }),
  };
}
