import type { Clock } from '../boot/clock.ts';
import type { Page, PageRequest, PluginData } from '../data/contract.ts';
import type { Locale } from '../i18n/contract.ts';
import { Tenant, type TenantRow } from './tenant.entity.ts';
import { createTtlCache } from './ttl-cache.ts';

const believeMs = 5_000;

export interface NewTenant {
  readonly slug: string;
  readonly name: string;
  readonly timeZone: string;
  readonly locale: Locale;
}
export interface Tenants {
  /** NOT_FOUND if there is none. Read again after 5 s. */
  get(id: string): Promise<TenantRow>;
  bySlug(slug: string): Promise<TenantRow | null>;
  all(): Promise<TenantRow[]>;
  page(request: PageRequest): Promise<Page<TenantRow>>;
  /** CONFLICT when the slug is taken. Only the row; `auth.createTenant` makes one that can be used. */
  insert(values: NewTenant): Promise<TenantRow>;
}

export function createTenants(data: PluginData, clock: Clock): Tenants {
  const repo = () => data.repo(Tenant);
  const byId = createTtlCache<TenantRow>(clock, believeMs);
  return {
    get: (id) => byId.get(id, () => repo().get(id)),
    bySlug: (slug) => repo().findOne({ slug }),
    all: () => repo().find({}, { limit: 10_000, orderBy: { slug: 'asc' } }),
    page: (request) =>
      repo().page(request, {
        sortable: ['slug', 'name', 'createdAt'],
        searchable: ['slug', 'name'],
        defaultSort: 'slug',
      }),
    insert: (values) => repo().insert(values),
  };
}
