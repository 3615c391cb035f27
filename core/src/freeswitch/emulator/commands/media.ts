import type { ApiRegistry } from '../api.ts';
import type { Channel } from '../channel.ts';
import { splitWords } from '../dial-string.ts';
import { xmlText } from '../encode.ts';
import { startRecording, stopAllRecordings } from '../recorder.ts';
import type { SwitchCore } from '../switch-core.ts';
import { findChannel, NO_CHANNEL, OK, SUCCESS } from './find.ts';

/** Playing, breaking, recording. */
export function addMediaCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('uuid_break', (args) => {
    const [uuid, all] = splitWords(args);
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    breakMedia(channel, all === 'all');
    return OK;
  });
  registry.add('uuid_broadcast', (args) => {
    const [uuid, path, legs = 'aleg'] = splitWords(args);
    if (!uuid || !path) return '-USAGE: <uuid> <path> [aleg|bleg|holdb|both]\n';
    const channel = findChannel(core, uuid);
    if (!channel) return '-ERR invalid uuid\n';
    broadcast(channel, path, legs);
    return '+OK Message sent\n';
  });
  registry.add('uuid_displace', (args) => displace(core, args));
  registry.add('uuid_record', (args) => record(core, args));
  registry.add('uuid_fileman', (args) => fileman(core, args));
  registry.add('uuid_buglist', (args) => {
    const channel = findChannel(core, args.trim());
    if (!channel) return '-ERR Cannot locate session!\n';
    const bugs = channel.bugs.map(
      (bug) =>
        ` <media-bug>\n  <function>${bug.function}</function>\n  <target>${xmlText(bug.target)}</target>\n  <thread-locked>0</thread-locked>\n </media-bug>\n`,
    );
    return `<media-bugs>\n${bugs.join('')}</media-bugs>\n`;
  });
}

/** `all` throws the queued commands away too: they get no event at all (trace 11). */
export function breakMedia(channel: Channel, all: boolean): void {
  if (all) channel.queue.length = 0;
  channel.breakRequest = all ? 'all' : 'one';
  if (channel.commandDepth > 0) channel.breakOuter = true;
  channel.wake();
}

/** @param path a file, or `app::arg` */
export function broadcast(channel: Channel, path: string, legs: string): void {
  const [app, arg] = path.includes('::') ? splitOnce(path, '::') : ['playback', path];
  if (legs !== 'bleg') channel.queueApp(app, arg);
  if ((legs === 'bleg' || legs === 'both') && channel.partner) channel.partner.queueApp(app, arg);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

/** `<uuid> start|stop <path> [limit] [mux]`: heard by the leg, unknown to its partner, seen only as a media bug. */
function displace(core: SwitchCore, args: string): string {
  const [uuid, verb, path] = splitWords(args);
  if (!uuid || !verb || !path) return '-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n';
  const channel = findChannel(core, uuid);
  if (!channel) return '-ERR Cannot locate session!\n';
  const running = channel.bugs.findIndex((bug) => bug.function === 'displace' && bug.target === path);
  const headers = [
    ['Media-Bug-Function', 'displace'],
    ['Media-Bug-Target', path],
  ] as const;
  const stop = () => {
    const index = channel.bugs.findIndex((bug) => bug.function === 'displace' && bug.target === path);
    if (index < 0) return;
    channel.bugs.splice(index, 1);
    channel.fire('MEDIA_BUG_STOP', headers);
  };
  if (verb === 'stop') {
    if (running < 0) return '-ERR Cannot stop displace session!\n';
    stop();
    return SUCCESS;
  }
  const ms = core.options.media.durationMs(path);
  if (ms === null) return '-ERR Cannot displace session!\n';
  channel.bugs.push({ function: 'displace', target: path });
  channel.fire('MEDIA_BUG_START', headers);
  if (Number.isFinite(ms)) core.clock.after(ms, stop);
  return SUCCESS;
}

function record(core: SwitchCore, args: string): string {
  const [uuid, verb = '', path, limit] = splitWords(args);
  if (!uuid || !path) return '-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]\n';
  const channel = findChannel(core, uuid);
  if (!channel) return '-ERR Cannot locate session!\n';
  if (verb === 'start') {
    const limitSec = limit === undefined ? 0 : Number(limit.replace('+', '')) || 0;
    return startRecording(channel, path, { limitSec }) ? SUCCESS : '-ERR Cannot record session!\n';
  }
  if (verb === 'stop' && path === 'all') {
    stopAllRecordings(channel, 'success-maxtime');
    return SUCCESS;
  }
  const recorder = channel.recorders.get(path);
  if (!recorder || !['stop', 'mask', 'unmask'].includes(verb))
    return `-ERR Cannot ${verbText(verb)} session!\n`;
  if (verb === 'stop') recorder.stop();
  else recorder.mask(verb === 'mask');
  return SUCCESS;
}

const verbText = (verb: string) => (verb === 'stop' ? 'stop record' : `${verb} recording`);

/** `pause` again resumes; `seek:+2000`, `stop`; speed and volume change nothing here. */
function fileman(core: SwitchCore, args: string): string {
  const [uuid, command = ''] = splitWords(args);
  const channel = findChannel(core, uuid);
  if (!channel) return NO_CHANNEL;
  const { playing } = channel;
  if (playing) {
    const seek = /^seek:([+-]\d+)$/.exec(command);
    if (command === 'pause') playing.paused = !playing.paused;
    else if (command === 'stop') playing.stopped = true;
    else if (seek) playing.skip(Number(seek[1]));
    channel.wake();
  }
  return OK;
}
