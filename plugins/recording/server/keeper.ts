import { adoptSound, type PluginContext, type StoredSound } from '@jackfield/core/sdk';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import { RecordingEntity, type RecordingRow } from './recording.entity.ts';

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

  async function note(row: RecordingRow, state: RecordingRow['state']): Promise<RecordingRow['state']> {
    await recordings.update(row.id, { state, endedAt: row.endedAt ?? ctx.clock.now() });
    return state;
  }

  return {
    async store(id) {
      const row = await recordings.get(id);
      if (row.state === 'stored') return 'stored';
      let file: StoredSound | null;
      try {
        file = await adoptSound(ctx.storage, row.storageKey, row.path);
      } catch (error) {
        ctx.log.error({ err: error, callId: row.callId, recordingId: id }, 'a recording could not be stored');
        return await note(row, 'failed');
      }
      if (!file || file.ms === 0) return await note(row, 'missing');
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
