import { bool, defineEntity, id, int, json, type RowOf, text, time } from '@jackfield/core/sdk';
import type { Flow } from '../contract.ts';

/** A call flow: its draft, and which version of it answers calls. */
export const FlowEntity = defineEntity({
  table: 'ivr_flow',
  columns: {
    name: text(64),
    draft: json<Flow>(),
    /** The version calls run through; null while the flow is unpublished. */
    publishedVersion: int({ nullable: true }),
    /** The highest version there is. */
    lastVersion: int({ default: 0 }),
    /** The draft says something else than the published version. */
    changed: bool({ default: true }),
    /** Counts saves, so that of two authors the second is told. */
    revision: int({ default: 1 }),
    savedBy: id({ nullable: true }),
    savedAt: time(),
  },
  indexes: [{ columns: ['name'], unique: true }, { columns: ['savedAt'] }],
});
export type FlowRow = RowOf<typeof FlowEntity>;

/**
 * What was published, for ever as it was. Versions outlive their flow: calls that are in one finish, and the
 * record of an old call can be read.
 */
export const FlowVersionEntity = defineEntity({
  table: 'ivr_flow_version',
  columns: {
    flowId: id(),
    version: int(),
    name: text(64),
    definition: json<Flow>(),
    publishedAt: time(),
    publishedBy: id({ nullable: true }),
  },
  indexes: [{ columns: ['flowId', 'version'], unique: true }],
});
export type FlowVersionRow = RowOf<typeof FlowVersionEntity>;
