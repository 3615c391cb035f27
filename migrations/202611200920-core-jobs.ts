import {
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

const job = defineEntity({
  table: 'core_job',
  scope: 'system',
  columns: {
    name: text(128),
    tenantId: id({ nullable: true }),
    data: json({ nullable: true }),
    state: oneOf(['handover', 'waiting', 'running', 'done', 'failed', 'skipped'], { default: 'waiting' }),
    attempt: int({ default: 0 }),
    attempts: int(),
    crashes: int({ default: 0 }),
    dueAt: time(),
    claim: text(26, { default: '' }),
    dedupe: text(64, { nullable: true, unique: true }),
    progress: int({ default: 0 }),
    error: longText({ nullable: true }),
    doneAt: time({ nullable: true }),
  },
  indexes: [
    { columns: ['state', 'dueAt'] },
    { columns: ['name', 'state', 'dueAt'] },
    { columns: ['state', 'doneAt'] },
  ],
});

const schedule = defineEntity({
  table: 'core_schedule',
  scope: 'system',
  columns: {
    name: text(128, { unique: true }),
    nextAt: time(),
    leaseUntil: time({ default: 0 }),
    claim: text(26, { default: '' }),
    lastError: longText({ nullable: true }),
  },
});

export default {
  async up(schema) {
    await schema.createTable(job);
    await schema.createTable(schedule);
  },
} satisfies Migration;
