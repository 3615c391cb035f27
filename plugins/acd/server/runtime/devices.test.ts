import { fakeClock } from '@jackfield/core/test-kit';
import { expect, it } from 'vitest';
import { fakeDesk } from '../testing/runtime.fixture.ts';
import { createDevices } from './devices.ts';

/** Two agents who are signed in, and a switch whose phones the test holds. */
async function phones() {
  const clock = fakeClock();
  const desk = fakeDesk(undefined, clock);
  await desk.runtime.start();
  for (const userId of ['amy', 'ben']) {
    await desk.runtime.send({ type: 'presence', userId, presence: 'available', reason: null });
  }
  const there = new Set<string>();
  const asked: string[] = [];
  const state = { up: true, fails: false };
  const devices = createDevices({
    clock,
    log: { warn: () => undefined } as never,
    runtime: desk.runtime,
    telephony: {
      isReachable: async (userId) => {
        asked.push(userId);
        if (state.fails) throw new Error('the database is away');
        return state.up && there.has(userId);
      },
    },
    activeCalls: () => [],
    isSwitchUp: () => state.up,
    inScope: (work) => work(),
  });
  const shown = () => ['amy', 'ben'].map((userId) => desk.runtime.agentView(userId)?.shown);
  return { clock, devices, there, asked, state, shown };
}

it('a burst of registrations is one look, at those who were not ready', async () => {
  const { clock, devices, there, asked, shown } = await phones();
  there.add('amy');
  devices.registrationChanged(true);
  await clock.advance(100);
  expect(shown()).toEqual(['idle', 'unreachable']);
  asked.length = 0;
  for (let n = 0; n < 50; n += 1) devices.registrationChanged(true);
  await clock.advance(100);
  expect(asked).toEqual(['ben']);
});

it('a phone that goes away is noticed', async () => {
  const { clock, devices, there, shown } = await phones();
  there.add('amy').add('ben');
  devices.checkAllSoon();
  await clock.advance(100);
  there.delete('ben');
  devices.registrationChanged(false);
  await clock.advance(100);
  expect(shown()).toEqual(['idle', 'unreachable']);
});

it('agents can be reached within a second of the switch coming back, though no phone registers anew', async () => {
  const { clock, devices, there, state, shown } = await phones();
  there.add('amy').add('ben');
  state.up = false;
  devices.checkAllSoon();
  await clock.advance(100);
  expect(shown()).toEqual(['unreachable', 'unreachable']);
  state.up = true;
  await clock.advance(1_000);
  expect(shown()).toEqual(['idle', 'idle']);
});

it('a phone that could not be looked at is looked at again in a second', async () => {
  const { clock, devices, there, state, shown } = await phones();
  there.add('amy').add('ben');
  state.fails = true;
  await devices.check('amy');
  state.fails = false;
  await clock.advance(1_000);
  expect(shown()).toEqual(['idle', 'idle']);
});

it('a phone that was looked at while the switch was away is looked at again when it is back', async () => {
  const { clock, devices, there, state, shown } = await phones();
  there.add('amy').add('ben');
  state.up = false;
  await devices.check('amy');
  expect(shown()).toEqual(['unreachable', 'unreachable']);
  state.up = true;
  await clock.advance(1_000);
  expect(shown()).toEqual(['idle', 'idle']);
});

it('what no event tells is found out in half a minute', async () => {
  const { clock, devices, there, shown } = await phones();
  devices.checkAllSoon();
  await clock.advance(100);
  there.add('amy');
  await clock.advance(30_100);
  expect(shown()).toEqual(['idle', 'unreachable']);
  devices.stop();
  expect(clock.pending()).toBe(0);
});
