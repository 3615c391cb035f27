/** WAV files: how long one is, and how to write one that grows. PCM, 16 bit. */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export const SAMPLE_RATE = 8000;
const HEADER_BYTES = 44;

/** Length of a wav file in milliseconds; null if it is not there or not a wav file. */
export function wavDurationMs(path: string): number | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return null;
    const { size } = stat;
    const head = Buffer.alloc(12);
    if (readSync(fd, head, 0, 12, 0) < 12) return null;
    if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return null;
    let bytesPerSecond = 0;
    const chunk = Buffer.alloc(24);
    for (let at = 12; at + 8 <= size; ) {
      const got = readSync(fd, chunk, 0, 24, at);
      if (got < 8) break;
      const id = chunk.toString('latin1', 0, 4);
      const length = chunk.readUInt32LE(4);
      if (id === 'fmt ' && got >= 20) bytesPerSecond = chunk.readUInt32LE(16);
      // a file that is still being written says 0 or more than there is
      if (id === 'data' && bytesPerSecond > 0) {
        return (Math.min(length || size, size - at - 8) / bytesPerSecond) * 1000;
      }
      at += 8 + length + (length % 2);
    }
    return null;
  } finally {
    closeSync(fd);
  }
}

export function wavHeader(channels: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/** A wav file that is written while the call goes on. Its header is right after each `append`. */
export class WavWriter {
  readonly #fd: number;
  readonly #channels: number;
  #dataBytes = 0;

  /** Makes missing folders, as FreeSWITCH does. Throws what node:fs throws. */
  constructor(path: string, channels: number) {
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, 'w');
    this.#channels = channels;
    writeSync(this.#fd, wavHeader(channels, 0), 0, HEADER_BYTES, 0);
  }

  get bytes(): number {
    return HEADER_BYTES + this.#dataBytes;
  }

  append(samples: Int16Array): void {
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    writeSync(this.#fd, bytes, 0, bytes.length, HEADER_BYTES + this.#dataBytes);
    this.#dataBytes += bytes.length;
    writeSync(this.#fd, wavHeader(this.#channels, this.#dataBytes), 0, HEADER_BYTES, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
