import { defineEntity, id, json, oneOf, type RowOf, text, time } from '@jackfield/core/sdk';

export const InteractionEntity = defineEntity({
  table: 'interactions_interaction',
  columns: {
    channel: text(24),
    direction: oneOf(['inbound', 'outbound', 'internal']),
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
    // One interaction for each call or chat: what makes `open` safe to repeat.
    { columns: ['refPlugin', 'refId'], unique: true },
    { columns: ['address', 'openedAt'] },
    { columns: ['openedAt'] },
  ],
});
export type InteractionRow = RowOf<typeof InteractionEntity>;

/** One line of a timeline. */
export const EntryEntity = defineEntity({
  table: 'interactions_entry',
  columns: {
    interactionId: id(),
    kind: text(64),
    at: time(),
    userId: id({ nullable: true }),
    data: json<Readonly<Record<string, unknown>>>(),
  },
  indexes: [{ columns: ['interactionId', 'at'] }],
});

/** An agent who has the contact now, or had it. At most one open row for each agent and contact. */
export const ParticipantEntity = defineEntity({
  table: 'interactions_participant',
  columns: {
    interactionId: id(),
    userId: id(),
    state: oneOf(['offered', 'active', 'held', 'wrap-up']),
    since: time(),
    /** Null while the contact stands in the agent's workbench. */
    until: time({ nullable: true }),
    data: json<Readonly<Record<string, unknown>>>(),
  },
  indexes: [{ columns: ['interactionId', 'userId'], unique: true }, { columns: ['userId', 'until'] }],
});
export type ParticipantRow = RowOf<typeof ParticipantEntity>;
