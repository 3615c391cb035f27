import { JackfieldError, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import { CallRecordEntity, type CallRecordRow, CallStepEntity } from '../entities/call.entity.ts';
import { type Reader, seesNumbers, shown, shownData, signedIn } from './signed-in.ts';

const MOST_STEPS = 2_000;

const CallDto = z.object({
  id: z.string(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  from: z.string(),
  fromName: z.string(),
  to: z.string(),
  /** Name of the access number, where it has one. */
  alias: z.string(),
  vip: z.boolean(),
  startedAt: z.number(),
  answeredAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  outcome: z.string().nullable(),
  cause: z.string().nullable(),
  agentUserId: z.string().nullable(),
  agentName: z.string().nullable(),
  queueName: z.string().nullable(),
  waitMs: z.number(),
  talkMs: z.number(),
  holdMs: z.number(),
  interactionId: z.string().nullable(),
  recorded: z.boolean(),
});
const StepDto = z.object({
  id: z.string(),
  at: z.number(),
  kind: z.string(),
  legId: z.string().nullable(),
  userId: z.string().nullable(),
  userName: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
const RecentDto = z.object({
  callId: z.string(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  /** Null unless the reader may see numbers; dialled by reference to the call then. */
  number: z.string().nullable(),
  displayNumber: z.string(),
  name: z.string(),
  at: z.number(),
  outcome: z.string().nullable(),
});
const ListQuery = pageQuery.extend({
  direction: z.enum(['inbound', 'outbound', 'internal']).optional(),
  outcome: z.string().max(48).optional(),
  state: z.enum(['live', 'ended']).optional(),
  agentUserId: z.string().max(26).optional(),
  /** Epoch milliseconds, both included. */
  since: z.coerce.number().int().optional(),
  until: z.coerce.number().int().optional(),
});

/** How many numbers are offered below the dial field (telephony-42). */
const RECENT = 5;

export function callRoutes(ctx: PluginContext): void {
  const records = ctx.repo(CallRecordEntity);
  const steps = ctx.repo(CallStepEntity);

  async function namesOf(ids: readonly (string | null)[]): Promise<Map<string, string>> {
    const known = [...new Set(ids.flatMap((id) => id ?? []))];
    if (known.length === 0) return new Map();
    return new Map((await ctx.directory.users({ ids: known })).map(({ id, name }) => [id, name]));
  }

  ctx.routes.get(
    '/calls',
    {
      permission: 'telephony:read',
      summary: 'Call records, newest first; own ones unless the reader may see all',
      query: ListQuery,
      response: pageOf(CallDto),
    },
    async ({ query, user }) => {
      const reader = signedIn(user);
      const { direction, outcome, state, agentUserId, since, until, ...page } = query;
      const mayAll = reader.can('telephony:see-all');
      if (!mayAll && agentUserId !== undefined && agentUserId !== reader.id) {
        throw new JackfieldError('FORBIDDEN');
      }
      const result = await records.page(page, {
        where: {
          ...(direction ? { direction } : {}),
          ...(outcome ? { outcome } : {}),
          ...(state ? { endedAt: { isNull: state === 'live' } } : {}),
          ...(mayAll ? (agentUserId ? { agentUserId } : {}) : { agentUserId: reader.id }),
          ...(since === undefined && until === undefined ? {} : { startedAt: { gte: since, lte: until } }),
        },
        sortable: ['startedAt', 'waitMs', 'talkMs'],
        // Who may not see a number must not find out by searching for it, digit by digit.
        searchable: seesNumbers(reader)
          ? ['fromNumber', 'fromAsGiven', 'toNumber', 'toAsGiven', 'fromName', 'alias']
          : ['fromName', 'alias'],
        defaultSort: '-startedAt',
      });
      const names = await namesOf(result.items.map((row) => row.agentUserId));
      return { ...result, items: result.items.map((row) => dto(row, reader, names)) };
    },
  );

  ctx.routes.get(
    '/calls/:id',
    {
      permission: 'telephony:read',
      summary: 'A call record with everything that happened in it',
      params: z.object({ id: z.string().max(26) }),
      response: CallDto.extend({ steps: z.array(StepDto) }),
    },
    async ({ params, user }) => {
      const reader = signedIn(user);
      const row = await records.get(params.id);
      if (!reader.can('telephony:see-all') && row.agentUserId !== reader.id) {
        const tookPart = await steps.findOne({ callId: row.id, userId: reader.id });
        if (!tookPart) throw new JackfieldError('NOT_FOUND');
      }
      const lines = await steps.find(
        { callId: row.id },
        { orderBy: { at: 'asc', id: 'asc' }, limit: MOST_STEPS },
      );
      const names = await namesOf([row.agentUserId, ...lines.map((line) => line.userId)]);
      return {
        ...dto(row, reader, names),
        steps: lines.map(({ id, at, kind, legId, userId, data }) => ({
          id,
          at,
          kind,
          legId,
          userId,
          userName: userId === null ? null : (names.get(userId) ?? null),
          data: shownData(reader, data) as Record<string, unknown>,
        })),
      };
    },
  );

  ctx.routes.get(
    '/recent',
    {
      permission: 'telephony:call',
      summary: 'The last people one talked with or called, each once',
      response: z.object({ items: z.array(RecentDto) }),
    },
    async ({ user }) => {
      const reader = signedIn(user);
      const rows = await records.find(
        { agentUserId: reader.id },
        { orderBy: { startedAt: 'desc' }, limit: RECENT * 10 },
      );
      const seen = new Set<string>();
      const items: z.input<typeof RecentDto>[] = [];
      for (const row of rows) {
        const number = row.direction === 'inbound' ? row.fromNumber : row.toNumber;
        if (number === '' || seen.has(number) || items.length === RECENT) continue;
        seen.add(number);
        items.push({
          callId: row.id,
          direction: row.direction,
          number: seesNumbers(reader) ? number : null,
          displayNumber: shown(reader, number),
          name: row.direction === 'inbound' ? row.fromName : '',
          at: row.startedAt,
          outcome: row.outcome,
        });
      }
      return { items };
    },
  );
}

function dto(
  row: CallRecordRow,
  reader: Reader,
  names: ReadonlyMap<string, string>,
): z.input<typeof CallDto> {
  const { id, direction, fromName, alias, vip, startedAt, answeredAt, endedAt, outcome, cause } = row;
  const { agentUserId, queueName, waitMs, talkMs, holdMs, interactionId, recorded } = row;
  return {
    id,
    direction,
    // Our own numbers are no secret: it is people who are masked.
    from: direction === 'outbound' ? row.fromNumber : shown(reader, row.fromNumber),
    fromName,
    to: direction === 'inbound' ? row.toNumber : shown(reader, row.toNumber),
    alias,
    vip,
    startedAt,
    answeredAt,
    endedAt,
    outcome,
    cause,
    agentUserId,
    agentName: agentUserId === null ? null : (names.get(agentUserId) ?? null),
    queueName,
    waitMs,
    talkMs,
    holdMs,
    interactionId,
    recorded,
  };
}
