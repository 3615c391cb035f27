import {
  createPlaybacks,
  type FileResponse,
  JackfieldError,
  maskNumber,
  type PluginContext,
  pageOf,
  pageQuery,
  soundFileName,
  z,
} from '@jackfield/core/sdk';
import { BoxEntity } from '../box.entity.ts';
import { MessageEntity, type MessageRow } from '../message.entity.ts';
import { type Messages, VISIBLE } from '../messages.ts';

const MessageDto = z.object({
  id: z.string(),
  callId: z.string(),
  boxName: z.string(),
  /** Masked unless the reader may see numbers; empty when it was withheld. */
  number: z.string(),
  name: z.string(),
  startedAt: z.number(),
  /** Length of the sound in milliseconds; null until it is stored. */
  ms: z.number().nullable(),
  size: z.number().nullable(),
  state: z.enum(['stored', 'missing', 'failed']),
  heardAt: z.number().nullable(),
  heardBy: z.string().nullable(),
});
const ListQuery = pageQuery.extend({
  boxId: z.string().max(26).optional(),
  /** `true`: only those that nobody has heard. */
  unheard: z.enum(['true']).optional(),
  /** Epoch milliseconds, both included. */
  since: z.coerce.number().int().optional(),
  until: z.coerce.number().int().optional(),
});
const Id = z.object({ id: z.string().max(26) });

interface Reader {
  readonly id: string;
  can(permission: string): boolean;
}

export function messageRoutes(ctx: PluginContext, messages: Messages): void {
  const rows = ctx.repo(MessageEntity);
  const permission = 'voicemail:read';
  const playbacks = createPlaybacks(() => ctx.clock.now());
  const seesNumbers = (reader: Reader) => reader.can('telephony:see-numbers');

  async function dtos(list: readonly MessageRow[], reader: Reader): Promise<z.input<typeof MessageDto>[]> {
    const ids = [...new Set(list.flatMap(({ heardBy }) => heardBy ?? []))];
    const users = ids.length === 0 ? [] : await ctx.directory.users({ ids });
    const names = new Map(users.map(({ id, name }) => [id, name]));
    return list.flatMap((row) => {
      const { id, callId, boxName, fromName, fromNumber, startedAt, ms, size, state, heardAt, heardBy } = row;
      if (state === 'recording') return [];
      const number = seesNumbers(reader) ? fromNumber : maskNumber(fromNumber);
      const by = heardBy === null ? null : (names.get(heardBy) ?? null);
      return [
        { id, callId, boxName, number, name: fromName, startedAt, ms, size, state, heardAt, heardBy: by },
      ];
    });
  }
  async function dto(row: MessageRow, reader: Reader): Promise<z.input<typeof MessageDto>> {
    const [one] = await dtos([row], reader);
    if (!one) throw new JackfieldError('NOT_FOUND');
    return one;
  }

  /** Nobody hears a message before its end. */
  async function visible(id: string): Promise<MessageRow> {
    const row = await rows.findOne({ id, ...VISIBLE });
    if (!row) throw new JackfieldError('NOT_FOUND');
    return row;
  }
  async function audible(id: string): Promise<MessageRow> {
    const row = await visible(id);
    if (row.state === 'stored') return row;
    throw new JackfieldError('CONFLICT', ctx.i18n.t(`state.${row.state}`), { details: { state: row.state } });
  }
  const fileName = async ({ startedAt, fromNumber }: MessageRow) =>
    soundFileName({ startedAt, number: fromNumber, format: 'wav' }, (await ctx.directory.tenant()).timeZone);
  function fileOf({ storageKey, size }: MessageRow, name: string, inline: boolean): FileResponse {
    const open = (range?: { start: number; end: number }) => ctx.storage.read(storageKey, range);
    return { file: { type: 'audio/wav', size: size ?? 0, name, inline, open } };
  }
  const audit = (
    action: 'message.play' | 'message.download' | 'message.delete',
    row: MessageRow,
    label: string,
  ) =>
    ctx.audit.record({
      action,
      target: { type: 'message', id: row.id, label },
      after: { callId: row.callId, box: row.boxName },
    });

  ctx.routes.get(
    '/messages',
    { permission, summary: 'Messages, newest first', query: ListQuery, response: pageOf(MessageDto) },
    async ({ query, user }) => {
      const reader = signedIn(user);
      const { boxId, unheard, since, until, ...page } = query;
      const found = await rows.page(page, {
        where: {
          ...VISIBLE,
          ...(boxId === undefined ? {} : { boxId }),
          ...(unheard === undefined ? {} : { heardAt: { isNull: true } }),
          ...(since === undefined && until === undefined ? {} : { startedAt: { gte: since, lte: until } }),
        },
        sortable: ['startedAt', 'ms'],
        // Who may not see a number must not find out by searching for it, digit by digit.
        searchable: seesNumbers(reader) ? ['fromNumber', 'fromName'] : ['fromName'],
        defaultSort: '-startedAt',
      });
      return { ...found, items: await dtos(found.items, reader) };
    },
  );

  ctx.routes.get(
    '/box-names',
    {
      permission,
      summary: 'Boxes, by their names',
      response: z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) }),
    },
    async () => ({ items: await ctx.repo(BoxEntity).find({}, { orderBy: { name: 'asc' } }) }),
  );

  ctx.routes.get(
    '/of-call/:callId',
    {
      permission,
      summary: 'The message that a call left, if it left one',
      params: z.object({ callId: z.string().max(26) }),
      response: z.object({ items: z.array(MessageDto) }),
    },
    async ({ params, user }) => ({
      items: await dtos(await rows.find({ callId: params.callId }), signedIn(user)),
    }),
  );

  ctx.routes.get(
    '/messages/:id',
    { permission, summary: 'A message', params: Id, response: MessageDto },
    async ({ params, user }) => await dto(await visible(params.id), signedIn(user)),
  );

  ctx.routes.get(
    '/messages/:id/audio',
    { permission, summary: 'The sound, whole or in ranges', params: Id },
    async ({ params, user }) => {
      const row = await audible(params.id);
      const name = await fileName(row);
      if (playbacks.first(signedIn(user).id, row.id)) await audit('message.play', row, name);
      return fileOf(row, name, true);
    },
  );

  ctx.routes.get(
    '/messages/:id/download',
    {
      permission: 'voicemail:download',
      summary: 'The file, under a name without the full number',
      params: Id,
    },
    async ({ params }) => {
      const row = await audible(params.id);
      const name = await fileName(row);
      await audit('message.download', row, name);
      return fileOf(row, name, false);
    },
  );

  ctx.routes.put(
    '/messages/:id/heard',
    {
      permission,
      summary: 'Marks a message as heard by oneself, or as heard by nobody',
      params: Id,
      body: z.object({ heard: z.boolean() }),
      response: MessageDto,
    },
    async ({ params, body, user }) => {
      const reader = signedIn(user);
      const row = await visible(params.id);
      const isAlready = (row.heardAt !== null) === body.heard;
      return await dto(isAlready ? row : await messages.heard(row.id, body.heard ? reader.id : null), reader);
    },
  );

  ctx.routes.delete(
    '/messages/:id',
    { permission: 'voicemail:delete', summary: 'Deletes a message and its sound', params: Id },
    async ({ params }) => {
      const row = await visible(params.id);
      const name = await fileName(row);
      await messages.remove(row, () => audit('message.delete', row, name));
    },
  );
}

function signedIn(user: Reader | null): Reader {
  if (!user) throw new JackfieldError('NOT_SIGNED_IN');
  return user;
}
