import type { ApplicationRegistry } from '../application.ts';
import type { Channel } from '../channel.ts';
import { runMessages } from '../execute.ts';

/** Listening in. Who hears whom is not emulated: the events are, and the media bug on the leg that is listened to. */
export function addEavesdropApplications(registry: ApplicationRegistry): void {
  registry.add('eavesdrop', eavesdrop);
  registry.add('three_way', eavesdrop);
}

async function eavesdrop(channel: Channel, arg: string): Promise<void> {
  const target = channel.core.channels.get(arg.trim());
  if (!target || target.hungUp) return;
  const bug = { function: 'eavesdrop', target: target.uuid };
  target.bugs.push(bug);
  const headers = [
    ['Media-Bug-Function', 'eavesdrop'],
    ['Media-Bug-Target', target.uuid],
  ] as const;
  target.fire('MEDIA_BUG_START', headers);
  target.onGone.push(() => channel.wake());
  while (channel.ready && target.runningState !== 'CS_DESTROY' && !isGone(target)) {
    await runMessages(channel);
    if (!channel.ready) break;
    while (channel.digits.length > 0) channel.takeDigit();
    await channel.idle();
  }
  const index = target.bugs.indexOf(bug);
  if (index >= 0) target.bugs.splice(index, 1);
  target.fire('MEDIA_BUG_STOP', headers);
}

function isGone(target: Channel): boolean {
  return target.runningState === 'CS_REPORTING' || target.runningState === 'CS_DESTROY';
}
