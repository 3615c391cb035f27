import { JackfieldError, maskNumber, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import {
  EntryEntity,
  InteractionEntity,
  type InteractionRow,
  ParticipantEntity,
} from '../interaction.entity.ts';
import { toInteraction } from '../service.ts';

const InteractionDto = z.object({
  id: z.string(),
  channel: z.string(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  /** Null unless the reader may see numbers. */
  address: z.string().nullable(),
  displayAddress: z.string(),
  name: z.string(),
  via: z.string(),
  ref: z.object({ plugin: z.string(), id: z.string() }),
  openedAt: z.number(),
  closedAt: z.number().nullable(),
  outcome: z.string().nullable(),
});
const EntryDto = z.object({
  id: z.string(),
  kind: z.string(),
  at: z.number(),
  userId: z.string().nullable(),
  userName: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
const ListQuery = pageQuery.extend({
  channel: z.string().max(24).optional(),
  direction: z.enum(['inbound', 'outbound', 'internal']).optional(),
  state: z.enum(['open', 'closed']).optional(),
  /** Only contacts one took part in, for those who may see everybody's. */
  mine: z.stringbool().optional(),
  /** When it began, epoch ms, both included. */
  since: z.coerce.number().int().optional(),
  until: z.coerce.number().int().optional(),
});

type Reader = { readonly id: string; can(permission: string): boolean };

export function interactionRoutes(ctx: PluginContext): void {
  const interactions = ctx.repo(InteractionEntity);
  const participants = ctx.repo(ParticipantEntity);
  const entries = ctx.repo(EntryEntity);

  /** Own contacts are those one took part in. */
  async function own(userId: string): Promise<string[]> {
    const rows = await participants.find({ userId }, { orderBy: { id: 'desc' }, limit: 10_000 });
    return rows.map((row) => row.interactionId);
  }

  ctx.routes.get(
    '/',
    {
      permission: 'interactions:read',
      summary: 'Contacts, newest first',
      query: ListQuery,
      response: pageOf(InteractionDto),
    },
    async ({ query, user }) => {
      const { channel, direction, state, mine, since, until, ...page } = query;
      const reader = signedIn(user);
      const result = await interactions.page(page, {
        where: {
          ...(channel ? { channel } : {}),
          ...(direction ? { direction } : {}),
          ...(state ? { closedAt: { isNull: state === 'open' } } : {}),
          ...(since === undefined && until === undefined ? {} : { openedAt: { gte: since, lte: until } }),
          ...(reader.can('interactions:see-all') && !mine ? {} : { id: { in: await own(reader.id) } }),
        },
        sortable: ['openedAt', 'closedAt'],
        // Who may not see an address must not find out by searching for it, digit by digit.
        searchable: reader.can('interactions:see-numbers') ? ['name', 'address', 'via'] : ['name', 'via'],
        defaultSort: '-openedAt',
      });
      return { ...result, items: result.items.map((row) => dto(row, reader)) };
    },
  );

  ctx.routes.get(
    '/:id',
    {
      permission: 'interactions:read',
      summary: 'A contact with its timeline',
      params: z.object({ id: z.string() }),
      response: InteractionDto.extend({ timeline: z.array(EntryDto) }),
    },
    async ({ params, user }) => {
      const reader = signedIn(user);
      const row = await interactions.get(params.id);
      const takesPart = await participants.findOne({ interactionId: row.id, userId: reader.id });
      if (!takesPart && !reader.can('interactions:see-all')) throw new JackfieldError('NOT_FOUND');
      const lines = await entries.find({ interactionId: row.id }, { orderBy: { at: 'asc' }, limit: 1_000 });
      const ids = [...new Set(lines.flatMap((line) => line.userId ?? []))];
      const names = new Map((await ctx.directory.users({ ids })).map((one) => [one.id, one.name]));
      return {
        ...dto(row, reader),
        timeline: lines.map(({ id, kind, at, userId, data }) => ({
          id,
          kind,
          at,
          userId,
          userName: userId === null ? null : (names.get(userId) ?? null),
          data: { ...data },
        })),
      };
    },
  );
}

function signedIn(user: Reader | null): Reader {
  if (!user) throw new JackfieldError('NOT_SIGNED_IN');
  return user;
}

function dto(row: InteractionRow, reader: Reader): z.input<typeof InteractionDto> {
  const { addressAsGiven: _hidden, address, ...interaction } = toInteraction(row);
  const full = reader.can('interactions:see-numbers');
  return {
    ...interaction,
    address: full ? address : null,
    displayAddress: full ? address : maskNumber(address),
  };
}
