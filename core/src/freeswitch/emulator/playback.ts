/** Playing something on a channel: PLAYBACK_START, the time it takes, PLAYBACK_STOP. */
import type { Channel, PlayingFile } from './channel.ts';
import type { Header } from './event-message.ts';
import { runMessages } from './execute.ts';

/**
 * `done`: to its end (also after a hangup, which `channel.ready` tells) · `break`: stopped by a key or by
 * uuid_break · `stopped`: by uuid_fileman, after which it stands still until the call ends (trace 11 y) ·
 * `missing`: nothing to play, and no event says so
 */
export type PlaybackResult = 'done' | 'break' | 'stopped' | 'missing';

/** Decides about a key that came: true stops the playback. */
export type OnDigit = (digit: string) => boolean;

const SAMPLES_PER_MS = 8;

export async function playFile(channel: Channel, path: string, onDigit: OnDigit): Promise<PlaybackResult> {
  const lengthMs = channel.core.options.media.durationMs(path);
  if (lengthMs === null) return 'missing';
  channel.fire('PLAYBACK_START', [], [...typeOf(path), ['Playback-File-Path', path]]);

  const clock = channel.core.clock;
  const beganUs = clock.nowUs();
  let endUs = beganUs + lengthMs * 1000;
  let pausedSinceUs: number | null = null;
  let broken = false;
  const playing: PlayingFile = {
    path,
    paused: false,
    stopped: false,
    skip: (ms) => {
      endUs -= ms * 1000;
      channel.wake();
    },
  };
  const outer = channel.playing;
  channel.playing = playing;

  while (channel.ready) {
    // a break is noticed before what was sent after it
    if (takeBreak(channel)) {
      broken = true;
      break;
    }
    // a command that runs inside takes time in which this file stands still
    const awayUs = await runMessages(channel);
    endUs += awayUs;
    if (!channel.ready) break;
    // what broke the inner command breaks this one too, with its next frame
    if (awayUs > 0 && channel.breakOuter) await channel.idle(channel.core.options.tickMs);
    if (takeBreak(channel)) broken = true;
    while (!broken && channel.digits.length > 0) {
      const digit = channel.takeDigit();
      if (digit !== null && onDigit(digit)) broken = true;
    }
    if (broken) break;
    const nowUs = clock.nowUs();
    if (playing.paused || playing.stopped) {
      pausedSinceUs ??= nowUs;
      await channel.idle();
      continue;
    }
    if (pausedSinceUs !== null) {
      endUs += nowUs - pausedSinceUs;
      pausedSinceUs = null;
    }
    if (nowUs >= endUs) break;
    await channel.idle((endUs - nowUs) / 1000);
  }

  channel.playing = outer;
  playedVariables(channel, Math.max(0, Math.min(clock.nowUs() - beganUs, lengthMs * 1000)) / 1000, lengthMs);
  channel.fire(
    'PLAYBACK_STOP',
    [],
    [...typeOf(path), ['Playback-File-Path', path], ['Playback-Status', broken ? 'break' : 'done']],
  );
  if (broken) return 'break';
  return playing.stopped ? 'stopped' : 'done';
}

/** FreeSWITCH names the module of a tone stream, and of nothing else. */
function typeOf(path: string): readonly Header[] {
  return path.startsWith('tone_stream://') ? [['Playback-File-Type', 'tone_stream']] : [];
}

function playedVariables(channel: Channel, playedMs: number, lengthMs: number): void {
  const ms = Math.round(Number.isFinite(lengthMs) ? Math.min(playedMs, lengthMs) : playedMs);
  channel.set('playback_last_offset_pos', ms * SAMPLES_PER_MS);
  channel.set('playback_seconds', Math.floor(ms / 1000));
  channel.set('playback_ms', ms);
  channel.set('playback_samples', ms * SAMPLES_PER_MS);
}

/** True once for each uuid_break. `all` has thrown the queue away already. */
function takeBreak(channel: Channel): boolean {
  if (channel.breakRequest === 'none') return false;
  channel.breakRequest = 'none';
  return true;
}

/** Waits on the channel, running commands that come. Returns when the time is over or the channel has to go on. */
export async function waitOn(channel: Channel, ms: number, onDigit: OnDigit | null = null): Promise<void> {
  const clock = channel.core.clock;
  const endUs = clock.nowUs() + ms * 1000;
  while (channel.ready) {
    if (takeBreak(channel)) return;
    await runMessages(channel);
    if (!channel.ready) return;
    while (onDigit && channel.digits.length > 0) {
      const digit = channel.takeDigit();
      if (digit !== null && onDigit(digit)) return;
    }
    const left = (endUs - clock.nowUs()) / 1000;
    if (left <= 0) return;
    await channel.idle(left);
  }
}
