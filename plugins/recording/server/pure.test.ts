import type { Call, Leg } from '@jackfield/core/sdk';
import { describe, expect, it } from 'vitest';
import { fileNameOf } from './file-name.ts';
import { sidesOf, talksOf } from './sides.ts';
import { wavFacts } from './wav.ts';

function leg(id: string, facts: Partial<Leg> = {}): Leg {
  return {
    id,
    role: 'caller',
    userId: null,
    number: '',
    state: 'answered',
    createdAt: 0,
    answeredAt: 0,
    endedAt: null,
    cause: null,
    endedBy: null,
    talksWith: null,
    talkedWith: null,
    held: false,
    ...facts,
  };
}
const userOf = (one: Leg) => one.userId;

describe('the left channel', () => {
  const cases: readonly [string, Call['direction'], Leg, Leg, string][] = [
    ['is the customer who calls', 'inbound', leg('c'), leg('a', { role: 'agent', userId: 'amy' }), 'c'],
    [
      'is the customer we call, though the call began with our own phone',
      'outbound',
      leg('a', { userId: 'amy' }),
      leg('t', { role: 'target' }),
      't',
    ],
    [
      'is the customer we call from a phone of nobody known',
      'outbound',
      leg('a'),
      leg('t', { role: 'target' }),
      't',
    ],
    [
      'is who called, in a talk among ourselves',
      'internal',
      leg('a', { userId: 'amy' }),
      leg('b', { role: 'target', userId: 'ben' }),
      'a',
    ],
  ];
  it.each(cases)('%s', (_title, direction, a, b, left) => {
    const call = { direction, legs: [a, b] };
    for (const pair of [[a, b] as const, [b, a] as const]) {
      const sides = sidesOf(call, ...pair, userOf);
      expect([sides.left.id, sides.right.id].sort()).toEqual([a.id, b.id].sort());
      expect(sides.left.id).toBe(left);
    }
  });

  it('is told for every talk that goes on', () => {
    const legs = [leg('c', { talksWith: 'a' }), leg('a', { talksWith: 'c' }), leg('x', { state: 'ringing' })];
    expect(talksOf({ legs }).map(({ a, b }) => [a.id, b.id])).toEqual([['c', 'a']]);
  });
});

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
    const name = (partyNumber: string) =>
      fileNameOf({ startedAt, partyNumber, format: 'wav' }, 'Asia/Shanghai');
    expect(name('+8613800138000')).toBe('20261121-070509-+86138xxxx8000.wav');
    expect(name('')).toBe('20261121-070509.wav');
    expect(name('../etc/passwd')).not.toContain('/');
  });
});
