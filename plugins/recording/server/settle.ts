import type { PluginContext } from '@jackfield/core/sdk';
import type { Recorder } from './recorder.ts';
import { RecordingEntity, type RecordingRow } from './recording.entity.ts';

/** A file is taken over within this time of its end, unless the server went away in between. */
const STORING_MS = 60_000;
const MOST_ROWS = 1_000;

/**
 * Puts right what a crash left: talks that nobody records, and files of calls that ended while we were away.
 */
export async function settle(
  ctx: PluginContext,
  recorder: Pick<Recorder, 'takeUp'>,
  finished: (row: RecordingRow) => Promise<void>,
): Promise<void> {
  // Before the switch has been asked, a call that goes on looks as if it were over.
  if (!ctx.calls.nodes().every((node) => node.state.state === 'connected')) return;
  const live = new Map(ctx.calls.active().map((call) => [call.id, call]));
  for (const call of live.values()) {
    if (call.isActive(ctx.id)) await recorder.takeUp(call);
  }
  const rows = await ctx.acrossTenants(() =>
    ctx.repo(RecordingEntity).find({ state: 'recording' }, { limit: MOST_ROWS }),
  );
  for (const row of rows) {
    if (isUnderWay(row, live.has(row.callId), ctx.clock.now())) continue;
    await ctx.inTenant(row.tenantId, () => finished(row));
  }
}

function isUnderWay(row: RecordingRow, callLives: boolean, now: number): boolean {
  return row.endedAt === null ? callLives : row.endedAt > now - STORING_MS;
}
