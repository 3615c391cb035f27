import { rm } from 'node:fs/promises';
import { startTestSwitch, type TestSwitch } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bye, flowOf, type Hotline, menu, nodesOf, openHotline } from './testing/hotline.fixture.ts';

let outside: TestSwitch;
let hotline: Hotline;
beforeAll(async () => {
  outside = await startTestSwitch();
  hotline = await openHotline({ env: { FREESWITCH_URL: outside.url } }, outside.emulator);
});
afterAll(async () => {
  await hotline.app.stop();
  await outside.stop();
  await rm(hotline.app.dataDir, { recursive: true, force: true });
});

describe('a call whose server is started again', () => {
  it('goes on where it was, on the version it began with', async () => {
    const flow = await hotline.create(
      'Hotline',
      flowOf(menu('main', { 2: 'below' }), menu('below', { 1: 'old', 2: 'other' }), bye('old'), bye('other')),
    );
    await hotline.publish(flow);
    await hotline.lead(flow);
    const before = hotline.call();
    await before.press('2', 1);
    await before.asked(2);
    await hotline.save(flow.id, flowOf(menu('main', { 2: 'new' }), bye('new')));
    await hotline.publish(flow);

    hotline = await hotline.restart();
    const after = hotline.call(before.from);
    // The menu below, not the main one, asks again.
    await after.press('1', 1);
    const steps = await after.steps();
    expect(nodesOf(steps)).toEqual(['main', 'below', 'old']);
    expect(steps.filter(({ kind }) => kind === 'ivr.entered')).toHaveLength(1);
  });
});
