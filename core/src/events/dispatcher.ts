import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import { withDeadline } from '../hooks/deadline.ts';
import type { Circuits } from '../plugins/circuit.ts';
import { scope } from '../tenants/scope.ts';
import { contained } from './contained.ts';
import type { DomainEvent } from './contract.ts';
import { createDueRows, type DueQueue, waitAtMost } from './due-rows.ts';
import type { DeliveryRow } from './event.entity.ts';
import { MAX_ATTEMPTS, pauseAfter } from './retry.ts';
import type { EventStore } from './store.ts';

/** Time of one handler; longer work is a job. */
const HANDLER_MS = 30_000;
/** Longer than a handler may take, so a lease never needs renewing. */
const LEASE_MS = 60_000;
const SCAN_BATCH = 64;
/** Lanes of one subscriber at once and process. */
const LANES = 8;
/** Until a delivery behind one that another process works on is looked at again. */
const BEHIND_MS = 1_000;
const CIRCUIT_PAUSE_MS = 60_000;
const STOP_GRACE_MS = 10_000;

export interface Subscriber {
  readonly name: string;
  readonly plugin: string;
  readonly event: string;
  readonly handler: (event: DomainEvent) => Promise<void> | void;
}
export type DeliveryOutcome = 'delivered' | 'skipped' | 'retried' | 'failed';

export interface DispatcherDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly circuits: Circuits;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
  readonly onOutcome: (subscriber: string, outcome: DeliveryOutcome) => void;
}

export interface Dispatcher {
  add(subscriber: Subscriber): () => void;
  subscribersOf(event: string): string[];
  /** There may be something for these. */
  wake(subscribers: Iterable<string>): void;
  start(): void;
  /** Takes nothing new and waits for what runs, 10 s at the most; what is left is delivered after a restart. */
  stop(): Promise<void>;
}

interface Station extends DueQueue {
  readonly subscriber: Subscriber;
  /** Lanes being worked on; an event without a key is a lane of its own. */
  readonly lanes: Map<string, Promise<void>>;
}

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { clock, log } = deps;
  const { events, deliveries, session } = deps.store;
  const due = createDueRows<Station>({
    what: 'events',
    session,
    clock,
    log,
    async due(names, limit) {
      const rows = await deliveries.find(
        { state: 'pending', subscriber: { in: names }, dueAt: { lte: clock.now() } },
        { orderBy: { dueAt: 'asc' }, limit },
      );
      return rows.map((row) => row.subscriber);
    },
  });
  const { apart } = due;

  async function begin(station: Station): Promise<boolean> {
    const rows = await deliveries.find(
      { subscriber: station.subscriber.name, state: 'pending', dueAt: { lte: clock.now() } },
      { orderBy: { dueAt: 'asc' }, limit: SCAN_BATCH },
    );
    const full = rows.length === SCAN_BATCH;
    for (const [lane, row] of firstOfEachLane(rows)) {
      if (!station.hasRoom() || !due.isRunning()) return true;
      if (!station.lanes.has(lane)) startLane(station, lane, row);
      // One long lane must not fill every batch; its worker goes on without asking when they are due.
      if (full && row.lane !== null) await holdBack(row, clock.now() + BEHIND_MS);
    }
    return full;
  }

  function startLane(station: Station, lane: string, first: DeliveryRow): void {
    const work = apart(`Delivering to "${station.subscriber.name}"`, () =>
      runLane(station.subscriber, first),
    ).finally(() => {
      station.lanes.delete(lane);
      due.freed(station.name);
    });
    station.lanes.set(lane, work);
  }

  async function runLane(subscriber: Subscriber, first: DeliveryRow): Promise<void> {
    let row: DeliveryRow | null = first.lane === null ? first : await headIfDue(first);
    while (row && due.isRunning()) {
      const claimed = await claim(row);
      if (!claimed || !(await deliver(subscriber, claimed))) return;
      row = row.lane === null ? null : await nextOfLane(row);
    }
  }

  function headOf(row: DeliveryRow): Promise<DeliveryRow | undefined> {
    return deliveries
      .find(
        { subscriber: row.subscriber, lane: row.lane, state: 'pending' },
        { orderBy: { seq: 'asc' }, limit: 1 },
      )
      .then(([head]) => head);
  }

  /** The first of the lane, or null while it waits for its next try or another process works on it. */
  async function headIfDue(row: DeliveryRow): Promise<DeliveryRow | null> {
    const head = await headOf(row);
    if (!head) return null;
    const now = clock.now();
    if (head.dueAt <= now || isFresh(head)) return head;
    await holdBack(head, head.claim === '' ? head.dueAt : now + BEHIND_MS);
    return null;
  }

  /** After a success the next is taken at once, however far it was held back. */
  async function nextOfLane(row: DeliveryRow): Promise<DeliveryRow | null> {
    const head = await headOf(row);
    return head && isFresh(head) ? head : null;
  }

  async function holdBack(row: DeliveryRow, until: number): Promise<void> {
    await deliveries.updateWhere(
      {
        subscriber: row.subscriber,
        lane: row.lane,
        state: 'pending',
        attempt: 0,
        claim: '',
        seq: { gt: row.seq },
        dueAt: { lt: until },
      },
      { dueAt: until },
    );
  }

  /** Null when another process was faster. */
  async function claim(row: DeliveryRow): Promise<DeliveryRow | null> {
    const mine = { claim: ulid(), attempt: row.attempt + 1, dueAt: clock.now() + LEASE_MS };
    const won = await deliveries.updateWhere(
      { id: row.id, state: 'pending', claim: row.claim, attempt: row.attempt, dueAt: row.dueAt },
      mine,
    );
    return won === 1 ? { ...row, ...mine } : null;
  }

  /** True when the lane may go on. */
  async function deliver(subscriber: Subscriber, row: DeliveryRow): Promise<boolean> {
    if (row.attempt > MAX_ATTEMPTS)
      return setAside(subscriber, row, new Error('The server stopped during the last try.'));
    const stored = await events.findOne({ id: row.eventId });
    if (!stored) return setAside(subscriber, row, new Error('The event is gone.'));
    const { tenantId, name } = stored;
    if (tenantId !== null && subscriber.plugin !== 'core' && !deps.isActive(tenantId, subscriber.plugin)) {
      return finish(subscriber, row, 'skipped');
    }
    const event = {
      id: stored.id,
      name,
      tenantId,
      key: stored.key,
      at: stored.at,
      payload: stored.payload,
    } as DomainEvent;
    const value = {
      tenantId,
      actor: { kind: 'system', plugin: subscriber.plugin } as const,
      requestId: `event:${stored.id}`,
    };
    const late = () => new Error(`The handler took longer than ${HANDLER_MS / 1_000} s.`);
    try {
      await scope.run(value, () =>
        contained(deps.circuits, subscriber.plugin, `event:${subscriber.name}`, () =>
          withDeadline(
            clock,
            HANDLER_MS,
            Promise.resolve().then(() => subscriber.handler(event)),
            late,
          ),
        ),
      );
    } catch (error) {
      return await afterFailure(subscriber, row, error);
    }
    return finish(subscriber, row, 'delivered');
  }

  async function afterFailure(subscriber: Subscriber, row: DeliveryRow, error: unknown): Promise<boolean> {
    if (JackfieldError.is(error) && error.code === 'PLUGIN_CIRCUIT_OPEN') {
      await putBack(subscriber, row, { attempt: row.attempt - 1, dueAt: clock.now() + CIRCUIT_PAUSE_MS });
      return false;
    }
    const pause = pauseAfter(row.attempt);
    if (pause === null) return setAside(subscriber, row, error);
    log.warn(
      { ...about(subscriber, row), err: error },
      `Subscriber "${subscriber.name}" failed; next try in ${pause / 1_000} s`,
    );
    // A local timer keeps short pauses better than the poll could; the poll is for when we are gone by then.
    due.wakeIn(pause, subscriber.name);
    await putBack(subscriber, row, { dueAt: clock.now() + pause, error: messageOf(error) });
    return false;
  }

  async function putBack(
    subscriber: Subscriber,
    row: DeliveryRow,
    patch: { attempt?: number; dueAt: number; error?: string },
  ): Promise<void> {
    await deliveries.updateWhere({ id: row.id, claim: row.claim }, { ...patch, claim: '' });
    deps.onOutcome(subscriber.name, 'retried');
  }

  async function setAside(subscriber: Subscriber, row: DeliveryRow, error: unknown): Promise<boolean> {
    log.error(
      { ...about(subscriber, row), err: error },
      `Subscriber "${subscriber.name}" failed for good; the event is set aside`,
    );
    return finish(subscriber, row, 'failed', messageOf(error));
  }

  async function finish(
    subscriber: Subscriber,
    row: DeliveryRow,
    state: 'delivered' | 'skipped' | 'failed',
    error?: string,
  ): Promise<boolean> {
    const patch = { state, claim: '', doneAt: clock.now(), ...(error === undefined ? {} : { error }) };
    const mine = await deliveries.updateWhere({ id: row.id, claim: row.claim, state: 'pending' }, patch);
    if (mine === 1) deps.onOutcome(subscriber.name, state);
    // Overtaken: the lease had run out and another process has it now, and with it the lane.
    return mine === 1;
  }

  return {
    add(subscriber) {
      if (due.queues.has(subscriber.name)) {
        throw new JackfieldError(
          'PLUGIN_INVALID',
          `There are two subscribers "${subscriber.name}"; give one a name.`,
          {
            details: { plugin: subscriber.plugin, event: subscriber.event },
          },
        );
      }
      const lanes: Station['lanes'] = new Map();
      const station: Station = {
        name: subscriber.name,
        subscriber,
        lanes,
        hasRoom: () => lanes.size < LANES,
        begin: () => begin(station),
      };
      return due.add(station);
    },
    subscribersOf: (event) =>
      [...due.queues.values()]
        .filter(({ subscriber }) => subscriber.event === event)
        .map(({ subscriber }) => subscriber.name),
    wake: due.wake,
    start: due.start,
    async stop() {
      due.stop();
      const lanes = [...due.queues.values()].flatMap((station) => [...station.lanes.values()]);
      await waitAtMost(clock, STOP_GRACE_MS, lanes);
    },
  };
}

function isFresh(row: DeliveryRow): boolean {
  return row.attempt === 0 && row.claim === '';
}

function firstOfEachLane(rows: readonly DeliveryRow[]): Map<string, DeliveryRow> {
  const first = new Map<string, DeliveryRow>();
  for (const row of rows) {
    const lane = row.lane ?? row.id;
    const known = first.get(lane);
    if (!known || row.seq < known.seq) first.set(lane, row);
  }
  return first;
}

function about(subscriber: Subscriber, row: DeliveryRow): object {
  return { plugin: subscriber.plugin, event: subscriber.event, eventId: row.eventId, attempt: row.attempt };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
