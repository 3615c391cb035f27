import { bool, id, text } from '../../data/columns.ts';
import type { RowOf } from '../../data/contract.ts';
import { defineEntity } from '../../data/define-entity.ts';

export const Role = defineEntity({
  table: 'core_role',
  columns: {
    /** Of a built-in role: `agent`, `agent-administrator`, `supervisor`, `admin`. */
    key: text(32, { nullable: true, unique: true }),
    name: text(64, { unique: true }),
    description: text(255, { default: '' }),
  },
});
export type RoleRow = RowOf<typeof Role>;

/**
 * Where a role differs from the defaults its permissions came with. No row: as the definition says, so that a plugin
 * installed later has its defaults in every tenant, and what an admin took away stays away.
 */
export const RolePermission = defineEntity({
  table: 'core_role_permission',
  columns: {
    roleId: id(),
    permission: text(128),
    granted: bool(),
  },
  indexes: [{ columns: ['roleId', 'permission'], unique: true }],
});
