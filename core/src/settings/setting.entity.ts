import { id, longText, text } from '../data/columns.ts';
import type { RowOf } from '../data/contract.ts';
import { defineEntity } from '../data/define-entity.ts';

/** A value somebody has set. A system table, since the operator's belong to no tenant; only settings.ts reads it. */
export const Setting = defineEntity({
  table: 'core_setting',
  scope: 'system',
  columns: {
    /** `<plugin>/<tenant or nothing>/<key>`: one row for each, also where the tenant is null. */
    slot: text(224, { unique: true }),
    pluginId: text(64),
    tenantId: id({ nullable: true }),
    key: text(128),
    /** JSON, sealed when the setting is secret. Null: taken back; kept, so that other processes see the change. */
    value: longText({ nullable: true }),
  },
  indexes: [{ columns: ['updatedAt'] }],
});
export type SettingRow = RowOf<typeof Setting>;
