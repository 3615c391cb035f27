import type { Leg } from '@jackfield/core/sdk';
import { describe, expect, it } from 'vitest';
import { movedSteps } from './step.ts';

const leg = (id: string, createdAt: number) => ({ id, createdAt }) as Leg;

describe('the steps of a call', () => {
  it('get the time at which the switch made a leg, in place of the one at which we began to dial it', () => {
    const known = [
      { id: '1', kind: 'leg-created', legId: 'B', at: 1_000 },
      { id: '2', kind: 'leg-answered', legId: 'B', at: 1_900 },
      { id: '3', kind: 'leg-created', legId: 'C', at: 2_000 },
      { id: '4', kind: 'destination', legId: null, at: 900 },
    ];
    const call = { legs: [leg('A', 500), leg('B', 1_120), leg('C', 2_000)] };
    expect(movedSteps(call, known)).toEqual([{ id: '1', kind: 'leg-created', legId: 'B', at: 1_120 }]);
  });
});
