import { describe, expect, it } from 'vitest';
import { peakReader } from './peaks.ts';

/** A wav file of 16-bit frames, with what recorders like to put before the sound. */
function wav(
  frames: readonly (readonly number[])[],
  options: { declared?: number; remark?: boolean } = {},
): Uint8Array {
  const channels = frames[0]?.length ?? 1;
  const data = Buffer.alloc(frames.length * channels * 2);
  frames.forEach((frame, i) => {
    frame.forEach((value, channel) => {
      data.writeInt16LE(value, (i * channels + channel) * 2);
    });
  });
  const fmt = Buffer.alloc(24);
  fmt.write('fmt ', 'latin1');
  fmt.writeUInt32LE(16, 4);
  fmt.writeUInt16LE(1, 8);
  fmt.writeUInt16LE(channels, 10);
  fmt.writeUInt32LE(8000, 12);
  fmt.writeUInt32LE(8000 * channels * 2, 16);
  fmt.writeUInt16LE(channels * 2, 20);
  fmt.writeUInt16LE(16, 22);
  const head = Buffer.alloc(8);
  head.write('data', 'latin1');
  head.writeUInt32LE(options.declared ?? data.length, 4);
  const remark = options.remark ? [Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')] : [];
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), fmt, ...remark, head, data]);
}
function read(file: Uint8Array, buckets: number, chunk = file.length) {
  const reader = peakReader(file.length, buckets);
  for (let at = 0; at < file.length; at += chunk) reader.push(file.subarray(at, at + chunk));
  return reader.peaks()?.map((line) => [...line].map((peak) => Math.round(peak * 100) / 100)) ?? null;
}
const HALF = 16384;
const stereo = [
  [HALF, 0],
  [-HALF, 100],
  [0, -32768],
  [0, 0],
] as const;

describe('the waveform of a recording', () => {
  it('[recording-05] has the loudest moment of each part, for each voice', () => {
    expect(read(wav(stereo), 2)).toEqual([
      [0.5, 0],
      [0, 1],
    ]);
    expect(read(wav([[HALF], [0], [0], [-HALF]], { remark: true }), 4)).toEqual([[0.5, 0, 0, 0.5]]);
  });

  it('is the same wherever the network cuts the file', () => {
    const file = wav(stereo, { remark: true });
    for (let chunk = 1; chunk <= file.length; chunk += 1) expect(read(file, 2, chunk)).toEqual(read(file, 2));
  });

  it('is told by the size when the recorder was cut off before it wrote the length', () => {
    for (const declared of [0, 4_000_000_000])
      expect(read(wav(stereo, { declared }), 2)).toEqual(read(wav(stereo), 2));
  });

  it('is none for what is no such file', () => {
    expect(read(new TextEncoder().encode('<html>an error page of a proxy</html>'), 2)).toBeNull();
    expect(read(new Uint8Array(5), 2)).toBeNull();
    const compressed = wav(stereo);
    compressed[20] = 0x55;
    expect(read(compressed, 2)).toBeNull();
  });
});
