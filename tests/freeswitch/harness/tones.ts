/** Sound as 16-bit samples at 8,000 Hz, and what can be measured of it. */
export const SAMPLE_RATE = 8_000;

/** One A-law byte (ITU-T G.711) of one 16-bit sample. */
export function alawEncode(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32_767) >> 3;
  let exponent = 0;
  for (let rest = magnitude >> 5; rest > 0; rest >>= 1) exponent++;
  const mantissa = exponent === 0 ? (magnitude >> 1) & 0x0f : (magnitude >> exponent) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

/** The 16-bit sample that an A-law byte stands for. */
export function alawDecode(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 0x07;
  const mantissa = ((code & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return code & 0x80 ? magnitude : -magnitude;
}

/** 20 ms of a tone as A-law, in phase with the frames before it. `hz` 0 is silence. */
export function toneFrame(hz: number, frame: number, amplitude = 8_000): Buffer {
  const out = Buffer.alloc(160);
  for (let i = 0; i < 160; i++) {
    const at = (frame * 160 + i) / SAMPLE_RATE;
    out[i] = alawEncode(hz === 0 ? 0 : Math.round(amplitude * Math.sin(2 * Math.PI * hz * at)));
  }
  return out;
}

/** Amplitude of one frequency in these samples (Goertzel): a pure tone of amplitude 8,000 gives about 8,000. */
export function goertzel(samples: ArrayLike<number>, hz: number, sampleRate = SAMPLE_RATE): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let before = 0;
  let beforeThat = 0;
  for (let i = 0; i < samples.length; i++) {
    const now = (samples[i] ?? 0) + coefficient * before - beforeThat;
    beforeThat = before;
    before = now;
  }
  const power = before * before + beforeThat * beforeThat - coefficient * before * beforeThat;
  return samples.length === 0 ? 0 : (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** Root mean square. */
export function rms(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] ?? 0) ** 2;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}
