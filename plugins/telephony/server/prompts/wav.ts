import { JackfieldError } from '@jackfield/core/sdk';

/** What the switch plays without converting: 8 kHz, 16 bit, mono. */
export const SAMPLE_RATE = 8_000;

export interface Sound {
  readonly rate: number;
  readonly samples: Int16Array;
}

/**
 * The samples of a wav file of 16 bit mono. A size in the header that is too large is taken as "to the end": whoever
 * writes to a pipe does not know it when he begins. SWITCH_COMMAND_FAILED is never thrown; PLUGIN_ERROR for anything else.
 */
export function readWav(file: Buffer): Sound {
  if (
    file.length < 12 ||
    file.toString('latin1', 0, 4) !== 'RIFF' ||
    file.toString('latin1', 8, 12) !== 'WAVE'
  )
    throw new JackfieldError('PLUGIN_ERROR', 'This is not a wav file.');
  let rate = 0;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const from = at + 8;
    if (id === 'fmt ') {
      const isPlain = file.readUInt16LE(from) === 1 && file.readUInt16LE(from + 2) === 1;
      if (!isPlain || file.readUInt16LE(from + 14) !== 16)
        throw new JackfieldError('PLUGIN_ERROR', 'The wav file is not 16 bit mono.');
      rate = file.readUInt32LE(from + 4);
    } else if (id === 'data') {
      if (rate === 0) break;
      const to = Math.min(file.length, from + size);
      const samples = new Int16Array(Math.floor((to - from) / 2));
      for (let i = 0; i < samples.length; i += 1) samples[i] = file.readInt16LE(from + i * 2);
      return { rate, samples };
    }
    at = from + size + (size % 2);
  }
  throw new JackfieldError('PLUGIN_ERROR', 'The wav file has no sound in it.');
}

export function writeWav({ rate, samples }: Sound): Buffer {
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + samples.length * 2, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [i, sample] of samples.entries()) file.writeInt16LE(sample, 44 + i * 2);
  return file;
}

/**
 * Another sample rate. Each new sample is the mean of the old ones around it, weighted by nearness: that also takes
 * out most of what lies above half the new rate and would come back as noise. Good enough for speech on a phone.
 */
export function resample(sound: Sound, rate: number): Sound {
  if (sound.rate === rate || sound.samples.length === 0) return { rate, samples: sound.samples };
  const ratio = sound.rate / rate;
  const reach = Math.max(1, ratio);
  const samples = new Int16Array(Math.floor(sound.samples.length / ratio));
  for (let i = 0; i < samples.length; i += 1) {
    const centre = i * ratio;
    let sum = 0;
    let weights = 0;
    for (let j = Math.max(0, Math.ceil(centre - reach)); j <= centre + reach; j += 1) {
      const weight = 1 - Math.abs(j - centre) / (reach + 1e-9);
      if (j >= sound.samples.length || weight <= 0) continue;
      sum += weight * (sound.samples[j] ?? 0);
      weights += weight;
    }
    samples[i] = weights > 0 ? Math.round(sum / weights) : 0;
  }
  return { rate, samples };
}

export function durationMs({ rate, samples }: Sound): number {
  return Math.round((samples.length / rate) * 1_000);
}
