export interface WavFacts {
  readonly channels: number;
  /** Length of the sound in milliseconds. */
  readonly ms: number;
}

/** As much of a file as is read to find its format; recorders put their remarks before the sound. */
export const WAV_HEAD_BYTES = 4096;

/**
 * What a wav file says of itself. `head` is its begin, `size` its length in bytes. Null when it is none, or holds no sound. A
 * recorder that was cut off leaves a length of zero, or one beyond the end; the size of the file is right then.
 */
export function wavFacts(head: Buffer, size: number): WavFacts | null {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return null;
  let format: { channels: number; bytesPerSecond: number } | null = null;
  for (let at = 12; at + 8 <= head.length; ) {
    const name = head.toString('latin1', at, at + 4);
    const length = head.readUInt32LE(at + 4);
    const body = at + 8;
    if (name === 'fmt ' && body + 12 <= head.length) {
      format = { channels: head.readUInt16LE(body + 2), bytesPerSecond: head.readUInt32LE(body + 8) };
    }
    if (name === 'data') {
      const there = size - body;
      const bytes = length === 0 || length > there ? there : length;
      if (!format || format.bytesPerSecond === 0 || format.channels === 0 || bytes <= 0) return null;
      return { channels: format.channels, ms: Math.round((bytes / format.bytesPerSecond) * 1000) };
    }
    at = body + length + (length % 2);
  }
  return null;
}
