import { describe, expect, it } from 'vitest';
import { alawDecode, alawEncode, goertzel, toneFrame } from './tones.ts';

describe('the ears of the scripted phones', () => {
  it('decode what they encode to within the steps of A-law', () => {
    for (let sample = -32_768; sample <= 32_767; sample += 37) {
      const back = alawDecode(alawEncode(sample));
      expect(Math.abs(back - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16));
    }
    expect(alawEncode(0)).toBe(0xd5);
  });

  it('hear a tone, and no other', () => {
    const frames = Array.from({ length: 10 }, (_, frame) =>
      [...toneFrame(600, frame)].map(alawDecode),
    ).flat();
    expect(goertzel(frames, 600)).toBeGreaterThan(7_500);
    expect(goertzel(frames, 440)).toBeLessThan(300);
    expect(goertzel([], 440)).toBe(0);
  });
});
