import { text } from '../data/columns.ts';
import type { RowOf } from '../data/contract.ts';
import { defineEntity } from '../data/define-entity.ts';
import type { Locale } from '../i18n/contract.ts';

export const Tenant = defineEntity({
  table: 'core_tenant',
  scope: 'system',
  columns: {
    slug: text(63, { unique: true }),
    name: text(128),
    timeZone: text(64),
    locale: text<Locale>(8),
  },
});
export type TenantRow = RowOf<typeof Tenant>;
