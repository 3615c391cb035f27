import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CallCentre,
  type CallShown,
  type DeskAgent,
  HOTLINE,
  openCallCentre,
} from './hang-up.support.ts';
import type { Move } from './shuffled-switch.ts';

let centre: CallCentre;
beforeAll(async () => {
  centre = await openCallCentre(['amy', 'ben']);
});
afterAll(() => centre?.stop());

interface Step {
  readonly name: string;
  make(): void | Promise<void>;
}
/** How far the first call is before anything goes its own way. */
const BEGINNINGS = ['at the door', 'ringing', 'answered', 'talking'] as const;
let customers = 0;

async function play(beginning: (typeof BEGINNINGS)[number], course: readonly number[]) {
  const { switch: shuffled, clock, agents } = centre;
  const log: string[] = [];
  const callers = new Map<string, string>();
  let cuts = 0;

  function call(): void {
    customers += 1;
    const from = `138${String(customers).padStart(8, '0')}`;
    callers.set(from, shuffled.arrive(HOTLINE, from));
  }
  const ringing = () =>
    shuffled.live().filter(({ direction, answeredAt }) => direction === 'outbound' && answeredAt === null);

  for (const agent of agents) await agent.ready();
  call();
  if (beginning !== 'at the door') await centre.drain();
  if (beginning === 'answered' || beginning === 'talking')
    for (const { uuid } of ringing()) shuffled.answers(uuid);
  if (beginning === 'talking') await centre.drain();

  function people(): Step[] {
    const steps: Step[] = [];
    for (const channel of shuffled.live()) {
      const { uuid, number } = channel;
      steps.push({ name: `${number} hangs up`, make: () => shuffled.goOnHook(uuid) });
      if (channel.direction === 'outbound' && channel.answeredAt === null)
        steps.push({ name: `${number} answers`, make: () => shuffled.answers(uuid) });
    }
    for (const agent of agents)
      if (agent.isInWrapUp()) steps.push({ name: `${agent.name} finishes`, make: () => agent.finish() });
    for (const ms of [20, 700, 3_000]) steps.push({ name: `${ms} ms pass`, make: () => clock.advance(ms) });
    if (callers.size < 3) steps.push({ name: 'a customer calls', make: call });
    if (shuffled.connected && !shuffled.resyncing) {
      // They are half a minute apart: the last one has been worked off.
      if (shuffled.idle) steps.push({ name: 'a resync begins', make: () => shuffled.beginResync() });
      if (cuts < 1)
        steps.push({
          name: 'the wire is cut',
          make() {
            cuts += 1;
            shuffled.cut();
          },
        });
    } else if (!shuffled.connected && !shuffled.resyncing)
      steps.push({ name: 'the wire is mended', make: () => shuffled.mend() });
    return steps;
  }

  for (const choice of course) {
    // The wire is busier than people are.
    const wire: Move[] = shuffled.moves();
    const steps = [...wire, ...wire, ...wire, ...people()];
    const step = steps[choice % steps.length];
    if (!step) continue;
    log.push(step.name);
    await step.make();
    await centre.settle();
  }

  // In the end everybody has hung up, and all has been told.
  if (!shuffled.connected && !shuffled.resyncing) shuffled.mend();
  await centre.drain();
  for (const uuid of callers.values()) shuffled.goOnHook(uuid);
  await centre.drain();
  shuffled.beginResync();
  await centre.drain();
  await clock.advance(1_000);
  await centre.drain();
  shuffled.beginResync();
  await centre.drain();
  for (let second = 0; second < 4; second += 1) {
    await clock.advance(1_000);
    await centre.drain();
  }
  return { callers, log, wasCut: cuts > 0 };
}

const talkers = (call: CallShown): string[] => [
  ...new Set(
    call.steps.flatMap(({ kind, userId }) => (kind === 'talk-started' && userId !== null ? [userId] : [])),
  ),
];

async function check({ callers, wasCut }: Awaited<ReturnType<typeof play>>): Promise<void> {
  const { switch: shuffled, agents } = centre;
  expect(
    shuffled.live().map(({ number }) => number),
    'legs left in the switch',
  ).toEqual([]);
  expect(centre.open(), 'calls that the core still has').toBe(0);
  expect(await centre.queue(), 'contacts left in the queue').toEqual([]);
  for (const agent of agents) {
    const me = await agent.me();
    expect(me.device, `the phone of ${agent.name}`).toBe('ready');
    expect(me.contact).toBeNull();
    const after = me.wrapUp ? [{ callId: me.wrapUp.contactId, state: 'wrap-up' }] : [];
    expect(await agent.contacts(), `the workbench of ${agent.name}`).toEqual(after);
  }
  for (const [from, uuid] of callers) {
    const records = await centre.calls(from);
    expect(records.length, `records of ${from}`).toBeLessThanOrEqual(1);
    const channels = shuffled.channels;
    const caller = channels.find((channel) => channel.uuid === uuid);
    const [record] = records;
    if (!record) {
      // Nobody ever heard of him.
      expect(wasCut).toBe(true);
      continue;
    }
    const legs = channels.filter(
      (channel) => channel.uuid === uuid || channel.variables.get('jf_call') === record.id,
    );
    const lastEnd = Math.max(...legs.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
    expect(record.outcome, `the outcome of ${from}`).not.toBeNull();
    // Whom we begin to ring for somebody who is gone already ends then.
    const lastBegin = Math.max(...record.steps.map(({ kind, at }) => (kind === 'leg-created' ? at : 0)));
    if (caller?.variables.has('jf_call') || !wasCut)
      expect([lastEnd, Math.max(lastEnd, lastBegin)], `the end of ${from}`).toContain(record.endedAt);
    const told = talkers(record);
    expect(record.outcome === 'connected', `${from} talked: ${told}`).toBe(told.length > 0);
    const talked = shuffled.talks.filter(({ legs: pair }) => pair.includes(uuid));
    const talkMs = talked.reduce((sum, { from: since, to }) => sum + ((to ?? lastEnd) - since), 0);
    if (!wasCut && told.length > 0) expect(record.talkMs, `the talk of ${from}`).toBe(talkMs);
    else expect(record.talkMs).toBeLessThanOrEqual(talkMs);
    for (const agent of agents) {
      const wrapUps = agent.wrapUps().filter((id) => id === record.id).length;
      expect(wrapUps, `wrap-ups of ${agent.name} after ${from}`).toBe(told.includes(agent.id) ? 1 : 0);
    }
  }
}

describe('a hang-up', () => {
  const at = async (from: string): Promise<CallShown> => {
    const [record] = await centre.calls(from);
    if (!record) throw new Error(`There is no record of ${from}.`);
    return record;
  };
  const agentLeg = () => centre.switch.live().find(({ direction }) => direction === 'outbound')?.uuid ?? '';
  const number = () => {
    customers += 1;
    return `138${String(customers).padStart(8, '0')}`;
  };
  /** Amy alone is there, and this caller's. */
  async function amyTalks(from: string): Promise<{ amy: DeskAgent; caller: string }> {
    const [amy] = centre.agents;
    if (!amy) throw new Error('Nobody works here.');
    await amy.ready();
    const caller = centre.switch.arrive(HOTLINE, from);
    await centre.drain();
    centre.switch.answers(agentLeg());
    return { amy, caller };
  }
  beforeEach(async () => {
    for (const agent of centre.agents) await agent.signOut();
  });
  afterEach(async () => {
    await centre.drain();
    for (const agent of centre.agents) await agent.finish();
  });

  it('in the middle of a resync is the end of one call, and not the begin of another', async () => {
    const { switch: shuffled } = centre;
    const from = number();
    const caller = shuffled.arrive(HOTLINE, from);
    shuffled.beginResync();
    await centre.drainUntil('the resync is handed out');
    shuffled.goOnHook(caller);
    await centre.drain();
    expect(centre.open()).toBe(0);
    expect(await centre.calls(from)).toHaveLength(1);
  });

  it('that a command learns of before the switch has told is no fault', async () => {
    const { switch: shuffled } = centre;
    const from = number();
    const caller = shuffled.arrive(HOTLINE, from);
    await centre.drainUntil('the switch takes answer');
    shuffled.goOnHook(caller);
    const [answer] = shuffled.moves();
    answer?.make();
    await centre.settle();
    await centre.drain();
    expect((await at(from)).outcome).toBe('abandoned-in-queue');
    expect(centre.errors()).toEqual([]);
  });

  it('right after a talk that a resync told of gives the agent his wrap-up', async () => {
    const { switch: shuffled } = centre;
    const from = number();
    const { amy, caller } = await amyTalks(from);
    await centre.drainUntil('two legs are joined');
    shuffled.cut();
    await centre.drain();
    shuffled.mend();
    await centre.drainUntil('the resync is handed out');
    shuffled.goOnHook(agentLeg());
    await centre.drain();
    const record = await at(from);
    expect(talkers(record)).toEqual([amy.id]);
    expect(amy.wrapUps().filter((id) => id === record.id)).toHaveLength(1);
    expect(shuffled.live().map(({ uuid }) => uuid)).not.toContain(caller);
  });

  it('of the agent gives him no second wrap-up when the caller could not be let go at once', async () => {
    const { switch: shuffled } = centre;
    const from = number();
    const { amy, caller } = await amyTalks(from);
    await centre.drain();
    shuffled.goOnHook(agentLeg());
    await centre.drainUntil('the switch takes hangup');
    expect(amy.isInWrapUp()).toBe(true);
    shuffled.cut();
    await amy.finish();
    shuffled.mend();
    await centre.drain();
    expect(shuffled.live().map(({ uuid }) => uuid)).not.toContain(caller);
    const record = await at(from);
    expect(amy.wrapUps().filter((id) => id === record.id)).toHaveLength(1);
  });

  it('while the switch is away has nobody rung for who waits', async () => {
    const { switch: shuffled } = centre;
    const [first, second] = [number(), number()];
    const { amy, caller } = await amyTalks(first);
    await centre.drain();
    shuffled.arrive(HOTLINE, second);
    await centre.drain();
    shuffled.goOnHook(caller);
    await centre.drain();
    shuffled.cut();
    await amy.finish();
    await centre.settle();
    expect((await at(second)).steps.map(({ kind }) => kind)).not.toContain('leg-created');
    shuffled.mend();
    await centre.drain();
    for (const { uuid } of shuffled.live()) shuffled.goOnHook(uuid);
  });
});

it('[acd-50] a hang-up leaves nothing behind but the wrap-up of who has talked, in whatever order it is told', async () => {
  await fc.assert(
    fc
      .asyncProperty(
        fc.constantFrom(...BEGINNINGS),
        fc.array(fc.nat(9_999), { maxLength: 60, size: 'max' }),
        async (beginning, course) => {
          const played = await play(beginning, course);
          try {
            await check(played);
          } catch (error) {
            throw new Error(`${beginning}, then ${played.log.join('; ')}`, { cause: error });
          }
        },
      )
      .afterEach(async () => {
        await centre.drain();
        for (const agent of centre.agents) await agent.finish();
      }),
    { seed: 20261120, numRuns: 60 },
  );
}, 600_000);
