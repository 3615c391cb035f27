import { describe, expect, it } from 'vitest';
import { answered, applyEvent, type CallState, callFromPark, endOfCall, newLeg } from './call-state.ts';
import { fakeEvent } from './testing/fake-event.ts';

const micros = (ms: number) => String(ms * 1000);

function parked(): CallState {
  return callFromPark(
    'call-1',
    'node',
    fakeEvent('CHANNEL_PARK', 'A', {
      'Caller-Caller-ID-Number': '+8613800138000',
      'Caller-Caller-ID-Name': '张三',
      'Caller-Destination-Number': '4001234567',
      'Caller-Channel-Created-Time': micros(1000),
      'Caller-Channel-Answered-Time': '0',
    }),
  );
}

function talking(): CallState {
  const state = parked();
  state.legs.push(newLeg('B', 'agent', '8001', 2000, 'user-1'));
  applyEvent(state, fakeEvent('CHANNEL_ANSWER', 'A', { 'Caller-Channel-Answered-Time': micros(1500) }));
  applyEvent(state, fakeEvent('CHANNEL_ANSWER', 'B', { 'Caller-Channel-Answered-Time': micros(2500) }));
  applyEvent(
    state,
    fakeEvent('CHANNEL_BRIDGE', 'A', { 'Bridge-A-Unique-ID': 'A', 'Bridge-B-Unique-ID': 'B' }, 2600),
  );
  return state;
}

const types = (changes: readonly { type: string }[]) => changes.map((change) => change.type);

describe('the state of a call', () => {
  it('begins with who called whom, and with the time the switch made the channel', () => {
    const state = parked();
    expect(state).toMatchObject({ direction: 'inbound', to: '4001234567', startedAt: 1000, endedAt: null });
    expect(state.from).toEqual({ number: '+8613800138000', name: '张三' });
    expect(state.legs[0]).toMatchObject({ id: 'A', role: 'caller', state: 'ringing', answeredAt: null });
  });

  it('takes a phone that signed in for one of ours', () => {
    const state = callFromPark('c', 'node', fakeEvent('CHANNEL_PARK', 'A', { variable_user_name: '8001' }));
    expect(state.direction).toBe('internal');
  });

  it('takes a carrier that the switch knows by its network for somebody outside', () => {
    const carrier = { variable_user_name: 'carrier', variable_domain_name: 'carriers.jackfield' };
    const state = callFromPark('c', 'node', fakeEvent('CHANNEL_PARK', 'A', carrier));
    expect(state.direction).toBe('inbound');
  });

  it('tells of an answer once, however often the switch says it', () => {
    const state = parked();
    const answer = fakeEvent('CHANNEL_ANSWER', 'A', { 'Caller-Channel-Answered-Time': micros(1500) });
    expect(types(applyEvent(state, answer))).toEqual(['leg-answered']);
    expect(applyEvent(state, answer)).toEqual([]);
  });

  it('knows the talk on both legs from the one BRIDGE event', () => {
    const state = talking();
    expect(state.legs.map((leg) => leg.talksWith)).toEqual(['B', 'A']);
  });

  it('takes a bridge that is told after the end of one of the two for no talk', () => {
    const state = parked();
    state.legs.push(newLeg('B', 'agent', '8001', 2000, 'user-1'));
    applyEvent(
      state,
      fakeEvent('CHANNEL_HANGUP_COMPLETE', 'B', { 'Caller-Channel-Hangup-Time': micros(3000) }),
    );
    const bridge = { 'Bridge-A-Unique-ID': 'A', 'Bridge-B-Unique-ID': 'B' };
    expect(applyEvent(state, fakeEvent('CHANNEL_BRIDGE', 'A', bridge, 2900))).toEqual([]);
    expect(state.legs.map((leg) => leg.talkedWith)).toEqual([null, null]);
  });

  it('does not bring a leg back to life by an answer that is told after its end', () => {
    const state = parked();
    applyEvent(
      state,
      fakeEvent('CHANNEL_HANGUP_COMPLETE', 'A', { 'Caller-Channel-Hangup-Time': micros(3000) }),
    );
    const [leg] = state.legs;
    expect(leg && answered(leg, 2500)).toEqual([]);
    expect(leg?.state).toBe('ended');
  });

  it('ends the talk at the hang-up of the partner, and not again at the UNBRIDGE that follows', () => {
    const state = talking();
    const hangup = fakeEvent('CHANNEL_HANGUP_COMPLETE', 'B', {
      'Caller-Channel-Hangup-Time': micros(9000),
      'Hangup-Cause': 'NORMAL_CLEARING',
      variable_sip_hangup_disposition: 'recv_bye',
    });
    expect(types(applyEvent(state, hangup))).toEqual(['talk-ended', 'leg-ended']);
    expect(state.legs[1]).toMatchObject({ state: 'ended', endedAt: 9000, endedBy: 'party' });
    const unbridge = fakeEvent('CHANNEL_UNBRIDGE', 'A', {
      'Bridge-A-Unique-ID': 'A',
      'Bridge-B-Unique-ID': 'B',
    });
    expect(applyEvent(state, unbridge)).toEqual([]);
  });

  it('does not take a split of our own for the end of the talk', () => {
    const state = talking();
    for (const leg of state.legs) leg.split = true;
    expect(applyEvent(state, fakeEvent('CHANNEL_UNBRIDGE', 'A', { 'Bridge-A-Unique-ID': 'A' }))).toEqual([]);
    expect(state.legs[0]?.talksWith).toBe('B');
    for (const leg of state.legs) leg.held = leg.id === 'A';
    const again = applyEvent(
      state,
      fakeEvent('CHANNEL_BRIDGE', 'A', { 'Bridge-A-Unique-ID': 'A', 'Bridge-B-Unique-ID': 'B' }),
    );
    expect(types(again)).toEqual(['resumed']);
  });

  it('says that the partner waits when a phone holds by itself', () => {
    const state = talking();
    const changes = applyEvent(state, fakeEvent('CHANNEL_HOLD', 'B', {}));
    expect(changes).toMatchObject([{ type: 'held', leg: { id: 'A' } }]);
  });

  it('ends a talk that a third leg takes over before it begins the next', () => {
    const state = talking();
    state.legs.push(newLeg('C', 'agent', '8002', 3000));
    const changes = applyEvent(
      state,
      fakeEvent('CHANNEL_BRIDGE', 'A', { 'Bridge-A-Unique-ID': 'A', 'Bridge-B-Unique-ID': 'C' }),
    );
    expect(types(changes)).toEqual(['talk-ended', 'talk-started']);
    expect(state.legs.map((leg) => leg.talksWith)).toEqual(['C', null, 'A']);
  });

  it('learns of an answer it missed from the end of the leg', () => {
    const state = parked();
    const hangup = fakeEvent('CHANNEL_HANGUP_COMPLETE', 'A', {
      'Caller-Channel-Answered-Time': micros(1500),
      'Caller-Channel-Hangup-Time': micros(4000),
      'Hangup-Cause': 'NORMAL_CLEARING',
    });
    expect(types(applyEvent(state, hangup))).toEqual(['leg-answered', 'leg-ended']);
  });

  it('is over with its last leg, and its cause is that of the first', () => {
    const state = talking();
    const end = (id: string, at: number, cause: string) =>
      applyEvent(
        state,
        fakeEvent('CHANNEL_HANGUP_COMPLETE', id, {
          'Caller-Channel-Hangup-Time': micros(at),
          'Hangup-Cause': cause,
        }),
      );
    end('A', 8000, 'NORMAL_CLEARING');
    expect(endOfCall(state)).toBeNull();
    end('B', 8100, 'LOSE_RACE');
    expect(endOfCall(state)).toEqual({ at: 8100, cause: 'NORMAL_CLEARING' });
  });

  it('ignores events of a leg that has ended', () => {
    const state = talking();
    applyEvent(state, fakeEvent('CHANNEL_HANGUP_COMPLETE', 'B', { 'Caller-Channel-Hangup-Time': micros(1) }));
    expect(applyEvent(state, fakeEvent('DTMF', 'B', { 'DTMF-Digit': '5' }))).toEqual([]);
  });
});
