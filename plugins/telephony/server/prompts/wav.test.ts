import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tonesAdapter } from './tts.ts';
import { durationMs, readWav, resample, writeWav } from './wav.ts';

const sine = (rate: number, hertz: number, ms: number) => ({
  rate,
  samples: Int16Array.from({ length: (rate * ms) / 1_000 }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hertz * i) / rate)),
  ),
});
const energy = (samples: Int16Array) => samples.reduce((sum, one) => sum + one * one, 0) / samples.length;

describe('sound', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32_768, max: 32_767 })), (list) => {
        const sound = { rate: 8_000, samples: Int16Array.from(list) };
        expect(readWav(writeWav(sound))).toEqual(sound);
      }),
      { seed: 7 },
    );
  });

  it('is read to its end when the header says more than there is, as from a pipe', () => {
    const file = writeWav(sine(22_050, 440, 100));
    file.writeUInt32LE(0x7fff_f000, 40);
    expect(readWav(file).samples).toHaveLength(2_205);
  });

  it.each([
    Buffer.alloc(0),
    Buffer.from('RIFF'),
    Buffer.from('not a wav file at all'),
    writeWav(sine(8_000, 440, 10)).subarray(0, 36),
  ])('is refused when it is none', (file) => {
    expect(() => readWav(file)).toThrow(/wav/);
  });

  it('keeps length and tone at another rate, and loses what a phone cannot carry', () => {
    const voice = resample(sine(22_050, 440, 1_000), 8_000);
    expect(durationMs(voice)).toBeCloseTo(1_000, -1);
    expect(energy(voice.samples)).toBeGreaterThan(0.8 * 5e7);
    const whistle = resample(sine(22_050, 9_000, 1_000), 8_000);
    expect(energy(whistle.samples)).toBeLessThan(0.1 * 5e7);
  });
});

describe('without a voice', () => {
  it('takes as long as the words would, and never too long', async () => {
    const [short, long, endless] = await Promise.all(
      ['Hi', 'Welcome to our hotline, please hold the line.', 'x'.repeat(5_000)].map((text) =>
        tonesAdapter.render(text, 'en'),
      ),
    );
    if (!short || !long || !endless) throw new Error('nothing was rendered');
    expect(durationMs(short)).toBe(400);
    expect(durationMs(long)).toBeGreaterThan(2_000);
    expect(durationMs(endless)).toBe(60_000);
  });
});
