import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Hotlines, NEAR_MS, openHotlines } from './hotlines.ts';
import type { AgentCall, CustomerCall, SwitchUnderTest } from './phones.ts';
import type { SwitchWatch } from './switch-watch.ts';
import { type Agent, World } from './world.ts';

/**
 * `kill -9` of the server at each stage of a call, and what its callers, its agents and its records have of it
 * after the restart. The same list for every kind of switch.
 */
export function describeCrashes(title: string, startSwitch: () => Promise<SwitchUnderTest>): void {
  describe(title, () => {
    let world: World;
    let watch: SwitchWatch;
    let amy: Agent;
    let ben: Agent;
    let lines: Hotlines;

    beforeAll(async () => {
      world = await World.begin(await startSwitch());
      watch = world.switch.watch;
      amy = await world.agent('amy');
      ben = await world.agent('ben');
      lines = await openHotlines(world, 'Crash', [amy, ben]);
    });
    afterAll(() => world?.stop());
    afterEach(() => lines.clear());

    /** The agent is rung for this caller, and for nobody else, and takes the call. */
    async function takes(agent: Agent, caller: CustomerCall): Promise<AgentCall> {
      const mark = watch.mark;
      const desk = await agent.phone.rings();
      await desk.answer();
      const bridge = await watch.until(
        () =>
          watch.events
            .slice(mark)
            .find(
              (event) =>
                event.name === 'CHANNEL_BRIDGE' &&
                [event.get('Bridge-A-Unique-ID'), event.get('Bridge-B-Unique-ID')].includes(desk.uuid),
            ),
        `a talk of ${agent.name}`,
      );
      expect([bridge.get('Bridge-A-Unique-ID'), bridge.get('Bridge-B-Unique-ID')]).toContain(caller.uuid);
      return desk;
    }

    async function expectTrueEnd(from: string, calls: readonly { readonly uuid: string }[]): Promise<void> {
      const ends = await Promise.all(calls.map(({ uuid }) => watch.end(uuid)));
      const record = await world.closedRecord(from);
      expect(Math.abs(record.endedAt - Math.max(...ends.map(({ at }) => at)))).toBeLessThan(NEAR_MS);
    }

    describe('during a talk', () => {
      it('lets both go on talking, and closes the record when they hang up', async () => {
        const { caller, desk } = await lines.talk('13800000001');
        const mark = watch.mark;
        await world.crash();
        expect(await watch.partnerOf(caller.uuid)).toBe(desk.uuid);
        for (const name of ['CHANNEL_UNBRIDGE', 'CHANNEL_BRIDGE', 'CHANNEL_HANGUP']) {
          expect(watch.past(name, caller.uuid, mark)).toBeNull();
        }
        expect(world.record('13800000001')?.endedAt).toBeNull();
        await caller.hangup();
        await expectTrueEnd('13800000001', [caller, desk]);
        expect(world.record('13800000001')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
      });

      it('lets them go on when it dies in the moment in which they are joined', async () => {
        const caller = await world.switch.dial(lines.desk, '13800000002');
        const desk = await amy.phone.rings();
        await desk.answer();
        await watch.event('CHANNEL_BRIDGE', caller.uuid);
        await world.crash();
        expect(await watch.partnerOf(caller.uuid)).toBe(desk.uuid);
        await desk.hangup();
        await expectTrueEnd('13800000002', [caller, desk]);
        expect(world.record('13800000002')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
      });

      it('closes the record of a caller who hung up meanwhile with the time at which he did', async () => {
        const { caller, desk } = await lines.talk('13800000003');
        await world.crash(async () => {
          await caller.hangup();
          await watch.end(caller.uuid);
        });
        await watch.end(desk.uuid);
        const record = await world.closedRecord('13800000003');
        expect(record).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
        // Between his answer and the first word a busy machine may take its time.
        const { timestamp: began } = await watch.event('CHANNEL_BRIDGE', caller.uuid);
        const { at } = await watch.end(caller.uuid);
        expect(Math.abs(record.talkMs - (at - began))).toBeLessThan(NEAR_MS);
      });

      it('lets a caller go whose agent hung up meanwhile', async () => {
        const { caller, desk } = await lines.talk('13800000004');
        await world.crash(async () => {
          await desk.hangup();
          await watch.end(desk.uuid);
        });
        await expectTrueEnd('13800000004', [caller, desk]);
        expect(world.record('13800000004')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
      });

      it('closes the record of a call of which nothing is left with its true end', async () => {
        const { caller, desk } = await lines.talk('13800000005');
        await world.crash(async () => {
          await desk.hangup();
          await caller.hangup();
          await Promise.all([watch.end(caller.uuid), watch.end(desk.uuid)]);
        });
        await expectTrueEnd('13800000005', [caller, desk]);
        expect(world.record('13800000005')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
      });

      it('is survived twice', async () => {
        const { caller, desk } = await lines.talk('13800000006');
        await world.crash();
        await world.crash();
        expect(await watch.partnerOf(caller.uuid)).toBe(desk.uuid);
        await desk.hangup();
        await expectTrueEnd('13800000006', [caller, desk]);
      });
    });

    describe('while a phone rings', () => {
      it('rings again, and the talk begins', async () => {
        const caller = await world.switch.dial(lines.desk, '13800000011');
        const lost = await amy.phone.rings();
        await world.crash();
        await watch.end(lost.uuid);
        const desk = await takes(amy, caller);
        await desk.hangup();
        await expectTrueEnd('13800000011', [caller, desk]);
        expect(world.record('13800000011')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
      });

      it('stops the ringing for a caller who gave up meanwhile', async () => {
        const caller = await world.switch.dial(lines.desk, '13800000012');
        const desk = await amy.phone.rings();
        await world.crash(async () => {
          await caller.hangup();
          await watch.end(caller.uuid);
        });
        await watch.end(desk.uuid);
        await world.closedRecord('13800000012');
        expect(world.record('13800000012')?.outcome).not.toBe('connected');
      });
    });

    describe('during a hold', () => {
      it('keeps the customer waiting until the agent takes the call back', async () => {
        const { caller, desk } = await lines.talk('13800000021');
        const callId = world.record('13800000021')?.id;
        await amy.send('POST', `/api/telephony/calls/${callId}/hold`);
        await world.untilStored('13800000021', 'on hold', ({ legs }) => legs[0]?.held === true);
        await world.untilStep('13800000021', 'held');
        const mark = watch.mark;
        await world.crash();
        for (const { uuid } of [caller, desk]) {
          expect(await watch.isThere(uuid)).toBe(true);
          expect(watch.past('CHANNEL_HANGUP', uuid, mark)).toBeNull();
        }
        expect(await watch.partnerOf(caller.uuid)).toBeNull();
        await amy.send('POST', `/api/telephony/calls/${callId}/resume`);
        expect(await watch.partnerOf(caller.uuid)).toBe(desk.uuid);
        await desk.hangup();
        await expectTrueEnd('13800000021', [caller, desk]);
        const { outcome, holdMs } = await world.closedRecord('13800000021');
        expect(outcome).toBe('connected');
        expect(holdMs).toBeGreaterThan(0);
      });
    });

    describe('during a menu', () => {
      it('asks again, and the keys work', async () => {
        const caller = await world.switch.dial(lines.menu, '13800000031');
        const asked = await watch.event('PLAYBACK_START', caller.uuid);
        const mark = watch.mark;
        await world.crash();
        await watch.until(
          () =>
            watch.events
              .slice(mark)
              .some(
                (event) =>
                  event.name === 'PLAYBACK_START' &&
                  event.uuid === caller.uuid &&
                  event.get('Playback-File-Path') === asked.get('Playback-File-Path'),
              ),
          'the menu to be heard again',
        );
        await caller.press('1');
        await world.untilStored('13800000031', 'waiting', ({ position }) => position.ref?.kind === 'queue');
        await amy.presence('available');
        const desk = await takes(amy, caller);
        await desk.hangup();
        await expectTrueEnd('13800000031', [caller, desk]);
        expect(world.record('13800000031')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
      });

      it('closes the record of a caller who hung up meanwhile with the time at which he did', async () => {
        const caller = await world.switch.dial(lines.menu, '13800000032');
        await watch.event('PLAYBACK_START', caller.uuid);
        await world.crash(async () => {
          await caller.hangup();
          await watch.end(caller.uuid);
        });
        await expectTrueEnd('13800000032', [caller]);
        expect(world.record('13800000032')?.outcome).toBe('not-answered-in-ivr');
      });
    });

    describe('during the wait in a queue', () => {
      it('keeps every caller at his place', async () => {
        const first = await lines.wait('13800000041');
        const second = await lines.wait('13800000042');
        await world.crash();
        await amy.presence('available');
        const desk = await takes(amy, first);
        await ben.presence('available');
        const other = await takes(ben, second);
        await first.hangup();
        await other.hangup();
        await expectTrueEnd('13800000041', [first, desk]);
        await expectTrueEnd('13800000042', [second, other]);
      });

      it('gives an agent who is free when it comes back to the one who was first', async () => {
        await amy.presence('available');
        const earlier = await world.switch.dial(lines.queue, '13800000043');
        const busy = await takes(amy, earlier);
        const first = await lines.wait('13800000044');
        const second = await lines.wait('13800000045');
        await world.crash(async () => {
          await earlier.hangup();
          await watch.end(earlier.uuid);
        });
        await watch.end(busy.uuid);
        const desk = await takes(amy, first);
        await desk.hangup();
        const next = await takes(amy, second);
        await next.hangup();
        await Promise.all([first, second].map(({ uuid }) => watch.end(uuid)));
      });

      it('offers a caller once more whose agent was ringing, before those behind him', async () => {
        const first = await lines.wait('13800000046');
        const second = await lines.wait('13800000047');
        await amy.presence('available');
        const lost = await amy.phone.rings();
        await world.crash();
        await watch.end(lost.uuid);
        const desk = await takes(amy, first);
        await second.hangup();
        await desk.hangup();
        await expectTrueEnd('13800000046', [first, desk]);
        await expectTrueEnd('13800000047', [second]);
        expect(world.record('13800000047')?.outcome).toBe('abandoned-in-queue');
      });

      it('forgets a caller who hung up meanwhile, and the next one moves up', async () => {
        const first = await lines.wait('13800000048');
        const second = await lines.wait('13800000049');
        await world.crash(async () => {
          await first.hangup();
          await watch.end(first.uuid);
        });
        await expectTrueEnd('13800000048', [first]);
        expect(world.record('13800000048')?.outcome).toBe('abandoned-in-queue');
        await amy.presence('available');
        const desk = await takes(amy, second);
        await desk.hangup();
        await expectTrueEnd('13800000049', [second, desk]);
      });

      it('lets a caller go whose agent hung up meanwhile, and the agent takes the next one', async () => {
        await amy.presence('available');
        const caller = await world.switch.dial(lines.queue, '13800000053');
        const desk = await takes(amy, caller);
        await world.untilStored('13800000053', 'talking', ({ legs }) => legs[0]?.talksWith === desk.uuid);
        const next = await lines.wait('13800000054');
        await world.crash(async () => {
          await desk.hangup();
          await watch.end(desk.uuid);
        });
        await expectTrueEnd('13800000053', [caller, desk]);
        expect(world.record('13800000053')).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
        const after = await takes(amy, next);
        await after.hangup();
        await expectTrueEnd('13800000054', [next, after]);
      });

      it('does not offer another caller to an agent who talks', async () => {
        await amy.presence('available');
        const caller = await world.switch.dial(lines.queue, '13800000051');
        const desk = await takes(amy, caller);
        await world.untilStored('13800000051', 'talking', ({ legs }) => legs[0]?.talksWith === desk.uuid);
        await world.crash();
        const next = await lines.wait('13800000052');
        expect(await watch.partnerOf(caller.uuid)).toBe(desk.uuid);
        await caller.hangup();
        const after = await takes(amy, next);
        const ended = await watch.end(desk.uuid);
        const created = await watch.event('CHANNEL_CREATE', after.uuid);
        // Whole milliseconds: within one step of the switch's clock both times are the same.
        expect(created.timestamp).toBeGreaterThanOrEqual(Math.floor(ended.at));
        await after.hangup();
        await expectTrueEnd('13800000052', [next, after]);
      });
    });
  });
}
