import { createHash } from 'node:crypto';
import { JackfieldError, type PluginContext } from '@jackfield/core/sdk';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import { RecordingEntity, type RecordingRow } from './recording.entity.ts';
import { WAV_HEAD_BYTES, type WavFacts, wavFacts } from './wav.ts';

/** Takes finished files into the storage. In the scope of a tenant. */
export interface Keeper {
  /**
   * Idempotent. `missing` when the switch left no sound; `failed` when the storage could not take it. Neither is
   * the last word: it may be called again.
   */
  store(id: string): Promise<RecordingRow['state']>;
}

export function createKeeper(ctx: PluginContext, telephony: Pick<TelephonyApi, 'markRecorded'>): Keeper {
  const recordings = ctx.repo(RecordingEntity);

  async function collect(row: RecordingRow): Promise<(WavFacts & { size: number; sha256: string }) | null> {
    const file = await take(row);
    if (!file) return null;
    const facts = file.size === 0 ? null : wavFacts(await headOf(row.storageKey, file.size), file.size);
    return facts && { ...file, ...facts };
  }

  async function take(row: RecordingRow): Promise<{ size: number; sha256: string } | null> {
    try {
      return await ctx.storage.adopt(row.storageKey, row.path);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    // A crash between the move and the note of it leaves the file in its place.
    try {
      const { size } = await ctx.storage.stat(row.storageKey);
      return { size, sha256: await digestOf(row.storageKey) };
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async function headOf(key: string, size: number): Promise<Buffer> {
    const stream = await ctx.storage.read(key, { start: 0, end: Math.min(size, WAV_HEAD_BYTES) - 1 });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async function digestOf(key: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of await ctx.storage.read(key)) hash.update(chunk);
    return hash.digest('hex');
  }

  async function note(row: RecordingRow, state: RecordingRow['state']): Promise<RecordingRow['state']> {
    await recordings.update(row.id, { state, endedAt: row.endedAt ?? ctx.clock.now() });
    return state;
  }

  return {
    async store(id) {
      const row = await recordings.get(id);
      if (row.state === 'stored') return 'stored';
      let file: Awaited<ReturnType<typeof collect>>;
      try {
        file = await collect(row);
      } catch (error) {
        ctx.log.error({ err: error, callId: row.callId, recordingId: id }, 'a recording could not be stored');
        return await note(row, 'failed');
      }
      if (!file) return await note(row, 'missing');
      const { size, sha256, ms, channels } = file;
      const endedAt = row.endedAt ?? row.startedAt + ms;
      await recordings.update(id, { state: 'stored', size, sha256, ms, channels, endedAt });
      await telephony.markRecorded(row.callId).catch((error: unknown) => {
        ctx.log.warn({ err: error, callId: row.callId }, 'the call record does not know of its recording');
      });
      return 'stored';
    },
  };
}

function isNotFound(error: unknown): boolean {
  return JackfieldError.is(error) && error.code === 'NOT_FOUND';
}
