import { JackfieldError, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import type { Agents } from '../agents.ts';
import { QueueMemberEntity } from '../entities/queue.entity.ts';
import { SHOWN_STATES } from '../runtime/agent-view.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import { AgentDto, agentDto } from './agent-dto.ts';
import { PresenceBody } from './me.ts';

const DEFAULT_LIMIT = 50;
const ListQuery = pageQuery.extend({
  shown: z.enum(SHOWN_STATES).optional(),
  queueId: z.string().max(26).optional(),
  sort: z.enum(['name', '-name', 'since', '-since']).default('name'),
});
const Totals = z.object({
  idle: z.number(),
  ringing: z.number(),
  talking: z.number(),
  busy: z.number(),
  'wrap-up': z.number(),
  break: z.number(),
  unreachable: z.number(),
  'signed-out': z.number(),
});

export function agentRoutes(
  ctx: PluginContext,
  deps: { readonly agents: Agents; readonly runtimes: Runtimes },
): void {
  const members = ctx.repo(QueueMemberEntity);

  ctx.routes.get(
    '/agents',
    {
      permission: 'acd:read',
      summary: 'Everybody who may handle contacts, with the state of the moment and the totals per state',
      query: ListQuery,
      response: pageOf(AgentDto).extend({ totals: Totals }),
    },
    async ({ query }) => {
      const { runtime } = await deps.runtimes.current();
      const users = (await ctx.directory.users()).filter(
        ({ disabled, permissions }) => !disabled && permissions.has('acd:work'),
      );
      const all = users.map(({ id, name }) => agentDto(id, name, runtime.agentView(id)));
      const totals = Object.fromEntries(SHOWN_STATES.map((state) => [state, 0])) as z.output<typeof Totals>;
      for (const { shown } of all) totals[shown] += 1;

      const usernames = new Map(users.map(({ id, username }) => [id, username]));
      const among = query.queueId
        ? new Set(
            (await members.find({ queueId: query.queueId }, { limit: 10_000 })).map(({ userId }) => userId),
          )
        : null;
      const wanted = query.search?.toLowerCase() ?? '';
      const found = all
        .filter(
          (agent) =>
            (!query.shown || agent.shown === query.shown) &&
            (!among || among.has(agent.userId)) &&
            `${agent.name} ${usernames.get(agent.userId) ?? ''}`.toLowerCase().includes(wanted),
        )
        .sort(inOrder(query.sort));
      // The list lives in memory: its cursor is the id of the last one seen.
      const after = query.cursor ? found.findIndex(({ userId }) => userId === query.cursor) : -1;
      if (query.cursor && after < 0)
        throw new JackfieldError('BAD_REQUEST', 'The cursor is not valid any more.');
      const items = found.slice(after + 1, after + 1 + (query.limit ?? DEFAULT_LIMIT));
      const last = items.at(-1);
      const more = last !== undefined && found.at(-1) !== last;
      return {
        items,
        nextCursor: more ? last.userId : null,
        totals,
        ...(query.cursor ? {} : { total: found.length }),
      };
    },
  );

  ctx.routes.put(
    '/agents/:userId/presence',
    {
      permission: 'acd:supervise',
      summary: 'Sign an agent in or out, or send him on break',
      params: z.object({ userId: z.string().max(26) }),
      body: PresenceBody,
      response: AgentDto,
    },
    async ({ params, body }) => {
      const user = await ctx.directory.user(params.userId);
      if (user.disabled || !user.permissions.has('acd:work')) {
        throw new JackfieldError('CONFLICT', ctx.i18n.t('error.notAnAgent', { name: user.name }));
      }
      const before = await deps.agents.view(user.id);
      const after = await deps.agents.setPresence(user.id, body.presence, body.breakReason);
      await ctx.audit.record({
        action: 'agent.presence',
        target: { type: 'agent', id: user.id, label: user.name },
        before: { presence: before?.presence ?? 'signed-out', breakReason: before?.breakReason ?? null },
        after: { presence: after.presence, breakReason: after.breakReason },
      });
      return agentDto(user.id, user.name, after);
    },
  );
}

function inOrder(sort: 'name' | '-name' | 'since' | '-since'): (a: AgentDto, b: AgentDto) => number {
  const sign = sort.startsWith('-') ? -1 : 1;
  const bySince = sort.endsWith('since');
  return (a, b) => {
    const first = bySince ? a.since - b.since : a.name.localeCompare(b.name);
    return sign * (first || (a.userId < b.userId ? -1 : 1));
  };
}
