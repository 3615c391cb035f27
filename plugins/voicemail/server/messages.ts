import {
  adoptSound,
  type Call,
  JackfieldError,
  type PluginContext,
  type StoredSound,
  type Where,
  z,
} from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { BoxRow } from './box.entity.ts';
import { MessageEntity, type MessageRow } from './message.entity.ts';

/** What is shorter is a caller who thought better of it. */
export const LEAST_MS = 1_000;
const FIRST_RETRY_MS = 5_000;

/** Anybody may see it: the call is past the recording. */
export const VISIBLE: Where<MessageRow> = { state: { ne: 'recording' } };

export interface Messages {
  /** The message of this call: its row is there before the switch records, so that no file is without one. */
  begin(call: Call, box: Pick<BoxRow, 'id' | 'name'>): Promise<MessageRow>;
  /** Of a call that has begun one before; null when there was nothing to keep. */
  ofCall(callId: string): Promise<MessageRow | null>;
  /**
   * Takes the file into the storage, now or by retries; `none` when it holds less than a second of sound: then neither
   * row nor file is left. The same when there is no file, and the switch is not known to have `begun` one. Idempotent.
   * In the scope of the tenant.
   */
  finish(id: string, begun: boolean): Promise<Finished>;
  heard(id: string, by: string | null): Promise<MessageRow>;
  /** Row and file. */
  remove(row: MessageRow, audit: () => Promise<void>): Promise<void>;
  /** Resolves when what is being taken in is stored. */
  settled(): Promise<void>;
}
export type Finished = 'stored' | 'missing' | 'failed' | 'none';

export function createMessages(
  ctx: PluginContext,
  deps: {
    readonly telephony: Pick<TelephonyApi, 'interactionOf' | 'normalise'>;
    readonly contacts: Pick<InteractionsApi, 'get'>;
  },
): Messages {
  const { telephony, contacts } = deps;
  const rows = ctx.repo(MessageEntity);
  const finishing = new Set<Promise<Finished>>();
  const retry = ctx.jobs.define('store', {
    data: z.object({ id: z.string() }),
    async run({ id }) {
      const state = await take(id, true);
      if (state === 'stored' || state === 'none') return;
      throw new JackfieldError('PLUGIN_ERROR', 'The file of a message is not there.', {
        details: { reason: state, messageId: id },
      });
    },
  });
  const unheard = () => rows.count({ ...VISIBLE, heardAt: { isNull: true } });
  const inbox = ctx.realtime.topic('inbox', {
    permission: 'voicemail:read',
    authorize: (key) => key === 'all',
    snapshot: async () => ({ unheard: await unheard() }),
  });
  const changed = async () => inbox.publish('all', 'changed', { unheard: await unheard() });

  async function take(id: string, begun: boolean): Promise<Finished> {
    const row = await rows.findOne({ id });
    if (!row) return 'none';
    if (row.state === 'stored') return 'stored';
    let sound: StoredSound | null;
    try {
      sound = await adoptSound(ctx.storage, row.storageKey, row.path);
    } catch (error) {
      ctx.log.error({ err: error, callId: row.callId, messageId: id }, 'a message could not be stored');
      return await note(row, 'failed');
    }
    if (!sound) return begun ? await note(row, 'missing') : await forget(row);
    if (sound.ms < LEAST_MS) return await forget(row);
    const { size, sha256, ms } = sound;
    return await note(row, 'stored', { size, sha256, ms });
  }

  async function note(
    row: MessageRow,
    state: Exclude<Finished, 'none'>,
    facts: Partial<Pick<MessageRow, 'size' | 'sha256' | 'ms'>> = {},
  ): Promise<Finished> {
    await rows.updateWhere({ id: row.id }, { state, ...facts });
    if (row.state !== state) await changed();
    return state;
  }

  async function finish(id: string, begun: boolean): Promise<Finished> {
    const state = await take(id, begun);
    if (state === 'missing' || state === 'failed')
      await retry.enqueue({ id }, { delayMs: FIRST_RETRY_MS, key: id });
    return state;
  }

  async function forget(row: MessageRow): Promise<'none'> {
    await ctx.storage.delete(row.storageKey);
    await rows.deleteWhere({ id: row.id });
    if (row.state !== 'recording') await changed();
    return 'none';
  }

  return {
    async begin(call, box) {
      const known = await rows.findOne({ callId: call.id });
      if (known) return known;
      const startedAt = ctx.clock.now();
      const interactionId = await telephony.interactionOf(call.id);
      const name = `${call.id}-message.wav`;
      return await rows.insert({
        callId: call.id,
        interactionId,
        boxId: box.id,
        boxName: box.name,
        fromNumber: (await telephony.normalise(call.from.number)).slice(0, 64),
        fromName: interactionId === null ? '' : (await contacts.get(interactionId)).name,
        startedAt,
        state: 'recording',
        path: ctx.calls.recordingPath(`${call.tenantId}/${name}`),
        storageKey: `${new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '/')}/${name}`,
      });
    },
    ofCall: (callId) => rows.findOne({ callId }),
    finish(id, begun) {
      const work = finish(id, begun).finally(() => finishing.delete(work));
      finishing.add(work);
      return work;
    },
    async heard(id, by) {
      const row = await rows.update(id, { heardAt: by === null ? null : ctx.clock.now(), heardBy: by });
      await changed();
      return row;
    },
    async remove(row, audit) {
      // The file first: what is left of a crash in between is a row that can be deleted again.
      await ctx.storage.delete(row.storageKey);
      await ctx.tx(async () => {
        await rows.delete(row.id);
        await audit();
      });
      await changed();
    },
    async settled() {
      await Promise.allSettled(finishing);
    },
  };
}
