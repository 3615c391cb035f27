import type { ApplicationRegistry } from '../application.ts';
import type { Channel, MediaBug } from '../channel.ts';
import { runMessages } from '../execute.ts';

/** Listening in. Who hears whom is not emulated: the events are, and the media bug on the leg that is listened to. */
export function addEavesdropApplications(registry: ApplicationRegistry): void {
  registry.add('eavesdrop', eavesdrop);
  registry.add('three_way', eavesdrop);
}

async function eavesdrop(channel: Channel, arg: string): Promise<void> {
  const target = channel.core.channels.get(arg.trim());
  if (!target || target.hungUp) return;
  const headers = [
    ['Media-Bug-Function', 'eavesdrop'],
    ['Media-Bug-Target', target.uuid],
  ] as const;
  let listening = true;
  const bug: MediaBug = {
    function: 'eavesdrop',
    target: target.uuid,
    onTargetGone: () => {
      stop();
      channel.wake();
    },
  };
  const stop = () => {
    if (!listening) return;
    listening = false;
    target.bugs.splice(target.bugs.indexOf(bug), 1);
    target.fire('MEDIA_BUG_STOP', headers);
  };
  // the phone of the one who listens shows whom
  channel.set('last_sent_callee_id_name', target.profile.callerIdName);
  channel.set('last_sent_callee_id_number', target.profile.callerIdNumber);
  target.bugs.push(bug);
  target.fire('MEDIA_BUG_START', headers);
  while (channel.ready && listening) {
    await runMessages(channel);
    if (!channel.ready) break;
    while (channel.digits.length > 0) channel.takeDigit();
    await channel.idle();
  }
  stop();
}
