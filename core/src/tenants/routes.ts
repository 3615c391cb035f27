import { z } from 'zod';
import type { Auth } from '../auth/create-auth.ts';
import type { PluginRoutes } from '../http/contract.ts';
import { pageOf, pageQuery } from '../http/paging.ts';
import { localeField, nameField, passwordField, usernameField } from './fields.ts';

const TenantDto = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  timeZone: z.string(),
  locale: localeField,
  createdAt: z.number(),
});
const permission = 'core:tenants';

/** For operators. */
export function tenantRoutes(routes: PluginRoutes, auth: Auth): void {
  routes.get(
    '/tenants',
    { permission, summary: 'List tenants', query: pageQuery, response: pageOf(TenantDto) },
    ({ query }) => auth.tenants.page(query),
  );
  routes.post(
    '/tenants',
    {
      permission,
      summary: 'Create a tenant and its first administrator',
      body: z.object({
        slug: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
        name: z.string().trim().min(1).max(128),
        timeZone: z.string().max(64),
        locale: localeField,
        admin: z.object({ username: usernameField, name: nameField, password: passwordField }),
      }),
      response: TenantDto,
      status: 201,
    },
    ({ body: { admin, ...values } }) => auth.createTenant(values, admin),
  );
}
