import type { PluginAudit } from '../audit/contract.ts';
import type { Page, PageRequest, PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Locale, LocalText } from '../i18n/contract.ts';
import { scope } from '../tenants/scope.ts';
import { Role, RolePermission, type RoleRow } from './entities/role.entity.ts';
import { adminRole, type PermissionCatalog, permissionsOfRole } from './permission-catalog.ts';
import type { UsersRepo } from './users.repo.ts';

export const builtInRoles: Readonly<Record<string, LocalText>> = {
  agent: { 'zh-CN': '坐席', en: 'Agent' },
  'agent-administrator': { 'zh-CN': '坐席管理员', en: 'Agent administrator' },
  supervisor: { 'zh-CN': '班长', en: 'Supervisor' },
  [adminRole]: { 'zh-CN': '系统管理员', en: 'Administrator' },
};

/**
 * Roles of the tenant of the scope. Nobody gives what they do not have, nor takes from a role that can do more than they
 * (FORBIDDEN). Each change is audited.
 */
export interface Roles {
  get(id: string): Promise<RoleRow>;
  byKey(key: string): Promise<RoleRow>;
  page(request: PageRequest): Promise<Page<RoleRow>>;
  permissions(role: Pick<RoleRow, 'id' | 'key'>): Promise<ReadonlySet<string>>;
  create(values: { name: string; description: string; permissions: readonly string[] }): Promise<RoleRow>;
  /** CONFLICT when the permissions of `admin` were to change. */
  update(
    id: string,
    patch: {
      name?: string | undefined;
      description?: string | undefined;
      permissions?: readonly string[] | undefined;
    },
  ): Promise<RoleRow>;
  /** CONFLICT for a built-in role, or one that has members. */
  delete(id: string): Promise<void>;
  /** The built-in ones that are not there yet. */
  ensureBuiltIn(locale: Locale): Promise<void>;
}

export function createRoles(
  data: PluginData,
  catalog: PermissionCatalog,
  users: UsersRepo,
  audit: PluginAudit,
): Roles {
  const roles = () => data.repo(Role);
  const rolePermissions = () => data.repo(RolePermission);

  async function permissions(role: Pick<RoleRow, 'id' | 'key'>): Promise<ReadonlySet<string>> {
    const rows = await rolePermissions().find({ roleId: role.id }, { limit: 10_000 });
    return permissionsOfRole(
      role.key,
      new Map(rows.map((row) => [row.permission, row.granted])),
      catalog.list(),
    );
  }

  /** Writes only what differs from the defaults; deviations of plugins not installed now stay as they are. */
  async function setPermissions(role: RoleRow, wanted: readonly string[]): Promise<void> {
    const grantable = catalog.list().filter((entry) => !entry.operatorOnly);
    const known = new Set(grantable.map(({ definition }) => definition.key));
    const unknown = wanted.filter((key) => !known.has(key));
    if (unknown.length > 0) {
      throw new JackfieldError('VALIDATION_FAILED', `There is no permission ${unknown.join(', ')}.`, {
        details: { errors: [{ path: 'body.permissions', message: unknown.join(', ') }] },
      });
    }
    const defaults = permissionsOfRole(role.key, new Map(), catalog.list());
    await rolePermissions().deleteWhere({ roleId: role.id, permission: { in: [...known] } });
    const deviations = [...known]
      .filter((key) => wanted.includes(key) !== defaults.has(key))
      .map((permission) => ({ roleId: role.id, permission, granted: wanted.includes(permission) }));
    if (deviations.length > 0) await rolePermissions().insertMany(deviations);
  }

  function assertHas(wanted: Iterable<string>): void {
    const actor = scope.current()?.actor;
    if (actor?.kind !== 'user') return;
    const missing = [...wanted].filter((each) => !actor.permissions.has(each));
    if (missing.length > 0)
      throw new JackfieldError('FORBIDDEN', undefined, { details: { permissions: missing } });
  }
  const target = (role: RoleRow) => ({ type: 'role', id: role.id, label: role.name });
  const facts = async (role: RoleRow) => ({
    name: role.name,
    description: role.description,
    permissions: [...(await permissions(role))].sort(),
  });

  return {
    get: (id) => roles().get(id),
    async byKey(key) {
      const role = await roles().findOne({ key });
      if (!role) throw new JackfieldError('NOT_FOUND', undefined, { details: { role: key } });
      return role;
    },
    page: (request) =>
      roles().page(request, {
        sortable: ['name', 'createdAt'],
        searchable: ['name'],
        defaultSort: 'createdAt',
      }),
    permissions,
    create({ permissions: wanted, ...values }) {
      assertHas(wanted);
      return data.tx(async () => {
        const role = await roles().insert(values);
        await setPermissions(role, wanted);
        await audit.record({ action: 'role.create', target: target(role), after: await facts(role) });
        return role;
      });
    },
    update: (id, { permissions: wanted, ...patch }) =>
      data.tx(async () => {
        const role = await roles().get(id);
        const before = await facts(role);
        if (wanted) {
          if (role.key === adminRole) {
            throw new JackfieldError('CONFLICT', 'The administrator has every permission, always.');
          }
          assertHas([...before.permissions, ...wanted]);
          await setPermissions(role, wanted);
        }
        const changed = await roles().update(id, patch);
        const after = await facts(changed);
        await audit.record({ action: 'role.update', target: target(changed), before, after });
        return changed;
      }),
    delete: (id) =>
      data.tx(async () => {
        const role = await roles().get(id);
        if (role.key !== null) throw new JackfieldError('CONFLICT', 'A built-in role cannot be deleted.');
        const members = await users.countInRole(id);
        if (members > 0) {
          throw new JackfieldError('CONFLICT', 'The role still has members.', { details: { members } });
        }
        const before = await facts(role);
        assertHas(before.permissions);
        await rolePermissions().deleteWhere({ roleId: id });
        await roles().delete(id);
        await audit.record({ action: 'role.delete', target: target(role), before });
      }),
    async ensureBuiltIn(locale) {
      const present = new Set((await roles().find({ key: { isNull: false } })).map((role) => role.key));
      for (const [key, title] of Object.entries(builtInRoles)) {
        if (!present.has(key)) await roles().insert({ key, name: title[locale] });
      }
    },
  };
}
