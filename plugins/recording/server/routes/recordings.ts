import {
  createPlaybacks,
  type FileResponse,
  JackfieldError,
  maskNumber,
  type PluginContext,
  type PluginI18n,
  soundFileName,
  z,
} from '@jackfield/core/sdk';
import { type Listener, mayHear } from '../access.ts';
import { RecordingEntity, type RecordingRow } from '../recording.entity.ts';

const Side = z.object({
  kind: z.enum(['customer', 'agent']),
  name: z.string().nullable(),
  /** Masked. */
  displayNumber: z.string().nullable(),
});
const RecordingDto = z.object({
  id: z.string(),
  callId: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  ms: z.number().nullable(),
  channels: z.number(),
  format: z.string(),
  state: z.enum(['recording', 'stored', 'missing', 'failed']),
  size: z.number().nullable(),
  left: Side,
  right: Side,
  queue: z.string().nullable(),
  mayDownload: z.boolean(),
});
const MEDIA_TYPES: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' };
const ById = z.object({ id: z.string().max(26) });

export function recordingRoutes(ctx: PluginContext): void {
  const recordings = ctx.repo(RecordingEntity);
  const playbacks = createPlaybacks(() => ctx.clock.now());

  /** What one may not hear looks as if it were not there. */
  async function audible(id: string, listener: Listener): Promise<RecordingRow> {
    const row = await recordings.get(id);
    if (!mayHear(row, listener)) throw new JackfieldError('NOT_FOUND');
    if (row.state !== 'stored') {
      throw new JackfieldError('CONFLICT', reasonOf(row, ctx.i18n), { details: { state: row.state } });
    }
    return row;
  }

  function fileOf(row: RecordingRow, name: string, inline: boolean): FileResponse {
    const { storageKey, size, format } = row;
    return {
      file: {
        type: MEDIA_TYPES[format] ?? 'application/octet-stream',
        size: size ?? 0,
        name,
        inline,
        open: (range) => ctx.storage.read(storageKey, range),
      },
    };
  }

  const nameOf = async ({ startedAt, partyNumber, format }: RecordingRow) =>
    soundFileName({ startedAt, number: partyNumber, format }, (await ctx.directory.tenant()).timeZone);
  const audit = (action: 'recording.play' | 'recording.download', row: RecordingRow, label: string) =>
    ctx.audit.record({
      action,
      target: { type: 'recording', id: row.id, label },
      after: { callId: row.callId },
    });

  ctx.routes.get(
    '/of-call/:callId',
    {
      permission: 'recording:read',
      summary: 'The recordings of a call that one may hear, oldest first',
      params: z.object({ callId: z.string().max(26) }),
      response: z.object({ items: z.array(RecordingDto) }),
    },
    async ({ params, user }) => {
      const listener = signedIn(user);
      const rows = await recordings.find(
        { callId: params.callId },
        { orderBy: { startedAt: 'asc' }, limit: 200 },
      );
      const heard = rows.filter((row) => mayHear(row, listener));
      const names = await namesOf(ctx, heard);
      const mayDownload = listener.can('recording:download');
      return { items: heard.map((row) => dto(row, names, mayDownload)) };
    },
  );

  ctx.routes.get(
    '/:id/audio',
    { permission: 'recording:read', summary: 'The sound, whole or in ranges', params: ById },
    async ({ params, user }) => {
      const listener = signedIn(user);
      const row = await audible(params.id, listener);
      const name = await nameOf(row);
      if (playbacks.first(listener.id, row.id)) await audit('recording.play', row, name);
      return fileOf(row, name, true);
    },
  );

  ctx.routes.get(
    '/:id/download',
    {
      permission: 'recording:download',
      summary: 'The file, under a name without the full number',
      params: ById,
    },
    async ({ params, user }) => {
      const row = await audible(params.id, signedIn(user));
      const name = await nameOf(row);
      await audit('recording.download', row, name);
      return fileOf(row, name, false);
    },
  );
}

function signedIn(user: Listener | null): Listener {
  if (!user) throw new JackfieldError('NOT_SIGNED_IN');
  return user;
}

function reasonOf(row: RecordingRow, i18n: PluginI18n): string {
  return i18n.t(`state.${row.state}`);
}

async function namesOf(
  ctx: PluginContext,
  rows: readonly RecordingRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap((row) => [row.agentUserId, row.partyUserId]))].filter(
    (id) => id !== null,
  );
  if (ids.length === 0) return new Map();
  return new Map((await ctx.directory.users({ ids })).map((user) => [user.id, user.name]));
}

function dto(
  row: RecordingRow,
  names: ReadonlyMap<string, string>,
  mayDownload: boolean,
): z.input<typeof RecordingDto> {
  const { id, callId, startedAt, endedAt, ms, channels, format, state, size, queue } = row;
  const nameOf = (userId: string | null) => (userId === null ? null : (names.get(userId) ?? null));
  return {
    id,
    callId,
    startedAt,
    endedAt,
    ms,
    channels,
    format,
    state,
    size,
    queue,
    mayDownload,
    left:
      row.partyUserId === null
        ? { kind: 'customer', name: null, displayNumber: maskNumber(row.partyNumber) }
        : { kind: 'agent', name: nameOf(row.partyUserId), displayNumber: null },
    right: { kind: 'agent', name: nameOf(row.agentUserId), displayNumber: null },
  };
}
