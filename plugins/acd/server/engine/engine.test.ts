import { describe, expect, it } from 'vitest';
import { anAgent, aQueue, factsAt, T0 } from '../testing/engine.fixture.ts';
import { decideAgain } from './decide.ts';
import { advance, emptyState, nextWake } from './engine.ts';
import { placeOf } from './place.ts';
import { builtInStrategies } from './strategies.ts';
import type { EngineAgent, EngineCommand, EngineEvent, EngineQueue, EngineState } from './types.ts';

/** An engine at work: time goes on by itself only when `after` says so. */
function desk(queues: readonly EngineQueue[], agents: readonly EngineAgent[], draws: readonly number[] = []) {
  let state: EngineState = emptyState;
  let now = T0 + 60_000;
  const random = draws.values();
  const desk = {
    get state() {
      return state;
    },
    get now() {
      return now;
    },
    after(ms: number) {
      now += ms;
      return desk;
    },
    send(event: EngineEvent): readonly EngineCommand[] {
      const result = advance(
        state,
        event,
        factsAt(now, () => random.next().value ?? 0),
      );
      state = result.state;
      return result.commands;
    },
    join(
      contactId: string,
      given: { queueId?: string; priority?: number; aheadSince?: number; joinedAt?: number } = {},
    ) {
      return desk.send({
        type: 'joined',
        contactId,
        queueId: 'sales',
        joinedAt: now,
        priority: 0,
        weight: 1,
        aheadSince: null,
        ...given,
      });
    },
    answer(contactId: string) {
      return desk.send({ type: 'answered', ...offerOf(contactId) });
    },
    refuse(contactId: string, why: 'no-answer' | 'rejected' = 'no-answer') {
      return desk.send({ type: 'offer-failed', why, ...offerOf(contactId) });
    },
    presence(userId: string, presence: EngineAgent['presence'], reason: string | null = null) {
      return desk.send({ type: 'presence', userId, presence, reason });
    },
  };
  const offerOf = (contactId: string) => {
    const { agent, attempt } = contactOf(contactId);
    return { contactId, userId: agent ?? 'nobody', attempt };
  };
  const contactOf = (contactId: string) => {
    const contact = state.contacts[contactId];
    if (!contact) throw new Error(`${contactId} is not here`);
    return contact;
  };
  for (const queue of queues) desk.send({ type: 'queue-set', queue });
  for (const agent of agents) desk.send({ type: 'agent-set', agent });
  return desk;
}
const offers = (commands: readonly EngineCommand[]) =>
  commands.flatMap((one) => (one.type === 'offer' ? [`${one.contactId}→${one.userId}`] : []));
const withdrawals = (commands: readonly EngineCommand[]) =>
  commands.flatMap((one) => (one.type === 'withdraw' ? [`${one.contactId}→${one.userId}`] : []));
const place = (of: { state: EngineState; now: number }, id: string) => placeOf(of.state, id, of.now);

describe('routing', () => {
  it('offers a contact at once to an agent who is free', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    expect(offers(acd.join('c1'))).toEqual(['c1→amy']);
    expect(acd.state.contacts.c1).toMatchObject({ state: 'offered', agent: 'amy', attempt: 1 });
  });

  it('keeps a contact waiting until somebody signs in', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy', { presence: 'signed-out' })]);
    expect(offers(acd.join('c1'))).toEqual([]);
    expect(offers(acd.presence('amy', 'available'))).toEqual(['c1→amy']);
  });

  it('[acd-02] lets an agent serve several queues, and never two contacts at once', () => {
    const acd = desk([aQueue({ amy: 5 }), aQueue({ amy: 5 }, { id: 'support' })], [anAgent('amy')]);
    expect(offers(acd.join('c1'))).toEqual(['c1→amy']);
    expect(offers(acd.join('c2', { queueId: 'support' }))).toEqual([]);
    acd.answer('c1');
    expect(offers(acd.send({ type: 'finished', contactId: 'c1' }))).toEqual(['c2→amy']);
  });

  it('gives a free agent of two queues to whoever waits longest in either', () => {
    const acd = desk(
      [aQueue({ amy: 5 }), aQueue({ amy: 5 }, { id: 'support' })],
      [anAgent('amy', { presence: 'break' })],
    );
    acd.join('late', { joinedAt: acd.now });
    acd.join('early', { joinedAt: acd.now - 10_000, queueId: 'support' });
    expect(offers(acd.presence('amy', 'available'))).toEqual(['early→amy']);
  });

  it('counts a second of priority as a second waited', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy', { presence: 'break' })]);
    acd.join('usual', { joinedAt: acd.now - 30_000 });
    acd.join('vip', { joinedAt: acd.now, priority: 31 });
    expect([place(acd, 'vip'), place(acd, 'usual')]).toEqual([1, 2]);
    expect(offers(acd.presence('amy', 'available'))).toEqual(['vip→amy']);
  });

  it('passes over who is on break, in wrap-up, at a dead phone or at rest, and says why', () => {
    const acd = desk(
      [aQueue({ amy: 5, ben: 5, chloe: 5, dan: 5, eve: 5, fred: 5 })],
      [
        anAgent('amy', { presence: 'break' }),
        anAgent('ben', { wrapUp: { contactId: 'x', since: T0, until: null } }),
        anAgent('chloe', { deviceReady: false }),
        anAgent('dan', { restUntil: T0 + 600_000 }),
        anAgent('eve'),
      ],
    );
    const commands = acd.join('c1');
    const decision = commands.flatMap((one) => (one.type === 'offer' ? [one.decision] : []))[0];
    expect(decision?.chosen).toBe('eve');
    expect(decision?.rejected).toEqual([
      { userId: 'amy', why: 'on-break' },
      { userId: 'ben', why: 'wrap-up' },
      { userId: 'chloe', why: 'device' },
      { userId: 'dan', why: 'resting' },
      { userId: 'fred', why: 'signed-out' },
    ]);
  });

  it('turns a contact away whose queue is not there', () => {
    const acd = desk([], []);
    expect(acd.join('c1')).toEqual([{ type: 'turned-away', contactId: 'c1', queueId: 'sales' }]);
    expect(acd.state.contacts).toEqual({});
  });

  it('turns away who waits when the queue is removed, stops the ringing, and lets talks go on', () => {
    const acd = desk([aQueue({ amy: 5, ben: 5 })], [anAgent('amy'), anAgent('ben')]);
    acd.join('talking');
    acd.answer('talking');
    acd.join('ringing');
    acd.join('waiting');
    const commands = acd.send({ type: 'queue-removed', queueId: 'sales' });
    expect(withdrawals(commands)).toEqual(['ringing→ben']);
    expect(commands.flatMap((one) => (one.type === 'turned-away' ? [one.contactId] : []))).toEqual([
      'ringing',
      'waiting',
    ]);
    expect(Object.keys(acd.state.contacts)).toEqual(['talking']);
    acd.send({ type: 'finished', contactId: 'talking' });
    expect(acd.state.contacts).toEqual({});
  });

  it('ignores a contact that joins twice', () => {
    const acd = desk([aQueue({ amy: 5 })], []);
    acd.join('c1');
    acd.after(5_000);
    acd.join('c1');
    expect(acd.state.contacts.c1?.joinedAt).toBe(T0 + 60_000);
  });
});

describe('an offer that is not taken', () => {
  it('goes to another agent', () => {
    const acd = desk([aQueue({ amy: 5, ben: 5 })], [anAgent('amy', { idleSince: T0 - 1 }), anAgent('ben')]);
    acd.join('c1');
    expect(offers(acd.refuse('c1'))).toEqual(['c1→ben']);
  });

  it('goes to the one who refused before when nobody else can, after a rest', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    acd.join('c1');
    expect(offers(acd.refuse('c1'))).toEqual([]);
    expect(nextWake(acd.state, acd.now)).toBe(acd.now + 5_000);
    expect(offers(acd.after(5_000).send({ type: 'tick' }))).toEqual(['c1→amy']);
  });

  it('never rings a phone that refuses at once without a pause, even if the queue asks for none', () => {
    const acd = desk([aQueue({ amy: 5 }, { noAnswerRestMs: 0 })], [anAgent('amy')]);
    acd.join('c1');
    expect(offers(acd.refuse('c1', 'rejected'))).toEqual([]);
    expect(offers(acd.after(2_999).send({ type: 'tick' }))).toEqual([]);
    expect(offers(acd.after(1).send({ type: 'tick' }))).toEqual(['c1→amy']);
  });

  it('[acd-38] puts a returned call ahead of everyone, VIPs included', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    acd.join('returned');
    acd.join('vip', { priority: 3_600 });
    acd.join('usual');
    expect(['returned', 'vip', 'usual'].map((id) => place(acd, id))).toEqual([1, 2, 3]);
    acd.refuse('returned');
    expect(['returned', 'vip', 'usual'].map((id) => place(acd, id))).toEqual([1, 2, 3]);
    expect(offers(acd.after(5_000).send({ type: 'tick' }))).toEqual(['returned→amy']);
  });

  it('sends the agent on break after too many in a row', () => {
    const acd = desk([aQueue({ amy: 5 }, { maxNoAnswer: 2 })], [anAgent('amy')]);
    acd.join('c1');
    acd.refuse('c1');
    acd.after(5_000).send({ type: 'tick' });
    acd.refuse('c1');
    expect(acd.state.agents.amy).toMatchObject({ presence: 'break', breakReason: 'no-answer', noAnswers: 0 });
  });

  it('counts only offers in a row', () => {
    const acd = desk([aQueue({ amy: 5 }, { maxNoAnswer: 2 })], [anAgent('amy')]);
    acd.join('c1');
    acd.refuse('c1');
    acd.after(5_000).send({ type: 'tick' });
    acd.answer('c1');
    acd.send({ type: 'finished', contactId: 'c1' });
    acd.join('c2');
    acd.refuse('c2');
    expect(acd.state.agents.amy).toMatchObject({ presence: 'available', noAnswers: 1 });
  });

  it('leaves an agent the break he chose himself while it rang', () => {
    const acd = desk([aQueue({ amy: 5 }, { maxNoAnswer: 1 })], [anAgent('amy')]);
    acd.join('c1');
    acd.presence('amy', 'break', 'lunch');
    acd.refuse('c1');
    expect(acd.state.agents.amy).toMatchObject({ presence: 'break', breakReason: 'lunch' });
  });

  it('is taken back from an agent who signs out, and stands at the head again', () => {
    const acd = desk([aQueue({ amy: 5, ben: 5 })], [anAgent('amy', { idleSince: T0 - 1 }), anAgent('ben')]);
    acd.join('c1');
    const commands = acd.presence('amy', 'signed-out');
    expect(withdrawals(commands)).toEqual(['c1→amy']);
    expect(offers(commands)).toEqual(['c1→ben']);
    expect(acd.state.contacts.c1).toMatchObject({ state: 'offered', agent: 'ben', attempt: 2 });
  });

  it('rings on for an agent who goes on break meanwhile, and he may take it', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    acd.join('c1');
    expect(withdrawals(acd.presence('amy', 'break', 'tea'))).toEqual([]);
    acd.answer('c1');
    expect(acd.state.contacts.c1?.state).toBe('active');
  });

  it('does not count again when its outcome comes late, or twice', () => {
    const acd = desk([aQueue({ amy: 5 }, { noAnswerRestMs: 0 })], [anAgent('amy')]);
    acd.join('c1');
    const first = { contactId: 'c1', userId: 'amy', attempt: 1 };
    acd.send({ type: 'offer-failed', why: 'no-answer', ...first });
    acd.after(3_000).send({ type: 'tick' });
    const before = acd.state;
    acd.send({ type: 'offer-failed', why: 'no-answer', ...first });
    acd.send({ type: 'answered', ...first });
    expect(acd.state).toEqual(before);
    expect(acd.state.contacts.c1).toMatchObject({ state: 'offered', attempt: 2 });
  });

  it('stops ringing when the caller gives up', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    acd.join('c1');
    expect(withdrawals(acd.send({ type: 'left', contactId: 'c1' }))).toEqual(['c1→amy']);
    expect(offers(acd.join('c2'))).toEqual(['c2→amy']);
  });
});

describe('after a talk', () => {
  const talk = (queue: Parameters<typeof aQueue>[1]) => {
    const acd = desk([aQueue({ amy: 5 }, queue)], [anAgent('amy')]);
    acd.join('c1');
    acd.answer('c1');
    acd.after(60_000).send({ type: 'finished', contactId: 'c1' });
    return acd;
  };

  it('[acd-47] makes the agent idle at once when the queue says so', () => {
    const acd = talk({ wrapUp: { mode: 'auto', ms: 0 } });
    expect(acd.state.agents.amy).toMatchObject({ wrapUp: null, idleSince: acd.now });
    expect(offers(acd.join('c2'))).toEqual(['c2→amy']);
  });

  it('[acd-47] leaves the agent in wrap-up until he ends it himself', () => {
    const acd = talk({ wrapUp: { mode: 'manual', ms: 0 } });
    expect(acd.state.agents.amy?.wrapUp).toEqual({ contactId: 'c1', since: acd.now, until: null });
    expect(nextWake(acd.state, acd.now)).toBeNull();
    acd.after(3_600_000);
    expect(offers(acd.join('c2'))).toEqual([]);
    expect(offers(acd.send({ type: 'wrap-up-ended', userId: 'amy' }))).toEqual(['c2→amy']);
  });

  it('[acd-48] makes the agent idle by itself when the time is up', () => {
    const acd = talk({ wrapUp: { mode: 'timed', ms: 30_000 } });
    acd.join('c2');
    const end = acd.now + 30_000;
    expect(nextWake(acd.state, acd.now)).toBe(end);
    expect(offers(acd.after(29_999).send({ type: 'tick' }))).toEqual([]);
    expect(offers(acd.after(1).send({ type: 'tick' }))).toEqual(['c2→amy']);
    expect(acd.state.agents.amy).toMatchObject({ wrapUp: null, idleSince: end });
  });

  it('[acd-48] lets the agent end it sooner', () => {
    const acd = talk({ wrapUp: { mode: 'timed', ms: 30_000 } });
    acd.after(10_000).send({ type: 'wrap-up-ended', userId: 'amy' });
    expect(offers(acd.join('c2'))).toEqual(['c2→amy']);
  });

  it('asks no wrap-up when the contact was gone before they could talk', () => {
    const acd = desk([aQueue({ amy: 5 }, { wrapUp: { mode: 'manual', ms: 0 } })], [anAgent('amy')]);
    acd.join('c1');
    acd.answer('c1');
    acd.send({ type: 'left', contactId: 'c1' });
    expect(acd.state.agents.amy).toMatchObject({ wrapUp: null, idleSince: acd.now });
  });

  it('asks no wrap-up of somebody who has signed out meanwhile', () => {
    const acd = desk([aQueue({ amy: 5 }, { wrapUp: { mode: 'manual', ms: 0 } })], [anAgent('amy')]);
    acd.join('c1');
    acd.answer('c1');
    acd.presence('amy', 'signed-out');
    acd.send({ type: 'finished', contactId: 'c1' });
    expect(acd.state.agents.amy?.wrapUp).toBeNull();
  });
});

describe('a restart', () => {
  it('keeps the place of who waited', () => {
    const acd = desk([aQueue({ amy: 5 })], []);
    acd.join('new');
    acd.join('old', { joinedAt: acd.now - 90_000 });
    acd.join('was-ringing', { aheadSince: acd.now - 5_000 });
    expect(['was-ringing', 'old', 'new'].map((id) => place(acd, id))).toEqual([1, 2, 3]);
  });

  it('finds a talk again, and takes back what was offered to its agent meanwhile', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    acd.join('c2');
    const commands = acd.send({
      type: 'restored',
      contactId: 'c1',
      queueId: 'sales',
      joinedAt: T0,
      userId: 'amy',
      weight: 1,
    });
    expect(withdrawals(commands)).toEqual(['c2→amy']);
    expect(offers(acd.send({ type: 'finished', contactId: 'c1' }))).toEqual(['c2→amy']);
  });
});

describe('signing in', () => {
  it('begins the counts of the day anew, and a break does not', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy', { answered: 7 })]);
    acd.presence('amy', 'break', 'lunch');
    acd.after(1_000);
    acd.presence('amy', 'available');
    expect(acd.state.agents.amy).toMatchObject({ answered: 7, signedInAt: T0, idleSince: acd.now });
    acd.presence('amy', 'signed-out');
    acd.after(1_000);
    acd.presence('amy', 'available');
    expect(acd.state.agents.amy).toMatchObject({ answered: 0, signedInAt: acd.now });
  });
});

describe('strategies', () => {
  const three = [
    anAgent('amy', { signedInAt: T0 + 3, idleSince: T0 + 30, answered: 1, lastOfferedAt: T0 + 20 }),
    anAgent('ben', { signedInAt: T0 + 1, idleSince: T0 + 50, answered: 9, lastOfferedAt: T0 + 10 }),
    anAgent('eve', { signedInAt: T0 + 2, idleSince: T0 + 10, answered: 4, lastOfferedAt: T0 + 30 }),
  ];
  const chosen = (strategy: string, draws: readonly number[] = []) =>
    offers(desk([aQueue({ amy: 0, ben: 0, eve: 0 }, { strategy })], three, draws).join('c'))[0];

  it('[acd-15] longest idle prefers who has been idle for the longest time', () => {
    expect(chosen('longest-idle')).toBe('c→eve');
  });
  it('[acd-14] fewest answered prefers who has answered least', () => {
    expect(chosen('fewest-answered')).toBe('c→amy');
  });
  it('[acd-13] sign-in order goes by who signed in first', () => {
    expect(chosen('sign-in-order')).toBe('c→ben');
  });
  it('[acd-17] round robin gives everyone a turn', () => {
    const acd = desk([aQueue({ amy: 0, ben: 0, eve: 0 }, { strategy: 'round-robin' })], three);
    const turns: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      turns.push(...offers(acd.after(1_000).join(`c${n}`)));
      acd.answer(`c${n}`);
      acd.send({ type: 'finished', contactId: `c${n}` });
    }
    expect(turns.map((turn) => turn.split('→')[1])).toEqual(['ben', 'amy', 'eve', 'ben', 'amy', 'eve']);
  });
  it('[acd-16] random takes any of them, as the draw says', () => {
    expect([0, 0.34, 0.99].map((draw) => chosen('random', [draw]))).toEqual(['c→amy', 'c→ben', 'c→eve']);
  });

  it('decides a stored decision again to the same answer, by its draws', () => {
    const acd = desk([aQueue({ amy: 0, ben: 0, eve: 0 }, { strategy: 'random' })], three, [0.7, 0.1, 0.5]);
    const decision = acd.join('c').flatMap((one) => (one.type === 'offer' ? [one.decision] : []))[0];
    const random = builtInStrategies.find(({ id }) => id === 'random');
    if (!decision || !random) throw new Error('no decision');
    expect(decision.draws).toHaveLength(3);
    expect(decideAgain(JSON.parse(JSON.stringify(decision)), random)).toBe(decision.chosen);
    expect(decideAgain({ ...decision, draws: [0] }, random)).toBe('amy');
  });

  it('does not lose an agent whom a strategy forgets, nor follow it to somebody who is none', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    const forgetful = { id: 'f', title: { 'zh-CN': '', en: '' }, order: () => [{ ...three[1], level: 1 }] };
    const result = advance(
      acd.state,
      {
        type: 'joined',
        contactId: 'c',
        queueId: 'sales',
        joinedAt: T0,
        priority: 0,
        weight: 1,
        aheadSince: null,
      },
      { ...factsAt(acd.now), strategy: () => forgetful as never },
    );
    expect(offers(result.commands)).toEqual(['c→amy']);
  });
});

describe('a step', () => {
  it('gives the same for the same, and changes nothing it was given', () => {
    const acd = desk([aQueue({ amy: 5 })], [anAgent('amy')]);
    const before = JSON.stringify(acd.state);
    const event = { type: 'left', contactId: 'nobody' } as const;
    const [first, second] = [
      advance(acd.state, event, factsAt(acd.now)),
      advance(acd.state, event, factsAt(acd.now)),
    ];
    expect(first).toEqual(second);
    acd.join('c1');
    expect(before).toBe(JSON.stringify(first.state));
  });
});
