import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { JackfieldError, type Locale } from '@jackfield/core/sdk';
import { readWav, resample, SAMPLE_RATE, type Sound } from './wav.ts';

/** Turns text into 8 kHz mono sound. Its id is part of the name of the file: another voice is another file. */
export interface TtsAdapter {
  readonly id: string;
  render(text: string, locale: Locale): Promise<Sound>;
}

const RENDER_TIMEOUT_MS = 20_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** espeak-ng of the system: plain, but speaks both languages and needs no network. */
export function espeak(binary: string): TtsAdapter {
  return {
    id: 'espeak-ng',
    async render(text, locale) {
      const voice = locale === 'zh-CN' ? 'cmn' : 'en';
      const wav = await new Promise<Buffer>((resolve, reject) => {
        const child = execFile(
          binary,
          // The text comes over stdin: as an argument one that begins with "-" would be an option.
          ['--stdout', '--stdin', '-v', voice, '-s', locale === 'zh-CN' ? '150' : '145'],
          { encoding: 'buffer', timeout: RENDER_TIMEOUT_MS, maxBuffer: MOST_BYTES },
          (error, stdout) => {
            if (error)
              reject(new JackfieldError('PLUGIN_ERROR', 'The text could not be spoken.', { cause: error }));
            else resolve(stdout);
          },
        );
        child.stdin?.on('error', () => undefined);
        child.stdin?.end(text);
      });
      return resample(readWav(wav), SAMPLE_RATE);
    },
  };
}

/** Milliseconds a reader needs for a character. */
const PACE: Readonly<Record<Locale, number>> = { 'zh-CN': 230, en: 65 };

/** Without a voice: a soft tone a syllable, as long as the words would take, so that the timing is real. */
export const tonesAdapter: TtsAdapter = {
  id: 'tones',
  async render(text, locale) {
    const ms = Math.min(60_000, Math.max(400, [...text.trim()].length * PACE[locale]));
    const samples = new Int16Array(Math.round((ms / 1_000) * SAMPLE_RATE));
    const syllable = SAMPLE_RATE / 4;
    for (let i = 0; i < samples.length; i += 1) {
      const hertz = 220 + 40 * (Math.floor(i / syllable) % 4);
      const swell = Math.sin((Math.PI * (i % syllable)) / syllable);
      samples[i] = Math.round(1_600 * swell * Math.sin((2 * Math.PI * hertz * i) / SAMPLE_RATE));
    }
    return { rate: SAMPLE_RATE, samples };
  },
};

/** The best voice of this machine. */
export async function findAdapter(path = process.env.PATH ?? ''): Promise<TtsAdapter> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const binary = join(folder, 'espeak-ng');
    try {
      await access(binary, constants.X_OK);
      return espeak(binary);
    } catch {
      // not in this folder
    }
  }
  return tonesAdapter;
}
