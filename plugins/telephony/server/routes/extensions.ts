import { JackfieldError, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import { forgetPhone, noPage } from '../agent/browser-phone.ts';
import type { VirtualPhones } from '../agent/virtual-phones.ts';
import { ExtensionEntity, type ExtensionRow } from '../entities/extension.entity.ts';
import { a1Hash, type Extensions, newPassword } from '../extensions/extensions.ts';

const ExtensionDto = z.object({
  id: z.string(),
  number: z.string(),
  label: z.string(),
  domain: z.string(),
  userId: z.string().nullable(),
  userName: z.string().nullable(),
  device: z.enum(['desk', 'browser']),
  /** Null when the switch is away. */
  registered: z.boolean().nullable(),
  createdAt: z.number(),
});
/** With the password of its phone, which is shown this once. */
const CreatedDto = ExtensionDto.extend({ password: z.string() });
const Device = z.enum(['desk', 'browser']);
const ExtensionInput = z.object({
  number: z
    .string()
    .trim()
    .regex(/^[0-9]{2,8}$/, 'Two to eight digits.'),
  userId: z.string().max(26).nullable().default(null),
  label: z.string().trim().max(64).default(''),
  device: Device.default('desk'),
});
const Id = z.object({ id: z.string().max(26) });

export function extensionRoutes(
  ctx: PluginContext,
  { extensions, virtualPhones }: { extensions: Extensions; virtualPhones: VirtualPhones },
): void {
  const rows = ctx.repo(ExtensionEntity);
  const permission = 'telephony:manage';

  async function dtos(items: readonly ExtensionRow[]): Promise<z.input<typeof ExtensionDto>[]> {
    const ids = items.flatMap(({ userId }) => userId ?? []);
    const names = new Map((await ctx.directory.users({ ids })).map(({ id, name }) => [id, name]));
    return await Promise.all(
      items.map(async ({ id, number, label, domain, userId, device, createdAt }) => ({
        id,
        number,
        label,
        domain,
        userId,
        userName: userId === null ? null : (names.get(userId) ?? null),
        device,
        registered: await isRegistered(number, domain),
        createdAt,
      })),
    );
  }

  async function dto(row: ExtensionRow): Promise<z.input<typeof ExtensionDto>> {
    const [one] = await dtos([row]);
    if (!one) throw new JackfieldError('NOT_FOUND');
    return one;
  }

  async function isRegistered(number: string, domain: string): Promise<boolean | null> {
    return await ctx.calls.isRegistered(number, domain).catch((error: unknown) => {
      if (JackfieldError.is(error)) return null;
      throw error;
    });
  }

  async function checkUser(userId: string | null): Promise<void> {
    if (userId === null) return;
    const user = await ctx.directory.user(userId).catch((error: unknown) => {
      if (JackfieldError.is(error) && error.code === 'NOT_FOUND') return null;
      throw error;
    });
    if (user && !user.disabled) return;
    const message = ctx.i18n.t('error.user');
    throw new JackfieldError('VALIDATION_FAILED', message, {
      details: { errors: [{ path: 'body.userId', message }] },
    });
  }

  const taken = (error: unknown): never => {
    if (JackfieldError.is(error) && error.code === 'CONFLICT') {
      throw new JackfieldError('CONFLICT', ctx.i18n.t('error.extensionTaken'), { cause: error });
    }
    throw error;
  };

  ctx.routes.get(
    '/extensions',
    { permission, summary: 'Extensions', query: pageQuery, response: pageOf(ExtensionDto) },
    async ({ query }) => {
      const page = await rows.page(query, {
        sortable: ['number', 'createdAt'],
        searchable: ['number', 'label'],
        defaultSort: 'number',
      });
      return { ...page, items: await dtos(page.items) };
    },
  );

  ctx.routes.get(
    '/extensions/users',
    {
      permission,
      summary: 'People an extension can be given to',
      query: z.object({ search: z.string().max(100).optional() }),
      response: z.object({
        items: z.array(z.object({ id: z.string(), name: z.string(), username: z.string() })),
      }),
    },
    async ({ query }) => {
      const users = await ctx.directory.users(query.search ? { search: query.search } : {});
      const items = users
        .filter((user) => !user.disabled)
        .map(({ id, name, username }) => ({ id, name, username }));
      return { items: items.slice(0, 200) };
    },
  );

  ctx.routes.post(
    '/extensions',
    { permission, summary: 'Adds an extension', body: ExtensionInput, response: CreatedDto, status: 201 },
    async ({ body }) => {
      await checkUser(body.userId);
      const domain = await extensions.domain();
      const password = newPassword();
      const row = await ctx
        .tx(async () => {
          const made = await rows.insert({ ...body, domain, a1Hash: a1Hash(body.number, domain, password) });
          await audit('extension.create', made, undefined, made);
          return made;
        })
        .catch(taken);
      if (row.userId !== null) await virtualPhones.reconcile(row.userId);
      return { ...(await dto(row)), password };
    },
  );

  ctx.routes.put(
    '/extensions/:id',
    {
      permission,
      summary: 'Gives an extension to somebody else. Its number stays: the password depends on it',
      params: Id,
      body: ExtensionInput.omit({ number: true }).extend({ device: Device.optional() }),
      response: ExtensionDto,
    },
    async ({ params, body }) => {
      await checkUser(body.userId);
      const [before, row] = await ctx
        .tx(async () => {
          const before = await rows.get(params.id);
          const { device = before.device, ...changes } = body;
          const after = await rows.update(params.id, { ...changes, device, ...noPage });
          await audit('extension.update', after, before, after);
          return [before, after] as const;
        })
        .catch(taken);
      if (before.userId !== row.userId || before.device !== row.device) await forgetPhone(ctx, before);
      if (before.userId !== null && before.userId !== row.userId) {
        await virtualPhones.reconcile(before.userId, before);
      }
      if (row.userId !== null) await virtualPhones.reconcile(row.userId);
      return await dto(row);
    },
  );

  ctx.routes.post(
    '/extensions/:id/password',
    {
      permission,
      summary: 'Makes a new password for the phone; the old one stops at once',
      params: Id,
      response: z.object({ password: z.string() }),
    },
    async ({ params }) => {
      const password = newPassword();
      const row = await ctx.tx(async () => {
        const row = await rows.get(params.id);
        await audit('extension.rotate-password', row);
        return await rows.update(row.id, { a1Hash: a1Hash(row.number, row.domain, password) });
      });
      if (row.device === 'desk') await forgetPhone(ctx, row);
      return { password };
    },
  );

  ctx.routes.delete(
    '/extensions/:id',
    { permission, summary: 'Removes an extension', params: Id },
    async ({ params }) => {
      const row = await ctx.tx(async () => {
        const before = await rows.get(params.id);
        await rows.delete(params.id);
        await audit('extension.delete', before, before, undefined);
        return before;
      });
      await forgetPhone(ctx, row);
      if (row.userId !== null) await virtualPhones.reconcile(row.userId, row);
    },
  );

  async function audit(
    action: string,
    row: ExtensionRow,
    before?: ExtensionRow,
    after?: ExtensionRow,
  ): Promise<void> {
    const facts = (of?: ExtensionRow) => of && { number: of.number, userId: of.userId, label: of.label };
    await ctx.audit.record({
      action,
      target: { type: 'extension', id: row.id, label: row.number },
      before: facts(before),
      after: facts(after),
    });
  }
}
