import { id, int, json, longText, oneOf, text, time } from '../data/columns.ts';
import type { RowOf } from '../data/contract.ts';
import { defineEntity } from '../data/define-entity.ts';
import type { JobState } from './driver.ts';

type StoredState = 'handover' | JobState;

export const JobEntity = defineEntity({
  table: 'core_job',
  scope: 'system',
  columns: {
    /** `<plugin>:<job>`. */
    name: text(128),
    tenantId: id({ nullable: true }),
    data: json({ nullable: true }),
    /** `handover`: enqueued in a transaction while jobs run on Redis; goes there after the commit. */
    state: oneOf<StoredState>(['handover', 'waiting', 'running', 'done', 'failed', 'skipped'], {
      default: 'waiting',
    }),
    /** Failed tries. */
    attempt: int({ default: 0 }),
    attempts: int(),
    /** Times the process died over it. */
    crashes: int({ default: 0 }),
    /** Not before this; for a running one, the end of its lease. */
    dueAt: time(),
    /** Who works on it; empty when nobody does. */
    claim: text(26, { default: '' }),
    /** Set while one with a key waits, so that a second cannot. */
    dedupe: text(64, { nullable: true, unique: true }),
    /** Percent. */
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
export type JobRow = RowOf<typeof JobEntity>;

/** When each `every` runs next, for all nodes. */
export const ScheduleEntity = defineEntity({
  table: 'core_schedule',
  scope: 'system',
  columns: {
    /** `<plugin>:<name>`. */
    name: text(128, { unique: true }),
    nextAt: time(),
    /** While a node runs it; 0 otherwise. */
    leaseUntil: time({ default: 0 }),
    claim: text(26, { default: '' }),
    lastError: longText({ nullable: true }),
  },
});
