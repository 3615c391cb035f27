import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../freeswitch/harness/index.ts';
import { emulatorSwitch } from './emulator-switch.ts';
import { type Hotlines, NEAR_MS, openHotlines } from './hotlines.ts';
import type { SwitchWatch } from './switch-watch.ts';
import { type Agent, World } from './world.ts';

describe('The event socket is cut', () => {
  let world: World;
  let watch: SwitchWatch;
  let amy: Agent;
  let lines: Hotlines;
  beforeAll(async () => {
    world = await World.begin(await emulatorSwitch());
    watch = world.switch.watch;
    amy = await world.agent('amy');
    lines = await openHotlines(world, 'Wire', [amy]);
  });
  afterAll(() => world?.stop());
  afterEach(() => lines.clear());

  /** No bytes pass for so long, whatever happens on either side; then the server finds its way back. */
  async function cutFor(ms: number, meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    const until = Date.now() + ms;
    world.wire.cut();
    await eventually(async () => (await world.readiness()).checks.switch !== null, 'the loss to be noticed');
    await meanwhile();
    await eventually(() => Date.now() >= until, 'the end of the cut', ms + 1_000);
    world.wire.mend();
    await world.ready();
  }

  it.each([1_000, 10_000])('for %i ms in a talk: nobody notices', async (ms) => {
    const from = `1390000${ms}`;
    const { caller, desk } = await lines.talk(from);
    const mark = watch.mark;
    await cutFor(ms);
    expect(await watch.partnerOf(caller.uuid)).toBe(desk.uuid);
    expect(watch.past('CHANNEL_UNBRIDGE', caller.uuid, mark)).toBeNull();
    await caller.hangup();
    const ends = await Promise.all([caller, desk].map(({ uuid }) => watch.end(uuid)));
    const record = await world.closedRecord(from);
    expect(record).toMatchObject({ outcome: 'connected', agentUserId: amy.id });
    expect(Math.abs(record.endedAt - Math.max(...ends.map(({ at }) => at)))).toBeLessThan(NEAR_MS);
  });

  it.each([1_000, 10_000])('for %i ms while two wait in a queue: both keep their places', async (ms) => {
    const callers: { uuid: string; hangup(): Promise<void> }[] = [];
    for (const from of [`1391000${ms}`, `1392000${ms}`]) {
      callers.push(await lines.wait(from));
    }
    await cutFor(ms);
    await amy.presence('available');
    for (const caller of callers) {
      const desk = await amy.phone.rings();
      await desk.answer();
      await eventually(
        async () => (await watch.partnerOf(desk.uuid)) === caller.uuid,
        'the one who was first',
      );
      await desk.hangup();
      await watch.end(caller.uuid);
    }
  });

  it('during a menu: it is heard again, and the keys work', async () => {
    const caller = await world.switch.dial(lines.menu, '13930000004');
    const asked = await watch.event('PLAYBACK_START', caller.uuid);
    const mark = watch.mark;
    await cutFor(1_000);
    await watch.until(
      () =>
        watch.events
          .slice(mark)
          .some(
            (event) =>
              event.name === 'PLAYBACK_START' &&
              event.get('Playback-File-Path') === asked.get('Playback-File-Path'),
          ),
      'the menu to be heard again',
    );
    await caller.press('1');
    await world.untilStored('13930000004', 'waiting', ({ position }) => position.ref?.kind === 'queue');
    await caller.hangup();
    expect(await world.closedRecord('13930000004')).toMatchObject({ outcome: 'abandoned-in-queue' });
  });

  it('while an agent is rung: that ringing ends, and he is rung again', async () => {
    const caller = await world.switch.dial(lines.desk, '13930000005');
    const lost = await amy.phone.rings();
    await cutFor(1_000);
    await watch.end(lost.uuid);
    const desk = await amy.phone.rings();
    await desk.answer();
    await eventually(async () => (await watch.partnerOf(desk.uuid)) === caller.uuid, 'the talk');
    await desk.hangup();
    expect(await world.closedRecord('13930000005')).toMatchObject({ outcome: 'connected' });
  });

  it('and a caller hangs up meanwhile: the record ends when he did', async () => {
    const caller = await lines.wait('13930000001');
    await cutFor(1_000, async () => {
      await caller.hangup();
      await watch.end(caller.uuid);
    });
    const record = await world.closedRecord('13930000001');
    const { at } = await watch.end(caller.uuid);
    expect(record.outcome).toBe('abandoned-in-queue');
    expect(Math.abs(record.endedAt - at)).toBeLessThan(NEAR_MS);
  });

  it('and an agent hangs up meanwhile: his customer is let go', async () => {
    const { caller, desk } = await lines.talk('13930000002');
    await cutFor(1_000, async () => {
      await desk.hangup();
      await watch.end(desk.uuid);
    });
    await watch.end(caller.uuid);
    expect(await world.closedRecord('13930000002')).toMatchObject({ outcome: 'connected' });
  });

  it('and a customer calls meanwhile: he is served when it is back', async () => {
    let caller: { uuid: string; hangup(): Promise<void> } | undefined;
    await cutFor(1_000, async () => {
      caller = await world.switch.dial(lines.desk, '13930000003');
    });
    const desk = await amy.phone.rings();
    await desk.answer();
    await eventually(async () => (await watch.partnerOf(desk.uuid)) === caller?.uuid, 'the talk');
    await desk.hangup();
    expect(await world.closedRecord('13930000003')).toMatchObject({ outcome: 'connected' });
  });
});
