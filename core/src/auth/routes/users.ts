import { z } from 'zod';
import type { PluginRoutes } from '../../http/contract.ts';
import { pageOf, pageQuery } from '../../http/paging.ts';
import {
  emailField,
  idParams,
  localeField,
  mobileField,
  nameField,
  passwordField,
  usernameField,
} from '../../tenants/fields.ts';
import type { Auth } from '../create-auth.ts';
import type { UserRow } from '../entities/user.entity.ts';

const UserDto = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  /** In full: these are colleagues, and who may manage them must be able to correct it. */
  mobile: z.string().nullable(),
  roleId: z.string().nullable(),
  locale: localeField.nullable(),
  disabled: z.boolean(),
  /** Too many wrong passwords today. */
  locked: z.boolean(),
  lastSignInAt: z.number().nullable(),
  createdAt: z.number(),
});
const permission = 'core:users';

/** The users of one's tenant. */
export function userRoutes(routes: PluginRoutes, auth: Auth): void {
  async function withLock(users: readonly UserRow[]): Promise<z.input<typeof UserDto>[]> {
    const locked = await auth.users.locked(users);
    return users.map((user) => ({ ...user, locked: locked.has(user.id) }));
  }
  async function one(user: UserRow): Promise<z.input<typeof UserDto>> {
    return { ...user, locked: (await auth.users.locked([user])).has(user.id) };
  }

  routes.get(
    '/users',
    {
      permission,
      summary: 'List users',
      query: pageQuery.extend({ roleId: z.string().max(26).optional(), disabled: z.stringbool().optional() }),
      response: pageOf(UserDto),
    },
    async ({ query: { roleId, disabled, ...request } }) => {
      const page = await auth.usersRepo.page(request, { roleId, disabled });
      return { ...page, items: await withLock(page.items) };
    },
  );
  // Who manages users need not be allowed to change what a role may do.
  routes.get(
    '/users/roles',
    {
      permission,
      summary: 'Roles a user can have',
      query: pageQuery,
      response: pageOf(z.object({ id: z.string(), key: z.string().nullable(), name: z.string() })),
    },
    ({ query }) => auth.roles.page(query),
  );
  routes.get('/users/:id', { permission, params: idParams, response: UserDto }, async ({ params }) =>
    one(await auth.usersRepo.get(params.id)),
  );
  routes.post(
    '/users',
    {
      permission,
      summary: 'Create a user',
      body: z.object({
        username: usernameField,
        name: nameField,
        password: passwordField,
        roleId: z.string().max(26),
        email: emailField.nullish(),
        mobile: mobileField.nullish(),
        locale: localeField.nullish(),
      }),
      response: UserDto,
      status: 201,
    },
    async ({ body }) => one(await auth.users.create(body)),
  );
  routes.patch(
    '/users/:id',
    {
      permission,
      summary: 'Change a user or give another role',
      params: idParams,
      body: z.object({
        name: nameField.optional(),
        email: emailField.nullish(),
        mobile: mobileField.nullish(),
        roleId: z.string().max(26).optional(),
      }),
      response: UserDto,
    },
    async ({ params, body }) => one(await auth.users.update(params.id, body)),
  );
  routes.delete('/users/:id', { permission, summary: 'Delete a user', params: idParams }, ({ params }) =>
    auth.users.delete(params.id),
  );
  routes.post(
    '/users/:id/password',
    {
      permission,
      summary: 'Set a new password; ends the sessions of the user',
      params: idParams,
      body: z.object({ password: passwordField }),
    },
    ({ params, body }) => auth.users.resetPassword(params.id, body.password),
  );
  for (const [verb, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    routes.post(
      `/users/:id/${verb}`,
      {
        permission,
        summary: disabled ? 'Keep a user out; ends the sessions' : 'Let a disabled user in again',
        params: idParams,
      },
      async ({ params }) => {
        await auth.users.update(params.id, { disabled });
      },
    );
  }
  routes.post(
    '/users/:id/unlock',
    { permission, summary: 'Unlock an account locked for today', params: idParams },
    ({ params }) => auth.users.unlock(params.id),
  );
}
