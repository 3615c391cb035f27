import { JackfieldError, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import { BoxEntity, type BoxRow, LOCALES } from '../box.entity.ts';

const BoxBody = z.object({
  name: z.string().trim().min(1).max(64),
  greeting: z.string().trim().max(500).default(''),
  locale: z.enum(LOCALES),
  maxSeconds: z.number().int().min(5).max(600).default(120),
  enabled: z.boolean().default(true),
});
const BoxDto = z.object({
  id: z.string(),
  name: z.string(),
  greeting: z.string(),
  locale: z.enum(LOCALES),
  maxSeconds: z.number(),
  enabled: z.boolean(),
});
const Id = z.object({ id: z.string().max(26) });

export function boxRoutes(ctx: PluginContext, telephony: Pick<TelephonyApi, 'numbersLeadingTo'>): void {
  const boxes = ctx.repo(BoxEntity);
  const permission = 'voicemail:manage';
  const target = ({ id, name }: BoxRow) => ({ type: 'box', id, label: name });

  async function nameTaken<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } catch (error) {
      if (!JackfieldError.is(error) || error.code !== 'CONFLICT') throw error;
      throw new JackfieldError('CONFLICT', ctx.i18n.t('error.nameTaken'), { cause: error });
    }
  }

  ctx.routes.get(
    '/boxes',
    { permission, summary: 'Boxes', query: pageQuery, response: pageOf(BoxDto) },
    ({ query }) =>
      boxes.page(query, {
        sortable: ['name', 'maxSeconds', 'createdAt'],
        searchable: ['name'],
        defaultSort: 'name',
      }),
  );

  ctx.routes.get(
    '/greetings',
    {
      permission,
      summary: 'What a box says that has no words of its own, in each language',
      response: z.object({ 'zh-CN': z.string(), en: z.string() }),
    },
    () => ({
      'zh-CN': ctx.i18n.t('spoken.greeting', {}, 'zh-CN'),
      en: ctx.i18n.t('spoken.greeting', {}, 'en'),
    }),
  );

  ctx.routes.post(
    '/boxes',
    { permission, summary: 'Make a box', body: BoxBody, response: BoxDto, status: 201 },
    ({ body }) =>
      nameTaken(() =>
        ctx.tx(async () => {
          const made = await boxes.insert(body);
          await ctx.audit.record({ action: 'box.create', target: target(made), after: body });
          return made;
        }),
      ),
  );

  ctx.routes.put(
    '/boxes/:id',
    { permission, summary: 'Change a box', params: Id, body: BoxBody, response: BoxDto },
    ({ params, body }) =>
      nameTaken(() =>
        ctx.tx(async () => {
          const before = await boxes.get(params.id);
          const changed = await boxes.update(params.id, body);
          await ctx.audit.record({
            action: 'box.update',
            target: target(changed),
            before: BoxBody.parse(before),
            after: body,
          });
          return changed;
        }),
      ),
  );

  ctx.routes.delete(
    '/boxes/:id',
    { permission, summary: 'Delete a box that no number leads to; its messages stay', params: Id },
    async ({ params }) => {
      const row = await boxes.get(params.id);
      const numbers = (await telephony.numbersLeadingTo('voicemail')).filter(
        (one) => one.target.boxId === row.id,
      );
      if (numbers.length > 0) {
        const list = numbers.map(({ number, alias }) => alias || number).join(', ');
        throw new JackfieldError('CONFLICT', ctx.i18n.t('error.inUse', { numbers: list }));
      }
      await ctx.tx(async () => {
        await boxes.delete(row.id);
        await ctx.audit.record({ action: 'box.delete', target: target(row), before: BoxBody.parse(row) });
      });
    },
  );
}
