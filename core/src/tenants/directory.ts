import type { UserRow } from '../auth/entities/user.entity.ts';
import type { UsersRepo } from '../auth/users.repo.ts';
import type { DirectoryTenant, DirectoryUser, PluginDirectory } from './contract.ts';
import { scope } from './scope.ts';
import type { TenantRow } from './tenant.entity.ts';
import type { Tenants } from './tenants.ts';

/** Users and tenants as plugins see them. A deleted user can still be looked up by id, as disabled: old calls name people. */
export function createDirectory(
  users: UsersRepo,
  tenants: Tenants,
  permissionsOf: (user: UserRow) => Promise<ReadonlySet<string>>,
): PluginDirectory {
  async function toUser(row: UserRow): Promise<DirectoryUser> {
    return {
      id: row.id,
      tenantId: scope.tenantId(),
      username: row.username,
      name: row.name,
      disabled: row.disabled || row.deletedAt !== null,
      permissions: await permissionsOf(row),
    };
  }
  return {
    user: async (id) => toUser(await users.getEver(id)),
    users: async (filter = {}) => Promise.all((await users.find(filter)).map(toUser)),
    tenant: async (id) => toTenant(await tenants.get(id ?? scope.tenantId())),
    tenants: async () => (await tenants.all()).map(toTenant),
  };
}

export function toTenant({ id, slug, name, timeZone, locale }: TenantRow): DirectoryTenant {
  return { id, slug, name, timeZone, locale };
}
