import { bool, id, text, time } from '../../data/columns.ts';
import type { RowOf } from '../../data/contract.ts';
import { defineEntity } from '../../data/define-entity.ts';
import type { Locale } from '../../i18n/contract.ts';

/**
 * People. A system table because operators belong to no tenant; that a tenant sees its own alone is the
 * work of users.repo.ts, the one file that reads it.
 */
export const User = defineEntity({
  table: 'core_user',
  scope: 'system',
  columns: {
    /** Null: an operator. */
    tenantId: id({ nullable: true }),
    username: text(64),
    /** `name@tenant-slug`, an operator's `name`, in lower case; null once deleted, so that the name is free again. */
    account: text(128, { nullable: true, unique: true }),
    name: text(64),
    email: text(254, { nullable: true }),
    mobile: text(32, { nullable: true }),
    passwordHash: text(255),
    /** Null for operators. */
    roleId: id({ nullable: true }),
    /** Null: as the tenant. */
    locale: text<Locale>(8, { nullable: true }),
    disabled: bool({ default: false }),
    /** Deleted people stay, since calls and reports name them. */
    deletedAt: time({ nullable: true }),
    lastSignInAt: time({ nullable: true }),
  },
  indexes: [{ columns: ['tenantId', 'username'] }, { columns: ['tenantId', 'roleId'] }],
});
export type UserRow = RowOf<typeof User>;
