import { describe, expect, it } from 'vitest';
import { type CallFacts, type LegFact, type StepFact, summarise } from './outcome.ts';

const leg = (id: string, more: Partial<LegFact> = {}): LegFact => ({
  id,
  role: id === 'c' ? 'caller' : 'agent',
  userId: id === 'c' ? null : `user-${id}`,
  createdAt: 0,
  answeredAt: null,
  endedAt: null,
  cause: null,
  endedBy: null,
  ...more,
});
const step = (
  at: number,
  kind: string,
  data: StepFact['data'] = {},
  legId: string | null = null,
): StepFact => ({
  at,
  kind,
  legId,
  data,
});
const talk = (from: number, to: number | null, b = 'a') => [
  step(from, 'talk-started', { a: 'c', b }, 'c'),
  ...(to === null ? [] : [step(to, 'talk-ended', { a: b, b: 'c' }, b)]),
];
const facts = (more: Partial<CallFacts>): CallFacts => ({
  direction: 'inbound',
  startedAt: 0,
  endedAt: 10_000,
  callerLegId: 'c',
  legs: [leg('c', { endedAt: 10_000, endedBy: 'party' })],
  steps: [],
  ...more,
});
const destination = (at: number, kind: string) => step(at, 'destination', { kind, target: {} });

describe('what an inbound call came to [telephony-52]', () => {
  it('was connected when somebody talked, whatever came after', () => {
    const summary = summarise(
      facts({
        legs: [leg('c', { endedAt: 10_000 }), leg('a', { answeredAt: 3_000, endedAt: 9_000 })],
        steps: [destination(0, 'queue'), ...talk(3_000, 9_000), step(9_500, 'fault')],
      }),
    );
    expect(summary).toMatchObject({
      outcome: 'connected',
      answeredAt: 3_000,
      talkMs: 6_000,
      agentUserId: 'user-a',
    });
  });

  it('was talked no longer than the first of the two was there, whichever end was told first', () => {
    const legs = [leg('c', { endedAt: 6_000 }), leg('a', { answeredAt: 3_000, endedAt: 9_000 })];
    const steps = [destination(0, 'queue'), ...talk(3_000, 9_000)];
    expect(summarise(facts({ legs, steps }))).toMatchObject({ outcome: 'connected', talkMs: 3_000 });
  });

  it('was rung without an answer when he hung up while a phone rang', () => {
    const legs = [leg('c', { endedAt: 10_000 }), leg('a', { createdAt: 4_000, endedAt: 10_020 })];
    expect(summarise(facts({ legs, steps: [destination(0, 'queue')] }))).toMatchObject({
      outcome: 'ring-no-answer',
      waitMs: 10_000,
      agentUserId: 'user-a',
    });
  });

  it('was abandoned in the queue when he waited and nobody was being rung', () => {
    const legs = [leg('c', { endedAt: 10_000 }), leg('a', { createdAt: 2_000, endedAt: 5_000 })];
    const steps = [
      destination(0, 'ivr'),
      destination(1_500, 'queue'),
      step(1_500, 'queued', { queueName: 'Sales' }),
    ];
    expect(summarise(facts({ legs, steps }))).toMatchObject({
      outcome: 'abandoned-in-queue',
      waitMs: 8_500,
      queueName: 'Sales',
    });
  });

  it('was not answered in the IVR when it got no further', () => {
    expect(summarise(facts({ steps: [destination(0, 'ivr')] })).outcome).toBe('not-answered-in-ivr');
  });

  it('was rejected when we ended it, and abandoned when he did before anything happened', () => {
    expect(summarise(facts({})).outcome).toBe('abandoned');
    const refused = [leg('c', { endedAt: 10_000, endedBy: 'server' })];
    expect(summarise(facts({ legs: refused, steps: [destination(0, 'hangup')] })).outcome).toBe('rejected');
  });

  it('is what a plugin says it is, the last one who said so, unless somebody talked', () => {
    const steps = [
      destination(0, 'ivr'),
      step(1, 'outcome', { outcome: 'blacklisted' }),
      step(2, 'outcome', { outcome: 'voicemail-left' }),
    ];
    expect(summarise(facts({ steps })).outcome).toBe('voicemail-left');
    expect(summarise(facts({ steps: [...steps, ...talk(3, 4)] })).outcome).toBe('connected');
  });

  it('failed when a destination did', () => {
    expect(summarise(facts({ steps: [destination(0, 'ivr'), step(1, 'fault')] })).outcome).toBe('failed');
  });
});

describe('what an outbound call came to', () => {
  const outbound = (legs: LegFact[]) => summarise(facts({ direction: 'outbound', legs })).outcome;
  const own = (more: Partial<LegFact> = {}) =>
    leg('c', { role: 'agent', userId: 'me', answeredAt: 1_000, ...more });
  const far = (cause: string | null) => leg('t', { role: 'target', userId: null, cause });

  it.each([
    ['USER_BUSY', 'busy'],
    ['NO_ANSWER', 'no-answer'],
    ['CALL_REJECTED', 'rejected'],
    ['UNALLOCATED_NUMBER', 'unreachable'],
    ['ORIGINATOR_CANCEL', 'cancelled'],
    ['BEARERCAPABILITY_NOTIMPL', 'failed'],
  ])('%s is %s', (cause, outcome) => {
    expect(outbound([own(), far(cause)])).toBe(outcome);
  });

  it('was not answered by the own phone when that never came up', () => {
    expect(outbound([own({ answeredAt: null })])).toBe('own-phone-not-answered');
    expect(outbound([])).toBe('own-phone-not-answered');
  });

  it('is his who dialled, also when a colleague talked', () => {
    const legs = [own({ endedAt: 9_000 }), leg('a', { answeredAt: 2_000 })];
    const summary = summarise(facts({ direction: 'internal', legs, steps: talk(2_000, 9_000) }));
    expect(summary).toMatchObject({ agentUserId: 'me', outcome: 'connected', waitMs: 2_000 });
  });
});

describe('times of a call', () => {
  it('counts hold apart from talk, also one that was still on at the end', () => {
    const steps = [
      ...talk(1_000, 9_000),
      step(2_000, 'held', {}, 'c'),
      step(3_000, 'resumed', {}, 'c'),
      step(8_000, 'held', {}, 'c'),
    ].sort((a, b) => a.at - b.at);
    const legs = [leg('c', { endedAt: 9_000 }), leg('a', { answeredAt: 900, endedAt: 9_000 })];
    expect(summarise(facts({ legs, steps }))).toMatchObject({ holdMs: 2_000, talkMs: 6_000 });
  });

  it('counts two talks at once only once, and two in a row both', () => {
    const legs = [leg('c', { endedAt: 10_000 }), leg('a', { answeredAt: 1 }), leg('b', { answeredAt: 1 })];
    const overlapping = [...talk(1_000, 5_000), ...talk(4_000, 6_000, 'b')].sort((x, y) => x.at - y.at);
    expect(summarise(facts({ legs, steps: overlapping }))).toMatchObject({
      talkMs: 5_000,
      agentUserId: 'user-b',
    });
    const inARow = [...talk(1_000, 2_000), ...talk(5_000, 6_000, 'b')];
    expect(summarise(facts({ legs, steps: inARow })).talkMs).toBe(2_000);
  });

  it('makes up for the half of a talk that a crash lost', () => {
    const legs = [
      leg('c', { answeredAt: 500, endedAt: 9_000 }),
      leg('a', { answeredAt: 2_000, endedAt: 9_500 }),
    ];
    expect(summarise(facts({ legs, steps: talk(2_500, null) })).talkMs).toBe(6_500);
    expect(summarise(facts({ legs, steps: talk(0, 9_000).slice(1) }))).toMatchObject({
      talkMs: 7_000,
      answeredAt: 2_000,
    });
  });

  it('is the same when a step was written twice', () => {
    const legs = [leg('c', { endedAt: 9_000 }), leg('a', { answeredAt: 900, endedAt: 9_000 })];
    const steps = [...talk(1_000, 9_000), step(2_000, 'held', {}, 'c'), step(3_000, 'resumed', {}, 'c')];
    const once = steps.sort((a, b) => a.at - b.at);
    const twice = once.flatMap((one) => [one, one]);
    expect(summarise(facts({ legs, steps: twice }))).toEqual(summarise(facts({ legs, steps: once })));
  });

  it('has no wait when nobody was ever wanted', () => {
    expect(summarise(facts({ steps: [destination(0, 'ivr')] })).waitMs).toBe(0);
  });
});
