import { JackfieldError, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import { QueueEntity, QueueMemberEntity, type QueueRow } from '../entities/queue.entity.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import type { Strategies } from '../strategies.ts';
import {
  ContactDto,
  MemberBody,
  MemberDto,
  QueueBody,
  QueueDto,
  QueuePatch,
  SummaryDto,
} from './queue-dto.ts';

const IdParams = z.object({ id: z.string().max(26) });
const LiveQueueDto = SummaryDto.extend({ name: z.string() });
const StrategyDto = z.object({ id: z.string(), title: z.object({ 'zh-CN': z.string(), en: z.string() }) });

/** More than one queue has; members are shown and sent as one list. */
const MOST_MEMBERS = 5_000;

export function queueRoutes(
  ctx: PluginContext,
  { runtimes, strategies }: { readonly runtimes: Runtimes; readonly strategies: Strategies },
): void {
  const queues = ctx.repo(QueueEntity);
  const members = ctx.repo(QueueMemberEntity);

  async function dto(row: QueueRow): Promise<z.input<typeof QueueDto>> {
    const { tenantId: _tenant, updatedAt: _changed, ...queue } = row;
    return { ...queue, memberCount: await members.count({ queueId: row.id }) };
  }
  async function membersOf(queueId: string): Promise<z.input<typeof MemberDto>[]> {
    const rows = await members.find({ queueId }, { limit: MOST_MEMBERS });
    const users = new Map(
      (await ctx.directory.users({ ids: rows.map(({ userId }) => userId) })).map((user) => [user.id, user]),
    );
    return rows.flatMap(({ userId, level }) => {
      const user = users.get(userId);
      return user && !user.disabled ? [{ userId, level, name: user.name, username: user.username }] : [];
    });
  }
  function checkStrategy(id: string): void {
    if (!strategies.offered().some((strategy) => strategy.id === id)) invalid('strategy', 'error.strategy');
  }
  function invalid(field: string, key: string): never {
    const errors = [{ path: `body.${field}`, message: ctx.i18n.t(key) }];
    throw new JackfieldError('VALIDATION_FAILED', undefined, { details: { errors } });
  }
  async function nameTaken<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } catch (error) {
      if (!JackfieldError.is(error) || error.code !== 'CONFLICT') throw error;
      throw new JackfieldError('CONFLICT', ctx.i18n.t('error.nameTaken'), { cause: error });
    }
  }
  async function reload(queueId: string): Promise<void> {
    const { runtime } = await runtimes.current();
    await runtime.reloadQueue(queueId);
  }
  const target = ({ id, name }: QueueRow) => ({ type: 'queue', id, label: name });

  ctx.routes.get(
    '/strategies',
    {
      permission: 'acd:read',
      summary: 'Ways to choose among agents',
      response: z.object({ items: z.array(StrategyDto) }),
    },
    () => ({ items: strategies.offered().map(({ id, title }) => ({ id, title: { ...title } })) }),
  );

  ctx.routes.get(
    '/queues',
    { permission: 'acd:read', summary: 'Queues', query: pageQuery, response: pageOf(QueueDto) },
    async ({ query }) => {
      const page = await queues.page(query, {
        sortable: ['name', 'strategy', 'ringSeconds', 'createdAt'],
        searchable: ['name'],
        defaultSort: 'name',
      });
      return { ...page, items: await Promise.all(page.items.map(dto)) };
    },
  );

  ctx.routes.get(
    '/queues/live',
    {
      permission: 'acd:read',
      summary: 'What goes on in each queue at this moment',
      response: z.object({ items: z.array(LiveQueueDto) }),
    },
    async () => {
      const { runtime } = await runtimes.current();
      const rows = await queues.find({ enabled: true }, { orderBy: { name: 'asc' } });
      return { items: rows.map(({ id, name }) => ({ ...runtime.queueSummary(id), name })) };
    },
  );

  ctx.routes.get(
    '/queues/:id/live',
    {
      permission: 'acd:read',
      summary: 'Who waits in a queue, in order, and who talks',
      params: IdParams,
      response: LiveQueueDto.extend({ contacts: z.array(ContactDto) }),
    },
    async ({ params }) => {
      const { name } = await queues.get(params.id);
      const { runtime } = await runtimes.current();
      const view = runtime.queueView(params.id);
      return { ...view, name, contacts: view.contacts.map((contact) => ({ ...contact })) };
    },
  );

  ctx.routes.get(
    '/queues/:id',
    {
      permission: 'acd:read',
      summary: 'A queue with its members',
      params: IdParams,
      response: QueueDto.extend({ members: z.array(MemberDto) }),
    },
    async ({ params }) => ({
      ...(await dto(await queues.get(params.id))),
      members: await membersOf(params.id),
    }),
  );

  ctx.routes.post(
    '/queues',
    { permission: 'acd:write', summary: 'Make a queue', body: QueueBody, response: QueueDto, status: 201 },
    async ({ body }) => {
      checkStrategy(body.strategy);
      const row = await nameTaken(() =>
        ctx.tx(async () => {
          const made = await queues.insert(body);
          await ctx.audit.record({ action: 'queue.create', target: target(made), after: body });
          return made;
        }),
      );
      await reload(row.id);
      return await dto(row);
    },
  );

  ctx.routes.patch(
    '/queues/:id',
    {
      permission: 'acd:write',
      summary: 'Change a queue',
      params: IdParams,
      body: QueuePatch,
      response: QueueDto,
    },
    async ({ params, body }) => {
      if (body.strategy !== undefined) checkStrategy(body.strategy);
      const before = await queues.get(params.id);
      const row = await nameTaken(() =>
        ctx.tx(async () => {
          const changed = await queues.update(params.id, body);
          await ctx.audit.record({ action: 'queue.update', target: target(changed), before, after: changed });
          return changed;
        }),
      );
      await reload(row.id);
      return await dto(row);
    },
  );

  ctx.routes.delete(
    '/queues/:id',
    { permission: 'acd:write', summary: 'Delete a queue; its agents stay', params: IdParams },
    async ({ params }) => {
      const row = await queues.get(params.id);
      await ctx.tx(async () => {
        await members.deleteWhere({ queueId: row.id });
        await queues.delete(row.id);
        await ctx.audit.record({ action: 'queue.delete', target: target(row), before: row });
      });
      await reload(row.id);
    },
  );

  ctx.routes.put(
    '/queues/:id/members',
    {
      permission: 'acd:write',
      summary: 'Who serves a queue, and at which level',
      params: IdParams,
      body: z.object({ members: z.array(MemberBody).max(MOST_MEMBERS) }),
      response: z.object({ members: z.array(MemberDto) }),
    },
    async ({ params, body }) => {
      const row = await queues.get(params.id);
      const wanted = new Map(body.members.map(({ userId, level }) => [userId, level]));
      if (wanted.size < body.members.length) invalid('members', 'error.memberTwice');
      const known = new Set(
        (await ctx.directory.users({ ids: [...wanted.keys()] }))
          .filter(({ disabled, permissions }) => !disabled && permissions.has('acd:work'))
          .map(({ id }) => id),
      );
      if ([...wanted.keys()].some((userId) => !known.has(userId))) invalid('members', 'error.memberUnknown');
      const before = await members.find({ queueId: row.id }, { limit: MOST_MEMBERS });
      await ctx.tx(async () => {
        await members.deleteWhere({ queueId: row.id });
        await members.insertMany([...wanted].map(([userId, level]) => ({ queueId: row.id, userId, level })));
        await ctx.audit.record({
          action: 'queue.members',
          target: target(row),
          before: { members: Object.fromEntries(before.map(({ userId, level }) => [userId, level])) },
          after: { members: Object.fromEntries(wanted) },
        });
      });
      await reload(row.id);
      return { members: await membersOf(row.id) };
    },
  );
}
