import { z } from 'zod';
import { JackfieldError } from '../../errors/index.ts';
import type { PluginRoutes } from '../../http/contract.ts';
import { pageOf, pageQuery } from '../../http/paging.ts';
import { idParams, nameField } from '../../tenants/fields.ts';
import type { Auth } from '../create-auth.ts';
import type { RoleRow } from '../entities/role.entity.ts';
import { maskNumber } from '../mask.ts';
import { adminRole } from '../permission-catalog.ts';

const RoleDto = z.object({
  id: z.string(),
  /** Of a built-in role. */
  key: z.string().nullable(),
  name: z.string(),
  description: z.string(),
  builtIn: z.boolean(),
  /** False for `admin`, which has every permission. */
  permissionsEditable: z.boolean(),
  permissions: z.array(z.string()),
  memberCount: z.int(),
});
const MemberDto = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  mobile: z.string().nullable(),
});
const PermissionDto = z.object({
  key: z.string(),
  plugin: z.string(),
  title: z.object({ 'zh-CN': z.string(), en: z.string() }),
  group: z.string(),
  defaultRoles: z.array(z.string()),
});
const fields = {
  name: nameField,
  description: z.string().trim().max(255),
  permissions: z.array(z.string().max(128)).max(2_000),
};
const memberField = z.object({ userId: z.string().max(26) });
const permission = 'core:roles';

/** Roles, their permissions and their members. A user has one role (core-08): to add is to give, and it replaces. */
export function roleRoutes(routes: PluginRoutes, auth: Auth): void {
  async function toDto(role: RoleRow): Promise<z.input<typeof RoleDto>> {
    const permissions = await auth.roles.permissions(role);
    return {
      ...role,
      builtIn: role.key !== null,
      permissionsEditable: role.key !== adminRole,
      permissions: [...permissions].sort(),
      memberCount: await auth.usersRepo.countInRole(role.id),
    };
  }
  routes.get(
    '/permissions',
    {
      permission,
      summary: 'Every permission a role can have',
      response: z.object({ items: z.array(PermissionDto) }),
    },
    () => ({
      items: auth.catalog
        .list()
        .filter((entry) => !entry.operatorOnly)
        .map(({ pluginId, definition }) => ({
          key: definition.key,
          plugin: pluginId,
          title: definition.title,
          group: definition.group ?? pluginId,
          defaultRoles: [...(definition.defaultRoles ?? [])],
        })),
    }),
  );
  routes.get(
    '/roles',
    { permission, summary: 'List roles', query: pageQuery, response: pageOf(RoleDto) },
    async ({ query }) => {
      const page = await auth.roles.page(query);
      return { ...page, items: await Promise.all(page.items.map(toDto)) };
    },
  );
  routes.get('/roles/:id', { permission, params: idParams, response: RoleDto }, async ({ params }) =>
    toDto(await auth.roles.get(params.id)),
  );
  routes.post(
    '/roles',
    {
      permission,
      summary: 'Create a role',
      body: z.object({ ...fields, description: fields.description.default('') }),
      response: RoleDto,
      status: 201,
    },
    async ({ body }) => toDto(await auth.roles.create(body)),
  );
  routes.patch(
    '/roles/:id',
    {
      permission,
      summary: 'Change a role and what it may do',
      params: idParams,
      body: z.object(fields).partial(),
      response: RoleDto,
    },
    async ({ params, body }) => {
      const role = await auth.roles.update(params.id, body);
      auth.forget();
      return toDto(role);
    },
  );
  routes.delete('/roles/:id', { permission, summary: 'Delete a role', params: idParams }, ({ params }) =>
    auth.roles.delete(params.id),
  );

  routes.get(
    '/roles/:id/members',
    {
      permission,
      summary: 'Who has the role',
      params: idParams,
      query: pageQuery,
      response: pageOf(MemberDto),
    },
    async ({ params, query, user }) => {
      await auth.roles.get(params.id);
      const page = await auth.usersRepo.page(query, { roleId: params.id });
      const inFull = user?.can('core:users') === true;
      const items = page.items.map((each) => ({
        ...each,
        mobile: each.mobile === null || inFull ? each.mobile : maskNumber(each.mobile),
      }));
      return { ...page, items };
    },
  );
  routes.post(
    '/roles/:id/members',
    {
      permission,
      summary: 'Give the role to a user, in place of the present one',
      params: idParams,
      body: memberField,
    },
    async ({ params, body }) => {
      await auth.users.update(body.userId, { roleId: params.id });
    },
  );
  routes.delete(
    '/roles/:id/members',
    {
      permission,
      summary: 'Take the role from a user, who becomes a plain agent',
      params: idParams,
      query: memberField,
    },
    async ({ params, query }) => {
      const user = await auth.usersRepo.get(query.userId);
      if (user.roleId !== params.id) throw new JackfieldError('NOT_FOUND');
      const plain = await auth.roles.byKey('agent');
      await auth.users.update(user.id, { roleId: plain.id });
    },
  );
}
