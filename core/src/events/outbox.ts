import type { Clock } from '../boot/clock.ts';
import type { InsertRowOf } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import type { EventEntity, EventRow } from './event.entity.ts';
import type { EventStore } from './store.ts';

/** Longest `key`; it is part of an index. */
const MAX_KEY_LENGTH = 128;
/** Others that published to the same key since this transaction began; more is a runaway. */
const MAX_PLACES = 1_000;

export interface NewEvent {
  readonly name: string;
  readonly tenantId: string | null;
  readonly key: string | null;
  readonly payload: unknown;
}

/** Writes the event and one delivery for each subscriber, in the transaction of the caller. */
export async function store(
  { events, deliveries }: EventStore,
  clock: Pick<Clock, 'now'>,
  event: NewEvent,
  subscribers: readonly string[],
): Promise<void> {
  const now = clock.now();
  const { lane, seq, id } = await insertEvent(events, { ...event, lane: laneOf(event), at: now });
  await deliveries.insertMany(
    subscribers.map((subscriber) => ({ eventId: id, subscriber, lane, seq, dueAt: now })),
  );
}

function laneOf({ tenantId, key }: NewEvent): string | null {
  if (key === null) return null;
  if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
    throw new JackfieldError('BAD_REQUEST', `The key of an event has 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  return `${tenantId ?? ''}/${key}`;
}

/**
 * The place in a lane is taken by inserting it under a unique index. While another transaction holds the
 * place without having committed, the insert waits for it; so places follow the order of commits, on every
 * process, whatever their clocks say. A place that was taken is followed by the next, never by a fresh look:
 * inside a transaction MySQL shows the table as it was when the transaction began.
 */
async function insertEvent(
  events: EventStore['events'],
  event: Omit<InsertRowOf<typeof EventEntity>, 'seq'> & { readonly lane: string | null },
): Promise<EventRow> {
  if (event.lane === null) return events.insert(event);
  const [last] = await events.find({ lane: event.lane }, { orderBy: { seq: 'desc' }, limit: 1 });
  const first = (last?.seq ?? 0) + 1;
  for (let seq = first; seq < first + MAX_PLACES; seq += 1) {
    try {
      return await events.insert({ ...event, seq });
    } catch (error) {
      if (!JackfieldError.is(error) || error.code !== 'CONFLICT') throw error;
    }
  }
  throw new JackfieldError('CONFLICT', `Too many events of key "${event.key}" at once.`, {
    details: { event: event.name },
  });
}
