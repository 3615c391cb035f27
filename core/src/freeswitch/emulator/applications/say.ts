import type { ApplicationRegistry } from '../application.ts';
import type { Channel } from '../channel.ts';
import { playFile, waitOn } from '../playback.ts';
import { terminatorKeys } from './prompts.ts';

const MS_PER_LETTER = 60;
const PHRASE_PAUSE_MS = 100;
const SOUND_PREFIX = '/var/lib/freeswitch/sounds/en/us/callie';
const ZH_DIGITS = '/var/lib/freeswitch/sounds/zh/cn/digits';
const EN_DIGITS = `${SOUND_PREFIX}/digits`;

export function addSayApplications(registry: ApplicationRegistry): void {
  registry.add('say', say);
  registry.add('speak', speak);
  registry.add('phrase', phrase);
}

/** `en number pronounced 142`: one file_string in English, one file per digit in Chinese; other languages are silent. */
async function say(channel: Channel, arg: string): Promise<void> {
  channel.set('sound_prefix', SOUND_PREFIX);
  const [language = '', , method = '', value = ''] = arg.split(' ');
  const number = value.replace(/\D/g, '');
  if (number === '') return;
  if (language === 'en') {
    const words = method === 'iterated' ? [...number] : englishWords(Number(number));
    await playFile(channel, `file_string://${words.map(enFile).join('!')}`, () => false);
  } else if (language === 'zh') {
    const words = method === 'iterated' ? [...number] : chineseWords(Number(number));
    for (const word of words) {
      if (!channel.ready) return;
      await playFile(channel, `${ZH_DIGITS}/${word}.wav`, () => false);
    }
  }
}

const enFile = (word: string) => `digits/${word}.wav`;

function englishWords(value: number): string[] {
  const words: string[] = [];
  let rest = value;
  for (const [unit, name] of [
    [1_000_000, 'million'],
    [1000, 'thousand'],
    [100, 'hundred'],
  ] as const) {
    if (rest < unit) continue;
    words.push(...englishWords(Math.floor(rest / unit)), name);
    rest %= unit;
  }
  if (rest > 20) {
    words.push(String(rest - (rest % 10)));
    rest %= 10;
  }
  if (rest > 0 || words.length === 0) words.push(String(rest));
  return words;
}

function chineseWords(value: number): string[] {
  const words: string[] = [];
  let rest = value;
  for (const unit of [1_000_000, 10_000, 1000, 100]) {
    if (rest < unit) continue;
    words.push(...chineseWords(Math.floor(rest / unit)), String(unit));
    rest %= unit;
  }
  if (rest >= 10) {
    if (rest >= 20) words.push(String(Math.floor(rest / 10)));
    words.push('10');
    rest %= 10;
  }
  if (rest > 0 || words.length === 0) words.push(String(rest));
  return words;
}

/** `engine|voice|text`. No PLAYBACK events; an engine that does not exist says nothing. */
async function speak(channel: Channel, arg: string): Promise<void> {
  const [engine = '', , text = ''] = arg.split('|');
  if (!/^(tts_commandline|flite|unimrcp)/.test(engine)) return;
  await waitOn(channel, text.length * MS_PER_LETTER, terminatorKeys(channel));
}

/** `macro,value`: what the test configuration has is a file and the number, digit by digit. */
async function phrase(channel: Channel, arg: string): Promise<void> {
  channel.set('sound_prefix', SOUND_PREFIX);
  const value = arg.slice(arg.indexOf(',') + 1).replace(/\D/g, '');
  await playFile(channel, `${EN_DIGITS}/1.wav`, () => false);
  await waitOn(channel, PHRASE_PAUSE_MS);
  if (value !== '' && channel.ready) {
    await playFile(channel, `file_string://${[...value].map(enFile).join('!')}`, () => false);
    await waitOn(channel, PHRASE_PAUSE_MS);
  }
  channel.set('current_application_response', 'PHRASE PLAYED');
}
