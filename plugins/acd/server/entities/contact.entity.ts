import { defineEntity, id, int, json, oneOf, type RowOf, time } from '@jackfield/core/sdk';
import type { Decision } from '../engine/types.ts';

/** A contact from joining to its end; `id` is that of the call. */
export const ContactEntity = defineEntity({
  table: 'acd_contact',
  columns: {
    queueId: id(),
    joinedAt: time(),
    priority: int(),
    weight: int(),
    aheadSince: time({ nullable: true }),
    state: oneOf(['waiting', 'offered', 'active']),
    since: time(),
    agentUserId: id({ nullable: true }),
    attempt: int(),
  },
});
export type ContactRow = RowOf<typeof ContactEntity>;

/** Why an agent was chosen: the inputs, the candidates, and why each other lost. */
export const DecisionEntity = defineEntity({
  table: 'acd_decision',
  columns: {
    at: time(),
    contactId: id(),
    queueId: id(),
    chosen: id(),
    attempt: int(),
    decision: json<Decision>(),
  },
  indexes: [{ columns: ['contactId', 'at'] }, { columns: ['queueId', 'at'] }, { columns: ['at'] }],
});
export type DecisionRow = RowOf<typeof DecisionEntity>;
