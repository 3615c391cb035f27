import type { ApplicationRegistry } from '../application.ts';
import type { Channel } from '../channel.ts';
import type { Timer } from '../clock.ts';
import { answeringMachine } from '../trunk.ts';

/**
 * avmd, the beep detector. It finds the beep of the trunk's answering machine (…04). Each of its events
 * comes twice: from its own thread without, and from the channel with all variables (trace 09 K).
 */
export function addMachineDetection(registry: ApplicationRegistry): void {
  const running = new WeakMap<Channel, Timer | null>();
  registry.add('avmd_start', (channel) => {
    if (running.has(channel)) return undefined;
    both(channel, 'avmd::start');
    running.set(channel, beepTimer(channel));
    channel.onGone.push(() => running.get(channel)?.cancel());
    return undefined;
  });
  registry.add('avmd_stop', (channel) => {
    if (!running.has(channel)) return undefined;
    running.get(channel)?.cancel();
    running.delete(channel);
    both(channel, 'avmd::stop');
    return undefined;
  });
}

function beepTimer(channel: Channel): Timer | null {
  const tone = channel.farEnd.toneAt;
  if (!tone || tone.call(channel.farEnd, channel, answeringMachine.greetingMs) !== answeringMachine.beepHz)
    return null;
  const answeredMsAgo = (channel.core.clock.nowUs() - channel.times.answered) / 1000;
  const inMs = answeringMachine.greetingMs + 200 - answeredMsAgo;
  if (inMs < 0) return null;
  return channel.core.clock.after(inMs, () => {
    if (channel.hungUp) return;
    channel.set('avmd_detect', 'TRUE');
    both(channel, 'avmd::beep');
  });
}

function both(channel: Channel, subclass: string): void {
  const frequency =
    subclass === 'avmd::beep'
      ? ([
          ['Beep-Status', 'DETECTED'],
          ['Frequency', String(answeringMachine.beepHz)],
        ] as const)
      : ([['Beep-Status', subclass === 'avmd::start' ? 'NOTDETECTED' : 'DETECTED']] as const);
  channel.core.fireCustom(subclass, [['Unique-ID', channel.uuid], ['call-command', 'avmd'], ...frequency]);
  channel.fireCustom(subclass, [['call-command', 'avmd'], ...frequency], true);
}
