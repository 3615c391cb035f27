import { definePlugin, JackfieldError, type PluginContext, z } from '@jackfield/core/sdk';
import { telephony } from '@jackfield/plugin-telephony/contract';
import { type CallRecording, type RecordingApi, recording } from '../contract.ts';
import { createKeeper } from './keeper.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { RecordingEntity, type RecordingRow } from './recording.entity.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { settle } from './settle.ts';

const SETTLE_MS = 15_000;
const FIRST_RETRY_MS = 5_000;

/** Of each server in this process: what `stop` waits for. */
const recorders = new WeakMap<PluginContext, Recorder>();

export default definePlugin({
  entities: [RecordingEntity],
  setup(ctx) {
    const calls = ctx.use(telephony);
    const keeper = createKeeper(ctx, calls);
    const retry = ctx.jobs.define('store', {
      data: z.object({ id: z.string() }),
      async run({ id }) {
        const state = await keeper.store(id);
        if (state !== 'stored') {
          throw new JackfieldError('PLUGIN_ERROR', 'The file of a recording is not there.', {
            details: { reason: state, recordingId: id },
          });
        }
      },
    });
    async function finished(row: RecordingRow): Promise<void> {
      if ((await keeper.store(row.id)) === 'stored') return;
      await retry.enqueue({ id: row.id }, { delayMs: FIRST_RETRY_MS, key: row.id });
    }
    const recorder = createRecorder({
      ctx,
      telephony: calls,
      userOf: calls.userOf,
      finished,
    });
    recorders.set(ctx, recorder);
    ctx.calls.onChange(recorder.follow);
    ctx.jobs.every('settle', SETTLE_MS, () => settle(ctx, recorder, finished));
    ctx.provide(recording, () => recordingApi(ctx));
    recordingRoutes(ctx);
  },
  async stop(ctx) {
    await recorders.get(ctx)?.settled();
  },
});

function recordingApi(ctx: PluginContext): RecordingApi {
  const recordings = ctx.repo(RecordingEntity);
  return {
    async ofCall(callId) {
      const rows = await recordings.find({ callId }, { orderBy: { startedAt: 'asc' }, limit: 200 });
      return rows.map(
        ({ id, startedAt, ms, state }): CallRecording => ({
          id,
          startedAt,
          ms: ms ?? 0,
          state: state === 'failed' ? 'missing' : state,
        }),
      );
    },
  };
}
