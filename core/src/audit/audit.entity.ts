import { id, json, oneOf, text } from '../data/columns.ts';
import type { RowOf } from '../data/contract.ts';
import { defineEntity } from '../data/define-entity.ts';

/** Who changed what. A system table, since what operators do belongs to no tenant; only audit.ts reads it. */
export const AuditEntry = defineEntity({
  table: 'core_audit',
  scope: 'system',
  columns: {
    tenantId: id({ nullable: true }),
    pluginId: text(64),
    actorKind: oneOf<'anonymous' | 'system' | 'user'>(['anonymous', 'system', 'user']),
    actorId: id({ nullable: true }),
    /** As it was at that time. */
    actorName: text(64),
    action: text(96),
    targetType: text(64),
    targetId: text(128),
    targetLabel: text(255, { nullable: true }),
    /** The fields that differ, before and after; secrets and numbers masked. */
    before: json({ nullable: true }),
    after: json({ nullable: true }),
    requestId: text(64),
  },
  indexes: [
    { columns: ['tenantId', 'createdAt'] },
    { columns: ['tenantId', 'targetType', 'targetId'] },
    { columns: ['tenantId', 'actorId'] },
  ],
});
export type AuditRow = RowOf<typeof AuditEntry>;
