import { describe, expect, it } from 'vitest';
import type { ChannelSnapshot, Resync } from '../switch/contract.ts';
import { type CallState, callFromPark, newLeg } from './call-state.ts';
import { planResync } from './resync.ts';
import { fakeEvent } from './testing/fake-event.ts';

function call(id: string, ...legs: string[]): CallState {
  const state = callFromPark(id, 'node', fakeEvent('CHANNEL_PARK', legs[0] ?? '', {}));
  for (const leg of legs.slice(1)) state.legs.push(newLeg(leg, 'agent', '', 0));
  return state;
}

function channel(
  uuid: string,
  variables: Record<string, string> = {},
  more: Partial<ChannelSnapshot> = {},
): ChannelSnapshot {
  const headers = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`variable_${name}`, value]),
  );
  return {
    uuid,
    direction: 'inbound',
    answered: true,
    bridgedTo: null,
    application: 'park',
    dump: fakeEvent('CHANNEL_DATA', uuid, headers),
    ...more,
  };
}

function resync(channels: ChannelSnapshot[], receipts: Resync['receipts'] = []): Resync {
  return { reason: 'connected', coreUuid: 'core', channels, receipts, lastAliveAt: null };
}

describe('the plan of a resync', () => {
  it('finds the legs that are gone, with what the switch kept of them', () => {
    const receipt = { uuid: 'B', endedAt: 5000, answeredAt: 2000, cause: 'NORMAL_CLEARING' };
    const plan = planResync([call('1', 'A', 'B')], resync([channel('A', { jf_call: '1' })], [receipt]));
    expect(plan.present.map((one) => one.legId)).toEqual(['A']);
    expect(plan.lost).toEqual([{ callId: '1', legId: 'B', receipt }]);
  });

  it('has a leg that ended after it was read among them, and the first to end before the others', () => {
    const ended = (uuid: string, endedAt: number) => ({
      uuid,
      endedAt,
      answeredAt: 2000,
      cause: 'NORMAL_CLEARING',
    });
    const plan = planResync(
      [call('1', 'A', 'B')],
      resync([channel('A', { jf_call: '1' })], [ended('A', 6000), ended('B', 5000)]),
    );
    expect(plan.present).toEqual([]);
    expect(plan.lost.map((one) => one.legId)).toEqual(['B', 'A']);
  });

  it('takes a parked inbound channel that nobody marked for a new call', () => {
    const plan = planResync([], resync([channel('N')]));
    expect(plan.newcomers.map((one) => one.uuid)).toEqual(['N']);
  });

  it('takes a channel marked for a call that is closed for a stray', () => {
    const plan = planResync(
      [call('1', 'A')],
      resync([channel('A', { jf_call: '1' }), channel('Z', { jf_call: '0' })]),
    );
    expect(plan.strays.map((one) => one.uuid)).toEqual(['Z']);
    expect(plan.newcomers).toEqual([]);
  });

  it('leaves alone what it knows nothing of: outbound channels, and ones that went away meanwhile', () => {
    const plan = planResync(
      [],
      resync([channel('O', {}, { direction: 'outbound' }), channel('G', {}, { dump: null })]),
    );
    expect(plan).toEqual({ lost: [], present: [], newcomers: [], strays: [] });
  });
});
