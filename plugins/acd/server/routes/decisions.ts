import { type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import { DecisionEntity } from '../entities/contact.entity.ts';

const ListQuery = pageQuery.extend({
  contactId: z.string().max(26).optional(),
  queueId: z.string().max(26).optional(),
});
const CandidateDto = z.object({
  userId: z.string(),
  name: z.string().nullable(),
  idleSince: z.number(),
  signedInAt: z.number(),
  answered: z.number(),
  level: z.number(),
  lastOfferedAt: z.number().nullable(),
  refusedBefore: z.boolean(),
});
const DecisionDto = z.object({
  id: z.string(),
  at: z.number(),
  contactId: z.string(),
  queueId: z.string(),
  attempt: z.number().int(),
  strategy: z.string(),
  waitedMs: z.number(),
  priority: z.number(),
  returned: z.boolean(),
  chosen: z.string(),
  chosenName: z.string().nullable(),
  /** Best first, as the strategy ordered them. */
  candidates: z.array(CandidateDto),
  rejected: z.array(
    z.object({
      userId: z.string(),
      name: z.string().nullable(),
      why: z.enum(['signed-out', 'on-break', 'device', 'wrap-up', 'resting', 'busy']),
    }),
  ),
});

/** Why this agent? Each offer with its inputs, its candidates, and why each other lost. */
export function decisionRoutes(ctx: PluginContext): void {
  const decisions = ctx.repo(DecisionEntity);
  ctx.routes.get(
    '/decisions',
    {
      permission: 'acd:supervise',
      summary: 'Why contacts were offered to whom, newest first',
      query: ListQuery,
      response: pageOf(DecisionDto),
    },
    async ({ query: { contactId, queueId, ...request } }) => {
      const page = await decisions.page(request, {
        where: { ...(contactId ? { contactId } : {}), ...(queueId ? { queueId } : {}) },
        sortable: ['at'],
        defaultSort: '-at',
      });
      const people = page.items.flatMap(({ decision }) => [
        ...decision.candidates.map(({ userId }) => userId),
        ...decision.rejected.map(({ userId }) => userId),
      ]);
      const users = await ctx.directory.users({ ids: [...new Set(people)] });
      const names = new Map(users.map(({ id, name }) => [id, name]));
      const named = <T extends { readonly userId: string }>(one: T) => ({
        ...one,
        name: names.get(one.userId) ?? null,
      });
      return {
        ...page,
        items: page.items.map(({ id, attempt, decision }) => {
          const { draws: _inner, ...rest } = decision;
          return {
            ...rest,
            id,
            attempt,
            chosenName: names.get(decision.chosen) ?? null,
            candidates: decision.candidates.map(named),
            rejected: decision.rejected.map(named),
          };
        }),
      };
    },
  );
}
