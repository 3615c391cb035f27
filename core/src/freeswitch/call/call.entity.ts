import { json, text } from '../../data/columns.ts';
import { defineEntity } from '../../data/define-entity.ts';
import type { CallState } from './call-state.ts';

/**
 * One row a live call: what, together with the channel variables, is needed to take it up after a crash. Deleted
 * when the call has ended and its owner has closed its records, so the table is as long as the calls that run.
 * A system table: an inbound call exists before its tenant is known.
 */
export const CallEntity = defineEntity({
  table: 'core_call',
  scope: 'system',
  columns: { node: text(64), state: json<CallState>() },
  indexes: [{ columns: ['node'] }],
});
