import { bool, defineEntity, id, int, json, type Migration, text, time } from '@jackfield/core/sdk';

const queue = defineEntity({
  table: 'acd_queue',
  columns: {
    name: text(80, { unique: true }),
    enabled: bool({ default: true }),
    strategy: text(64),
    ringSeconds: int(),
    wrapUpMode: text(32),
    wrapUpSeconds: int(),
    maxNoAnswer: int(),
    noAnswerRestSeconds: int(),
    vipSeconds: int(),
    announcement: text(500),
  },
});

const member = defineEntity({
  table: 'acd_queue_member',
  columns: { queueId: id(), userId: id(), level: int() },
  indexes: [{ columns: ['queueId', 'userId'], unique: true }, { columns: ['userId'] }],
});

const agent = defineEntity({
  table: 'acd_agent',
  columns: {
    userId: id({ unique: true }),
    presence: text(32),
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

const contact = defineEntity({
  table: 'acd_contact',
  columns: {
    queueId: id(),
    joinedAt: time(),
    priority: int(),
    weight: int(),
    aheadSince: time({ nullable: true }),
    state: text(32),
    since: time(),
    agentUserId: id({ nullable: true }),
    attempt: int(),
  },
});

const decision = defineEntity({
  table: 'acd_decision',
  columns: { at: time(), contactId: id(), queueId: id(), chosen: id(), attempt: int(), decision: json() },
  indexes: [{ columns: ['contactId', 'at'] }, { columns: ['queueId', 'at'] }, { columns: ['at'] }],
});

export default {
  async up(schema) {
    for (const table of [queue, member, agent, contact, decision]) await schema.createTable(table);
  },
} satisfies Migration;
