import { bigint, id, int, json, longText, oneOf, text, time } from '../data/columns.ts';
import type { RowOf } from '../data/contract.ts';
import { defineEntity } from '../data/define-entity.ts';

/** The outbox: what has become true and is to be told. Kept until all its deliveries are gone. */
export const EventEntity = defineEntity({
  table: 'core_event',
  scope: 'system',
  columns: {
    name: text(128),
    tenantId: id({ nullable: true }),
    key: text(128, { nullable: true }),
    /** `<tenant>/<key>`; null when the event has no key. */
    lane: text(160, { nullable: true }),
    /** Place in the lane, in the order of commits; 0 without a key. */
    seq: bigint({ default: 0 }),
    at: time(),
    payload: json({ nullable: true }),
  },
  indexes: [{ columns: ['lane', 'seq'], unique: true }, { columns: ['at'] }],
});
export type EventRow = RowOf<typeof EventEntity>;

export const DeliveryEntity = defineEntity({
  table: 'core_event_delivery',
  scope: 'system',
  columns: {
    eventId: id(),
    subscriber: text(160),
    lane: text(160, { nullable: true }),
    seq: bigint({ default: 0 }),
    state: oneOf<'pending' | 'delivered' | 'skipped' | 'failed'>(
      ['pending', 'delivered', 'skipped', 'failed'],
      { default: 'pending' },
    ),
    /** Tries begun, so that one which took the process down counts too. */
    attempt: int({ default: 0 }),
    /** Not before this; for one being worked on, the end of its lease. */
    dueAt: time(),
    /** Who works on it; empty when nobody does. Also what makes a claim a compare-and-set. */
    claim: text(26, { default: '' }),
    error: longText({ nullable: true }),
    doneAt: time({ nullable: true }),
  },
  indexes: [
    { columns: ['state', 'dueAt'] },
    { columns: ['subscriber', 'state', 'dueAt'] },
    { columns: ['subscriber', 'lane', 'state', 'seq'] },
    { columns: ['eventId'] },
    { columns: ['state', 'doneAt'] },
  ],
});
export type DeliveryRow = RowOf<typeof DeliveryEntity>;
