import type { ApplicationRegistry } from '../application.ts';
import type { Channel } from '../channel.ts';
import { splitWords } from '../dial-string.ts';
import { playAndGetDigits, readDigits } from '../digits.ts';
import { toneMs } from '../media.ts';
import { type PlaybackResult, playFile, waitOn } from '../playback.ts';

export function addPromptApplications(registry: ApplicationRegistry): void {
  registry.add('playback', playback);
  registry.add('endless_playback', endlessPlayback);
  registry.add('loop_playback', loopPlayback);
  registry.add('play_and_get_digits', playAndGet);
  registry.add('read', read);
  registry.add('gentones', (channel, arg) => waitOn(channel, toneMs(arg.split('|')[0] ?? '')));
}

async function playback(channel: Channel, path: string): Promise<void> {
  channel.set('playback_terminator_used', null);
  respond(channel, path === '' ? null : await playFile(channel, path, terminatorKeys(channel)));
}

async function endlessPlayback(channel: Channel, path: string): Promise<void> {
  // uuid_break only starts it over (trace 11 v)
  let result: PlaybackResult = 'done';
  while (channel.ready && result !== 'missing') {
    result = await playFile(channel, path, () => false);
  }
  respond(channel, result);
}

async function loopPlayback(channel: Channel, arg: string): Promise<void> {
  const [count = '1', ...rest] = arg.replace(/^\+/, '').split(' ');
  let result: PlaybackResult | null = null;
  for (let left = Number(count); left !== 0 && channel.ready; left--) {
    result = await playFile(channel, rest.join(' '), terminatorKeys(channel));
    if (result !== 'done') break;
  }
  respond(channel, result);
}

/** `playback_terminators`, `*` by default; the key that ended it goes to `playback_terminator_used`. */
export function terminatorKeys(channel: Channel): (digit: string) => boolean {
  return (digit) => {
    const keys = channel.get('playback_terminators') ?? '*';
    if (keys === 'none' || !(keys === 'any' || keys.includes(digit))) return false;
    channel.set('playback_terminator_used', digit);
    return true;
  };
}

/** @param result null when there was nothing to play */
function respond(channel: Channel, result: PlaybackResult | null): void {
  const text =
    result === 'missing'
      ? 'FILE NOT FOUND'
      : result === 'break' || result === 'stopped' || (result === 'done' && channel.ready)
        ? 'FILE PLAYED'
        : 'PLAYBACK ERROR';
  channel.set('current_application_response', text);
}

/** `min max tries timeout terminators file invalid_file var regexp [digit_timeout]` */
function playAndGet(channel: Channel, arg: string): Promise<void> | undefined {
  const [min, max, tries, timeout, terminators, prompt, invalid, variable, pattern, digitTimeout] =
    splitWords(arg);
  if (invalid === undefined) return undefined;
  const timeoutMs = Math.max(1000, Number(timeout) || 0);
  return playAndGetDigits(channel, {
    min: Number(min) || 0,
    max: Number(max) || 0,
    tries: Math.max(1, Number(tries) || 0),
    timeoutMs,
    terminators: terminators === undefined || terminators === 'none' ? '' : terminators,
    prompt: prompt ?? '',
    invalidPrompt: invalid,
    variable: variable ?? '',
    pattern: pattern ?? '',
    digitTimeoutMs: Number(digitTimeout) || timeoutMs,
  });
}

/** `min max file var timeout terminators [digit_timeout]` */
async function read(channel: Channel, arg: string): Promise<void> {
  const [min, max, prompt, variable, timeout, terminators, digitTimeout] = splitWords(arg);
  const timeoutMs = Math.max(1000, Number(timeout) || 0);
  await readDigits(channel, {
    min: Number(min) || 0,
    max: Number(max) || 0,
    prompt: prompt ?? '',
    variable: variable ?? '',
    timeoutMs,
    terminators: terminators === undefined || terminators === 'none' ? '' : terminators,
    digitTimeoutMs: Number(digitTimeout) || timeoutMs,
  });
}
