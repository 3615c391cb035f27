import { defineEntity, id, json, type Migration, text, time } from '@jackfield/core/sdk';

const interaction = defineEntity({
  table: 'interactions_interaction',
  columns: {
    channel: text(24),
    direction: text(32),
    address: text(64),
    addressAsGiven: text(128),
    name: text(128),
    via: text(64),
    refPlugin: text(24),
    refId: text(64),
    openedAt: time(),
    closedAt: time({ nullable: true }),
    outcome: text(48, { nullable: true }),
  },
  indexes: [
    { columns: ['refPlugin', 'refId'], unique: true },
    { columns: ['address', 'openedAt'] },
    { columns: ['openedAt'] },
  ],
});

const entry = defineEntity({
  table: 'interactions_entry',
  columns: { interactionId: id(), kind: text(64), at: time(), userId: id({ nullable: true }), data: json() },
  indexes: [{ columns: ['interactionId', 'at'] }],
});

const participant = defineEntity({
  table: 'interactions_participant',
  columns: {
    interactionId: id(),
    userId: id(),
    state: text(32),
    since: time(),
    until: time({ nullable: true }),
    data: json(),
  },
  indexes: [{ columns: ['interactionId', 'userId'], unique: true }, { columns: ['userId', 'until'] }],
});

export default {
  async up(schema) {
    for (const table of [interaction, entry, participant]) await schema.createTable(table);
  },
} satisfies Migration;
