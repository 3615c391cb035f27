import type { Channel } from './channel.ts';
import { clockSecondsMs } from './clock.ts';
import { runMessage, runMessages } from './execute.ts';

/**
 * Parks the channel until it hangs up, is sent elsewhere, or the application that controls it leaves. Park takes the keys that are pressed: they are
 * reported, and gone (trace 03 t, u).
 */
export async function park(channel: Channel): Promise<void> {
  if (channel.parked) return;
  const timeout = /^(\d+)(?::(\w+))?/.exec(channel.get('park_timeout') ?? '');
  let endUs = Number.POSITIVE_INFINITY;
  if (timeout) {
    endUs = channel.core.clock.nowUs() + clockSecondsMs(channel.core.clock, Number(timeout[1])) * 1000;
    channel.set('park_timeout', null);
    channel.set('park_after_bridge', null);
  }
  channel.parked = true;
  channel.fire('CHANNEL_PARK');
  const stays = () => channel.ready && channel.parked;
  while (stays()) {
    // without media FreeSWITCH takes the first command another way, which reports no PRIVATE_COMMAND
    const first = channel.mediaUp ? undefined : channel.queue.shift();
    if (first) await runMessage(channel, first);
    if (!stays()) break;
    await runMessages(channel);
    if (!stays()) break;
    channel.breakRequest = 'none';
    while (channel.digits.length > 0) channel.takeDigit();
    const left = (endUs - channel.core.clock.nowUs()) / 1000;
    if (left <= 0) {
      channel.hangup(timeout?.[2] ?? 'NORMAL_CLEARING');
      break;
    }
    if (channel.queue.length === 0 || channel.eventLock) await channel.idle(left);
  }
  channel.parked = false;
  channel.fire('CHANNEL_UNPARK');
}
