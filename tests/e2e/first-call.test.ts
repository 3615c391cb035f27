import { expect, it } from 'vitest';
import { Agent } from './steps/agent.ts';
import { CallRecord } from './steps/call-record.ts';
import { onStage } from './steps/stage.ts';

const hotline = '4008001234';
const known = { number: '13800138000', name: '林晓雯' };

onStage('one call, all the way', {}, (stage) => {
  it('[acd-15] [crm-43] [recording-05] goes from a dialled number to an answered agent, and leaves its record', async () => {
    const desk = await stage().desk();
    await desk.signIn('amy@acme');
    await desk.speak('en');
    const amy = new Agent(desk);
    await amy.openWorkbench();
    await amy.goReady();

    const customer = await stage().customer({ from: known.number });
    await customer.dial(hotline);
    await customer.hearsAnything();
    const pressedAt = performance.now();
    await customer.press('1');
    await amy.isRinging();
    console.log(`The agent's tab rang ${Math.round(performance.now() - pressedAt)} ms after the key.`);

    // Who it is stands there before the answer.
    await amy.customerCard(known.name).waitFor();
    expect(await customer.phase()).toBe('connected');

    await amy.answer();
    await customer.is('talking');
    await amy.hold();
    await customer.is('held');
    await amy.resume();
    await customer.is('talking');
    await amy.hangUp();
    await customer.endsWith('otherSide');
    await amy.finishWrapUp();

    const record = await CallRecord.open(desk);
    const steps = await record.steps();
    const expected = ['queued', 'offered', 'talk-started', 'held', 'resumed', 'talk-ended'];
    expect(steps.map(({ kind }) => kind).filter((kind) => expected.includes(kind))).toEqual(expected);
    const times = steps.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));

    await record.play();
    await expect.poll(() => record.position()).toBeGreaterThan(0);
    await record.pause();
    const half = Math.floor(((await record.duration()) / 2) * 10) / 10;
    expect(half).toBeGreaterThan(0);
    await record.seek(half);
    await expect.poll(() => record.position()).toBeCloseTo(half, 1);
  });

  it('can be worked with at 1280 × 720 in both languages, light and dark, and comes back after a reload', async () => {
    const desk = await stage().worker('grace@acme');
    const grace = new Agent(desk);
    await grace.openWorkbench();
    await grace.goReady();
    await desk.shots('workbench', () => grace.isReady());

    const customer = await stage().customer({ from: known.number });
    await customer.desk.shot('phone-idle');
    await customer.dial(hotline);
    await customer.hearsAnything();
    await customer.desk.shot('phone-menu');
    await customer.press('2');
    await grace.isRinging();
    await desk.shots('ringing', async () => {
      await grace.isRinging();
      await grace.customerCard(known.name).waitFor();
    });
    await grace.answer();
    await customer.is('talking');
    await customer.desk.shot('phone-talking');
    await desk.shots('talking', async () => {
      await grace.isTalking();
      await grace.customerCard(known.name).waitFor();
    });
    await customer.hangUp();
    await grace.panel('over').waitFor();
    await desk.shots('wrap-up', () => grace.panel('over').waitFor());
    await grace.finishWrapUp();

    const record = await CallRecord.open(desk);
    await desk.shots('record', async () => {
      await record.root.locator('.tel-steps').waitFor();
      await record.play();
    });

    const admin = await stage().worker('admin@acme');
    await admin.open('/admin/plugins');
    await admin.shots('plugins', () => admin.page.locator('.jf-plugin').first().waitFor());
  });

  it('has pages for all that an administrator sets up, none wider than the window', async () => {
    const admin = await stage().worker('admin@acme');
    for (const [path, name] of [
      ['/p/telephony/numbers', 'numbers'],
      ['/p/telephony/extensions', 'extensions'],
      ['/p/telephony/calls', 'calls'],
      ['/p/interactions/history', 'history'],
      ['/p/ivr/flows', 'flows'],
      ['/p/acd/queues', 'queues'],
      ['/p/acd/agents', 'agents'],
      ['/p/acd/live', 'live'],
      ['/p/crm/customers', 'customers'],
      ['/p/voicemail/messages', 'messages'],
      ['/p/voicemail/boxes', 'boxes'],
    ] as const) {
      await admin.open(path);
      await admin.page.locator('.jf-list__frame, .jf-page .jf-state, .jf-page .el-table').first().waitFor();
      expect(await admin.page.locator('.jf-state--error').count(), name).toBe(0);
      expect(await admin.page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(
        1280,
      );
      await admin.shot(`page-${name}`);
    }
  });
});
