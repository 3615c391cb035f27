import { expect, it } from 'vitest';
import { Agent } from './steps/agent.ts';
import { onStage } from './steps/stage.ts';

const hotline = '4008001234';

onStage('one call, all the way', {}, (stage) => {
  it('[acd-15] [crm-43] [recording-05] from a dialled number to an answered agent, and to its record', async () => {
    const desk = await stage().desk();
    await desk.signIn('amy@acme');
    await desk.speak('en');
    const amy = new Agent(desk);
    await amy.openWorkbench();
    await amy.goReady();

    const customer = await stage().customer({ from: '13800138000' });
    await customer.dial(hotline);
    await customer.hearsAnything();
    const pressedAt = performance.now();
    await customer.press('1');
    await amy.isRinging();
    const ringsAfter = Math.round(performance.now() - pressedAt);
    console.log(`The agent's tab rang ${ringsAfter} ms after the key.`);

    // Who it is stands there before the answer.
    await amy.customerCard('林晓雯').waitFor();
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
  });
});
