import { bool, defineEntity, id, int, oneOf, type RowOf, text } from '@jackfield/core/sdk';

export const WRAP_UP_MODES = ['auto', 'manual', 'timed'] as const;

export const QueueEntity = defineEntity({
  table: 'acd_queue',
  columns: {
    name: text(80, { unique: true }),
    /** Off: new callers are turned away, and those who wait too. */
    enabled: bool({ default: true }),
    strategy: text(64),
    ringSeconds: int(),
    wrapUpMode: oneOf(WRAP_UP_MODES),
    wrapUpSeconds: int(),
    /** 0: an agent may leave any number of offers unanswered. */
    maxNoAnswer: int(),
    noAnswerRestSeconds: int(),
    /** Seconds of virtual waiting that a caller on the VIP list begins with. */
    vipSeconds: int(),
    /** Spoken before the music, and again each time it has played; empty for music alone. */
    announcement: text(500),
  },
});
export type QueueRow = RowOf<typeof QueueEntity>;

export const QueueMemberEntity = defineEntity({
  table: 'acd_queue_member',
  columns: { queueId: id(), userId: id(), level: int() },
  indexes: [{ columns: ['queueId', 'userId'], unique: true }, { columns: ['userId'] }],
});
export type QueueMemberRow = RowOf<typeof QueueMemberEntity>;
