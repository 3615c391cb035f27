import type { InsertRowOf, Repo } from '../data/contract.ts';
import type { Database } from '../data/database.ts';
import { DeliveryEntity, type DeliveryRow, EventEntity, type EventRow } from './event.entity.ts';

/** The part of the database that events and jobs stand on. */
export type OutboxDatabase = Pick<Database, 'withData' | 'session' | 'dialect'>;

export interface EventStore {
  readonly events: Repo<EventRow, InsertRowOf<typeof EventEntity>>;
  readonly deliveries: Repo<DeliveryRow, InsertRowOf<typeof DeliveryEntity>>;
  tx<T>(fn: () => Promise<T>): Promise<T>;
  readonly session: OutboxDatabase['session'];
}

export function createEventStore(database: OutboxDatabase): EventStore {
  const data = database.withData('core');
  return {
    events: data.repo(EventEntity),
    deliveries: data.repo(DeliveryEntity),
    tx: (fn) => data.tx(fn),
    session: database.session,
  };
}
