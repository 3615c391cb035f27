import type { Call, Leg } from '@jackfield/core/sdk';
import { describe, expect, it } from 'vitest';
import { sidesOf, talksOf } from './sides.ts';

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
