import { defineEntity, id, int, oneOf, type RowOf, text, time } from '@jackfield/core/sdk';

/** What of an agent outlives a restart. Phone and work are not here: they are asked for, and found again. */
export const AgentEntity = defineEntity({
  table: 'acd_agent',
  columns: {
    userId: id({ unique: true }),
    presence: oneOf(['signed-out', 'available', 'break']),
    breakReason: text(64, { nullable: true }),
    presenceSince: time(),
    signedInAt: time(),
    idleSince: time(),
    answered: int(),
    lastOfferedAt: time({ nullable: true }),
    noAnswers: int(),
    restUntil: time(),
    wrapUpContactId: id({ nullable: true }),
    wrapUpSince: time({ nullable: true }),
    wrapUpUntil: time({ nullable: true }),
  },
});
export type AgentRow = RowOf<typeof AgentEntity>;
