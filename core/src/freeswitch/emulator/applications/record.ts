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

/** `path [limit [threshold [silence]]]`, seconds. The phones here never stop talking, except on hold. */
async function record(channel: Channel, arg: string): Promise<void> {
  const [path = '', limit, , silence] = splitWords(arg);
  if (!startRecording(channel, path, { application: true })) return;
  const recorder = channel.recorders.get(path);
  // a silent far end is noticed after `silence` seconds
  const tone = channel.farEnd.toneAt?.(channel, 0) ?? channel.farEnd.toneHz;
  const quietSec = tone === 0 && silence !== undefined ? Number(silence) : Number.POSITIVE_INFINITY;
  const seconds = Math.min(Number(limit) || Number.POSITIVE_INFINITY, quietSec);
  await waitOn(channel, seconds * 1000, terminatorKeys(channel));
  recorder?.stop();
}
