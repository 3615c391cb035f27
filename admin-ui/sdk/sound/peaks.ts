/** Loudest sample of each bucket, 0 to 1, for each channel. */
export type Peaks = readonly Float32Array[];

interface Format {
  readonly channels: number;
  readonly bytesPerFrame: number;
}

const FULL_SCALE = 32768;
/** Longer remarks before the sound than this no recorder writes. */
const MOST_HEAD = 65_536;

/**
 * Reads a wav file (PCM, 16 bits) as it arrives and keeps one number for each bucket and channel, so that an hour of
 * sound takes no more memory than a minute. `size` is the length of the whole file in bytes.
 */
export function peakReader(size: number, buckets: number) {
  let head = new Uint8Array(0);
  let format: Format | null = null;
  let peaks: Float32Array[] = [];
  let totalFrames = 0;
  let frame = 0;
  /** Bytes of a frame that was cut by the end of a chunk. */
  let rest = new Uint8Array(0);
  let refused = false;

  function begin(bytes: Uint8Array): Uint8Array | null {
    head = joined(head, bytes);
    const found = findSound(head);
    if (found === 'more') {
      if (head.length > MOST_HEAD) refused = true;
      return null;
    }
    if (found === null) {
      refused = true;
      return null;
    }
    const there = size - found.at;
    const bytesOfSound = found.bytes === 0 || found.bytes > there ? there : found.bytes;
    format = found.format;
    totalFrames = Math.max(1, Math.floor(bytesOfSound / format.bytesPerFrame));
    peaks = Array.from({ length: format.channels }, () => new Float32Array(buckets));
    return head.subarray(found.at);
  }

  function add(bytes: Uint8Array, { channels, bytesPerFrame }: Format): void {
    const all = rest.length > 0 ? joined(rest, bytes) : bytes;
    const frames = Math.min(Math.floor(all.length / bytesPerFrame), totalFrames - frame);
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    for (let i = 0; i < frames; i += 1) {
      const bucket = Math.min(buckets - 1, Math.floor((frame * buckets) / totalFrames));
      for (let channel = 0; channel < channels; channel += 1) {
        const loud = Math.abs(view.getInt16(i * bytesPerFrame + channel * 2, true)) / FULL_SCALE;
        const line = peaks[channel];
        if (line && loud > (line[bucket] ?? 0)) line[bucket] = loud;
      }
      frame += 1;
    }
    rest = all.slice(frames * bytesPerFrame);
  }

  return {
    push(bytes: Uint8Array): void {
      if (refused) return;
      const sound = format ? bytes : begin(bytes);
      if (sound && format) add(sound, format);
    },
    /** Null when it is not a file of this kind. */
    peaks: (): Peaks | null => (format === null ? null : peaks),
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** Where the sound begins and how long it says it is; `more` when the head has not arrived whole. */
function findSound(head: Uint8Array): { at: number; bytes: number; format: Format } | 'more' | null {
  if (head.length < 12) return 'more';
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const name = (at: number) => String.fromCharCode(...head.subarray(at, at + 4));
  if (name(0) !== 'RIFF' || name(8) !== 'WAVE') return null;
  let format: Format | null = null;
  for (let at = 12; at + 8 <= head.length; ) {
    const length = view.getUint32(at + 4, true);
    if (name(at) === 'fmt ') {
      if (at + 24 > head.length) return 'more';
      const channels = view.getUint16(at + 10, true);
      if (view.getUint16(at + 8, true) !== 1 || view.getUint16(at + 22, true) !== 16 || channels === 0)
        return null;
      format = { channels, bytesPerFrame: channels * 2 };
    }
    if (name(at) === 'data') return format && { at: at + 8, bytes: length, format };
    at += 8 + length + (length % 2);
  }
  return 'more';
}
