import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileMediaLibrary } from './media.ts';
import { WavWriter, wavDurationMs, wavHeader } from './wav.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-'));
  writeFileSync(join(folder, 'half.wav'), Buffer.concat([wavHeader(1, 8000), Buffer.alloc(8000)]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('how long something plays', () => {
  test('files, also with parameters, in a row, with some of them missing', () => {
    const library = new FileMediaLibrary();
    const half = join(folder, 'half.wav');
    expect(library.durationMs(half)).toBe(500);
    expect(library.durationMs(`{timeout=200}${half}`)).toBe(200);
    expect(library.durationMs(`file_string://${half}!${half}!/none.wav`)).toBe(1000);
    expect(library.durationMs('file_string:///none.wav')).toBeNull();
    expect(library.durationMs('/none.wav')).toBeNull();
    expect(library.durationMs('')).toBeNull();
    expect(library.durationMs('nosuch://x')).toBeNull();
    expect(
      new FileMediaLibrary({ localPath: (path) => path.replace('/sounds', folder) }).durationMs(
        '/sounds/half.wav',
      ),
    ).toBe(500);
  });

  test('streams', () => {
    const library = new FileMediaLibrary();
    expect(library.durationMs('tone_stream://%(200,100,450);loops=3')).toBe(900);
    expect(library.durationMs('tone_stream://%(1000,4000,425);loops=-1')).toBe(Number.POSITIVE_INFINITY);
    expect(library.durationMs('silence_stream://250,1400')).toBe(250);
    expect(library.durationMs('silence_stream://-1')).toBe(Number.POSITIVE_INFINITY);
    expect(library.durationMs('local_stream://moh')).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('wav files', () => {
  test('are readable while they are written', () => {
    const path = join(folder, 'new', 'a.wav');
    const writer = new WavWriter(path, 2);
    writer.append(new Int16Array(16_000));
    expect(wavDurationMs(path)).toBe(1000);
    writer.append(new Int16Array(8000));
    expect(wavDurationMs(path)).toBe(1500);
    expect(writer.bytes).toBe(44 + 48_000);
    writer.close();
  });

  test('that are none, or cut off, are missing', () => {
    writeFileSync(join(folder, 'text.wav'), 'hello, I am not a wav file at all');
    writeFileSync(join(folder, 'short.wav'), 'RIFF');
    expect(wavDurationMs(join(folder, 'text.wav'))).toBeNull();
    expect(wavDurationMs(join(folder, 'short.wav'))).toBeNull();
    expect(wavDurationMs(folder)).toBeNull();
  });
});
