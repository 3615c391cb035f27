import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SAMPLE_RATE } from './tones.ts';
import { writeWav } from './wav.ts';

const run = promisify(execFile);

export interface Prompts {
  /** A tone of so many seconds; a phone can tell prompts apart by their frequency. Gives the path. */
  tone(name: string, hz: number, seconds: number): Promise<string>;
  /** Spoken text, by espeak-ng (voices: `en`, `cmn`). Gives the path. */
  speech(name: string, text: string, voice?: string): Promise<string>;
  /** A path at which there is no file. */
  missing(name: string): string;
}

/** Makes prompt files in a folder, as FreeSWITCH plays them: wav, 8,000 Hz, mono. */
export function makePrompts(folder: string): Prompts {
  const path = (name: string): string => join(folder, `${name}.wav`);
  return {
    async tone(name, hz, seconds) {
      const samples = Int16Array.from({ length: Math.round(seconds * SAMPLE_RATE) }, (_, i) =>
        Math.round(8_000 * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE)),
      );
      await writeFile(path(name), writeWav(samples));
      return path(name);
    },
    async speech(name, text, voice = 'en') {
      const raw = join(folder, `${name}.raw.wav`);
      await run('espeak-ng', ['-v', voice, '-w', raw, text]);
      await run('sox', [raw, '-r', String(SAMPLE_RATE), '-c', '1', '-b', '16', path(name)]);
      await rm(raw);
      return path(name);
    },
    missing: path,
  };
}
