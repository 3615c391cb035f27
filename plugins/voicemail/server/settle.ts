import type { PluginContext } from '@jackfield/core/sdk';
import { MessageEntity } from './message.entity.ts';
import type { Messages } from './messages.ts';

const MOST_ROWS = 1_000;

/** Takes in the messages of calls that ended while the server was away. */
export async function settle(ctx: PluginContext, messages: Pick<Messages, 'finish'>): Promise<void> {
  // Before the switch has been asked, a call that goes on looks as if it were over.
  if (!ctx.calls.nodes().every((node) => node.state.state === 'connected')) return;
  const live = new Set(ctx.calls.active().map(({ id }) => id));
  const rows = await ctx.acrossTenants(() =>
    ctx.repo(MessageEntity).find({ state: 'recording' }, { limit: MOST_ROWS }),
  );
  for (const { id, callId, tenantId } of rows) {
    if (!live.has(callId)) await ctx.inTenant(tenantId, () => messages.finish(id, true));
  }
}
