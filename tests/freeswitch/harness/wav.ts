import { readFile } from 'node:fs/promises';
import { goertzel, rms } from './tones.ts';

/** A PCM file, one array of 16-bit samples for each channel. */
export interface Wav {
  readonly sampleRate: number;
  readonly channels: readonly Int16Array[];
  readonly seconds: number;
}

/** Reads a 16-bit PCM RIFF file. */
export async function readWav(path: string): Promise<Wav> {
  return parseWav(await readFile(path), path);
}

/** The same of its bytes; `name` is for errors. */
export function parseWav(file: Buffer, name: string): Wav {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error(`${name} is no wav file`);
  }
  let format: { channels: number; sampleRate: number } | null = null;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const body = file.subarray(at + 8, at + 8 + size);
    if (id === 'fmt ') {
      if (body.readUInt16LE(14) !== 16) throw new Error(`${name} does not hold 16-bit samples`);
      format = { channels: body.readUInt16LE(2), sampleRate: body.readUInt32LE(4) };
    }
    if (id === 'data' && format) return split(body, format);
    at += 8 + size + (size % 2);
  }
  throw new Error(`${name} has no samples`);
}

function split(body: Buffer, { channels, sampleRate }: { channels: number; sampleRate: number }): Wav {
  const frames = Math.floor(body.length / (2 * channels));
  const split = Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: frames }, (_, frame) => body.readInt16LE(2 * (frame * channels + channel))),
  );
  return { sampleRate, channels: split, seconds: frames / sampleRate };
}

/** A part of one channel, in seconds from its beginning. */
export function part(wav: Wav, channel: number, from = 0, to = wav.seconds): Int16Array {
  const samples = wav.channels[channel];
  if (!samples) throw new Error(`there is no channel ${channel}`);
  return samples.subarray(Math.round(from * wav.sampleRate), Math.round(to * wav.sampleRate));
}

/** Amplitude of a tone in one channel; measured in pieces of 100 ms, of which it takes the middle one by size. */
export function toneIn(wav: Wav, channel: number, hz: number, from = 0, to = wav.seconds): number {
  const samples = part(wav, channel, from, to);
  const size = Math.round(wav.sampleRate / 10);
  const levels: number[] = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    levels.push(goertzel(samples.subarray(at, at + size), hz, wav.sampleRate));
  }
  return levels.sort((a, b) => a - b)[Math.floor(levels.length / 2)] ?? 0;
}

/** Loudness of one channel (root mean square). */
export function loudness(wav: Wav, channel: number, from = 0, to = wav.seconds): number {
  return rms(part(wav, channel, from, to));
}

/** A mono file of 16-bit samples at 8,000 Hz. */
export function writeWav(samples: ArrayLike<number>, sampleRate = 8_000): Buffer {
  const data = Buffer.alloc(samples.length * 2);
  for (let i = 0; i < samples.length; i++) data.writeInt16LE(samples[i] ?? 0, i * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
