import type { ApplicationRegistry } from '../application.ts';
import type { Channel } from '../channel.ts';
import type { Timer } from '../clock.ts';
import type { Header } from '../event-message.ts';
import { answeringMachine } from '../trunk.ts';

const DETECTION_MS = 200;
/** How long the detector heard the beep of trace 09. */
const HEARD_US = 499_994;

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
  const { beepAtMs } = channel.farEnd;
  if (beepAtMs === undefined) return null;
  const answeredMsAgo = (channel.core.clock.nowUs() - channel.times.answered) / 1000;
  const inMs = beepAtMs + DETECTION_MS - answeredMsAgo;
  if (inMs < 0) return null;
  return channel.core.clock.after(inMs, () => {
    if (channel.hungUp) return;
    channel.set('avmd_total_time', `[${Math.floor(HEARD_US / 1000)}]`);
    channel.set('avmd_detect', 'TRUE');
    both(channel, 'avmd::beep');
  });
}

/** First from the thread of avmd, then, after whatever the channel is doing, with the channel's data. */
function both(channel: Channel, subclass: string): void {
  const { core } = channel;
  const headers: Header[] = [
    ['Unique-ID', channel.uuid],
    ['Call-command', 'avmd'],
  ];
  if (subclass === 'avmd::start') headers.push(['Start-time', String(core.now())]);
  else headers.push(['Beep-Status', channel.get('avmd_detect') === 'TRUE' ? 'DETECTED' : 'NOTDETECTED']);
  if (subclass === 'avmd::stop') channel.set('avmd_total_time', '0');
  if (subclass === 'avmd::stop') headers.push(['Stop-time', String(core.now())], ['Total-time', '0']);
  if (subclass === 'avmd::beep') {
    headers.push(
      ['Frequency', `${answeringMachine.beepHz}.000000`],
      ['Frequency-variance', '0.000096'],
      ['Amplitude', '11462.254891'],
      ['Amplitude-variance', '13412.286908'],
      ['Detection-time', String(HEARD_US)],
      ['Detector-resolution', '1'],
      ['Detector-offset', '0'],
      ['Detector-index', '0'],
    );
  }
  core.fireCustom(subclass, headers);
  core.clock.soon(() => {
    const event = core.event('CUSTOM', subclass);
    const data = channel.event('CUSTOM').headers;
    const from = data.findIndex(([name]) => name === 'Channel-State');
    event.headers.push(...headers, ...data.slice(from).filter(([name]) => name !== 'Unique-ID'));
    core.publish(event);
  });
}
