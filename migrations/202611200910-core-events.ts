import {
  bigint,
  defineEntity,
  id,
  int,
  json,
  longText,
  type Migration,
  oneOf,
  text,
  time,
} from '@jackfield/core/sdk';

const event = defineEntity({
  table: 'core_event',
  scope: 'system',
  columns: {
    name: text(128),
    tenantId: id({ nullable: true }),
    key: text(128, { nullable: true }),
    lane: text(160, { nullable: true }),
    seq: bigint({ default: 0 }),
    at: time(),
    payload: json({ nullable: true }),
  },
  indexes: [{ columns: ['lane', 'seq'], unique: true }, { columns: ['at'] }],
});

const delivery = defineEntity({
  table: 'core_event_delivery',
  scope: 'system',
  columns: {
    eventId: id(),
    subscriber: text(160),
    lane: text(160, { nullable: true }),
    seq: bigint({ default: 0 }),
    state: oneOf(['pending', 'delivered', 'skipped', 'failed'], { default: 'pending' }),
    attempt: int({ default: 0 }),
    dueAt: time(),
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

export default {
  async up(schema) {
    await schema.createTable(event);
    await schema.createTable(delivery);
  },
} satisfies Migration;
