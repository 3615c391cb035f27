import { z } from 'zod';
import { JackfieldError } from '../../errors/index.ts';
import type { PluginRoutes } from '../../http/contract.ts';
import { idParams, nameField } from '../../tenants/fields.ts';
import type { Auth } from '../create-auth.ts';

const ApiKeyDto = z.object({
  id: z.string(),
  name: z.string(),
  hint: z.string(),
  permissions: z.array(z.string()),
  expiresAt: z.number().nullable(),
  createdAt: z.number(),
});
const permission = 'core:api-keys';

/** One's own bearer keys, for other programs. */
export function apiKeyRoutes(routes: PluginRoutes, auth: Auth): void {
  routes.get(
    '/api-keys',
    { permission, summary: 'My API keys', response: z.array(ApiKeyDto) },
    async ({ user }) =>
      (await auth.apiKeys.list(user?.id ?? '')).map((row) => ({ ...row, permissions: [...row.permissions] })),
  );
  routes.post(
    '/api-keys',
    {
      permission,
      summary: 'Create an API key; it is shown once',
      body: z.object({
        name: nameField,
        permissions: z.array(z.string().max(128)).min(1).max(2_000),
        expiresAt: z.int().nullable().default(null),
      }),
      response: ApiKeyDto.extend({ key: z.string() }),
      status: 201,
    },
    async ({ body, user }) => {
      const excess = body.permissions.filter((each) => !user?.can(each));
      if (!user || excess.length > 0) {
        throw new JackfieldError('FORBIDDEN', undefined, { details: { permissions: excess } });
      }
      const { row, key } = await auth.apiKeys.create(user.id, body);
      return { ...row, permissions: [...row.permissions], key };
    },
  );
  routes.delete('/api-keys/:id', { permission, params: idParams }, async ({ params, user }) => {
    await auth.apiKeys.delete(user?.id ?? '', params.id);
    auth.forget();
  });
}
