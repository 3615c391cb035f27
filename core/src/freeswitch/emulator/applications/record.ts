import type { ApplicationRegistry } from '../application.ts';
import type { Channel } from '../channel.ts';
import { splitWords } from '../dial-string.ts';
import { waitOn } from '../playback.ts';
import { startRecording } from '../recorder.ts';
import { terminatorKeys } from './prompts.ts';

export function addRecordApplications(registry: ApplicationRegistry): void {
  registry.add('record_session', (channel, arg) => {
    const [path = '', limit] = splitWords(arg);
    startRecording(channel, path, limit === undefined ? {} : { limitSec: Number(limit.replace('+', '')) });
    return undefined;
  });
  registry.add('stop_record_session', (channel, arg) => {
    const path = arg.trim();
    if (path === 'all') for (const recorder of [...channel.recorders.values()]) recorder.stop();
    else channel.recorders.get(path)?.stop();
    return undefined;
  });
  registry.add('record', record);
}

const LISTEN_MS = 100;

/** `path [limit [threshold [silence]]]`, in seconds: ends by a key, at the limit, or after so much silence. */
async function record(channel: Channel, arg: string): Promise<void> {
  const [path = '', limit, , silence] = splitWords(arg);
  if (!startRecording(channel, path, { application: true })) return;
  const recorder = channel.recorders.get(path);
  const { clock } = channel.core;
  const endUs = clock.nowUs() + (Number(limit) || Number.POSITIVE_INFINITY) * 1e6;
  const patienceUs = (Number(silence) || Number.POSITIVE_INFINITY) * 1e6;
  let heardUs = clock.nowUs();
  let key = false;
  const stops = terminatorKeys(channel);
  while (channel.ready && !key && clock.nowUs() < endUs && clock.nowUs() - heardUs < patienceUs) {
    await waitOn(channel, LISTEN_MS, (digit) => {
      key ||= stops(digit);
      return key;
    });
    const sinceAnswerMs = (clock.nowUs() - channel.times.answered) / 1000;
    const tone = channel.farEnd.toneAt?.(channel, sinceAnswerMs) ?? channel.farEnd.toneHz;
    if (tone > 0 && !channel.held) heardUs = clock.nowUs();
  }
  channel.set('silence_hits_exhausted', String(clock.nowUs() - heardUs >= patienceUs));
  recorder?.stop();
}
