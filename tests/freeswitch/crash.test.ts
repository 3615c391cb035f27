import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeCrashes } from '../chaos/crash-scenarios.ts';
import { type Agent, World } from '../chaos/world.ts';
import { describeWithFreeSwitch, eventually } from './harness/index.ts';
import { type RealAgentPhone, type RealCall, type RealSwitch, realSwitch } from './real-switch.ts';

/** How far a time in a record may be from the switch's own. */
const NEAR_MS = 100;

describeWithFreeSwitch('A real FreeSWITCH', () => {
  describeCrashes('and the server is killed', realSwitch);
});

describeWithFreeSwitch('What a customer and an agent hear on a real FreeSWITCH', () => {
  let real: RealSwitch;
  let world: World;
  let amy: Agent;
  let phone: RealAgentPhone;
  let numbers: { readonly amy: string; readonly queue: string };

  beforeAll(async () => {
    real = await realSwitch();
    world = await World.begin(real);
    amy = await world.agent('amy');
    phone = real.phone(amy.number);
    numbers = {
      amy: await world.number('4008009021', 'extension', { number: amy.number }),
      queue: await world.number('4008009022', 'queue', { queueId: await world.queue('Heard', [amy]) }),
    };
  });
  afterAll(() => world?.stop());
  afterEach(() => world.settled());

  async function talk(from: string): Promise<{ caller: RealCall; desk: RealCall; id: string }> {
    const caller = await real.dial(numbers.amy, from);
    const desk = await phone.rings();
    await desk.answer();
    await world.untilStored(from, 'talking', ({ legs }) => legs[0]?.talksWith === desk.uuid);
    return { caller, desk, id: world.record(from)?.id ?? '' };
  }
  async function bothHear(caller: RealCall, desk: RealCall): Promise<void> {
    await Promise.all([caller.sip.hears(phone.sip.tone), desk.sip.hears(440)]);
  }

  it('while the server is dead, and after: each other', async () => {
    const { caller, desk } = await talk('13900000001');
    await bothHear(caller, desk);
    await world.crash(() => bothHear(caller, desk));
    await bothHear(caller, desk);
    await caller.hangup();
    await desk.sip.ended();
    expect(await world.closedRecord('13900000001')).toMatchObject({ outcome: 'connected' });
  });

  it('on hold, while the server is dead and after: music and nothing, until the agent resumes', async () => {
    const { caller, desk, id } = await talk('13900000002');
    await amy.send('POST', `/api/telephony/calls/${id}/hold`);
    await caller.sip.hearsSomething();
    const asOnHold = async () => {
      await caller.sip.hearsSomething();
      await Promise.all([caller.sip.doesNotHear(phone.sip.tone), desk.sip.doesNotHear()]);
    };
    await world.crash(asOnHold);
    await asOnHold();
    await amy.send('POST', `/api/telephony/calls/${id}/resume`);
    await bothHear(caller, desk);
    await desk.hangup();
    await caller.sip.ended();
    expect(await world.closedRecord('13900000002')).toMatchObject({ outcome: 'connected' });
  });

  it('in the queue, while the server is dead and after: music, until the agent takes the call', async () => {
    const caller = await real.dial(numbers.queue, '13900000003');
    await world.untilStored('13900000003', 'waiting', ({ position }) => position.ref?.kind === 'queue');
    await caller.sip.hearsSomething();
    await world.crash(() => caller.sip.hearsSomething());
    await caller.sip.hearsSomething();
    await amy.presence('available');
    const desk = await phone.rings();
    await desk.answer();
    await bothHear(caller, desk);
    await desk.hangup();
    await amy.presence('signed-out');
  });

  it('nothing more when the switch dies: calls are closed at the time it was last heard of, and new ones work', async () => {
    const { caller } = await talk('13900000004');
    const waiting = await real.dial(numbers.queue, '13900000005');
    await world.untilStored('13900000005', 'waiting', ({ position }) => position.ref?.kind === 'queue');
    await waiting.sip.hearsSomething();
    const lastSaid = Math.max(...real.watch.events.map(({ timestamp }) => timestamp));
    const died = Date.now();
    await real.restart();
    await world.ready();
    for (const from of ['13900000004', '13900000005']) {
      const { endedAt } = await world.closedRecord(from);
      expect(endedAt).toBeGreaterThanOrEqual(lastSaid - NEAR_MS);
      expect(endedAt).toBeLessThanOrEqual(died + NEAR_MS);
    }
    expect(world.record('13900000004')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
    expect(world.record('13900000005')).toMatchObject({ outcome: 'abandoned-in-queue' });
    for (const { sip } of [caller, waiting]) sip.abandon();
    // Phones come back by themselves when their registration is due; this one does it now.
    for (const call of phone.sip.calls) call.abandon();
    expect(await eventually(async () => (await phone.sip.register()) === 200, 'the phone to register')).toBe(
      true,
    );
    const again = await talk('13900000006');
    await bothHear(again.caller, again.desk);
    await again.desk.hangup();
    await again.caller.sip.ended();
  });
});
