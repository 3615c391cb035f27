import { describe, expect, it } from 'vitest';
import { createPlaybacks } from './playbacks.ts';
import { soundFileName } from './sound-file-name.ts';
import { wavFacts } from './wav-facts.ts';

describe('the length of a file', () => {
  function wav(parts: { data: number; declared?: number; channels?: number; extra?: boolean }): Buffer {
    const { data, declared = data, channels = 2, extra = false } = parts;
    const fmt = Buffer.alloc(24);
    fmt.write('fmt ', 0, 'latin1');
    fmt.writeUInt32LE(16, 4);
    fmt.writeUInt16LE(1, 8);
    fmt.writeUInt16LE(channels, 10);
    fmt.writeUInt32LE(8000, 12);
    fmt.writeUInt32LE(8000 * channels * 2, 16);
    const remark = Buffer.concat([Buffer.from('LIST\x05\0\0\0hello\0', 'latin1')]);
    const head = Buffer.alloc(8);
    head.write('data', 0, 'latin1');
    head.writeUInt32LE(declared, 4);
    return Buffer.concat([
      Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'),
      fmt,
      ...(extra ? [remark] : []),
      head,
      Buffer.alloc(data),
    ]);
  }
  it('is told by its header, whatever stands before the sound', () => {
    for (const extra of [false, true]) {
      const file = wav({ data: 32_000, extra });
      expect(wavFacts(file, file.length)).toEqual({ channels: 2, ms: 1000 });
    }
  });
  it('is told by its size when the recorder was cut off', () => {
    for (const declared of [0, 4_000_000_000]) {
      const file = wav({ data: 16_000, declared, channels: 1 });
      expect(wavFacts(file, file.length)).toEqual({ channels: 1, ms: 1000 });
    }
  });
  it('is null for what holds no sound', () => {
    const empty = wav({ data: 0 });
    for (const file of [empty, Buffer.alloc(0), Buffer.from('not a sound at all'), empty.subarray(0, 30)]) {
      expect(wavFacts(file, file.length)).toBeNull();
    }
  });
});

describe('the name of a downloaded file', () => {
  it('says when, in the tenant’s time, and hides the number', () => {
    const startedAt = Date.UTC(2026, 10, 20, 23, 5, 9);
    const name = (number: string) => soundFileName({ startedAt, number, format: 'wav' }, 'Asia/Shanghai');
    expect(name('+8613800138000')).toBe('20261121-070509-+86138xxxx8000.wav');
    expect(name('')).toBe('20261121-070509.wav');
    expect(name('../etc/passwd')).not.toContain('/');
  });
});

describe('playing', () => {
  it('counts as another playback ten minutes later', () => {
    let now = 0;
    const playbacks = createPlaybacks(() => now);
    const hear = (user: string, sound: string) => playbacks.first(user, sound);
    expect([hear('amy', 'a'), hear('amy', 'a'), hear('ben', 'a'), hear('amy', 'b')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    now = 10 * 60_000;
    expect([hear('amy', 'a'), hear('amy', 'a')]).toEqual([true, false]);
  });
});
