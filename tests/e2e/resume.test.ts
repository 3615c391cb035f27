import { it } from 'vitest';
import { startEmulatorProcess } from '../support/emulator-process.ts';
import { Agent } from './steps/agent.ts';
import type { Phone } from './steps/phone.ts';
import { onStage, type Stage } from './steps/stage.ts';

async function inTalk(
  stage: Stage,
  account: string,
  key: string,
): Promise<{ agent: Agent; customer: Phone }> {
  const agent = new Agent(await stage.worker(account));
  await agent.openWorkbench();
  await agent.goReady();
  const customer = await stage.customer({ from: '13800138000' });
  await customer.dial('4008001234');
  await customer.hearsAnything();
  await customer.press(key);
  await agent.isRinging();
  await agent.answer();
  await customer.is('talking');
  return { agent, customer };
}

onStage('coming back', {}, (stage) => {
  it('shows the talk, its hold and the customer again after a reload of either side', async () => {
    const { agent, customer } = await inTalk(stage(), 'amy@acme', '1');
    await agent.hold();
    await customer.is('held');
    await agent.page.reload();
    await agent.panel('held').waitFor();
    await agent.customerCard('林晓雯').waitFor();
    await customer.page.reload();
    await customer.is('held');
    await agent.resume();
    await customer.is('talking');
    await agent.hangUp();
    await customer.endsWith('otherSide');
  });

  it('catches up with what happened while the connection was away', async () => {
    const { agent, customer } = await inTalk(stage(), 'grace@acme', '2');
    await agent.desk.context.setOffline(true);
    await customer.hangUp();
    await agent.desk.context.setOffline(false);
    await agent.panel('over').waitFor();
    await agent.finishWrapUp();
  });

  it('is not set back by an answer that comes later than what the stream has said since', async () => {
    const agent = new Agent(await stage().worker('henry@acme'));
    await agent.openWorkbench();
    const answer = await agent.desk.holdBack('PUT', 'acd/me');
    await agent.goReady();
    await agent.desk.request('PUT', 'acd/me', { presence: 'break', breakReason: 'rest' });
    await agent.isOnBreak();
    await answer.give();
    // The menu rests until the answer has been taken in.
    await agent.page.locator('.acd-status .el-dropdown:not(.is-disabled)').waitFor();
    await agent.isOnBreak();
  });
});

/** With the switch in a process of its own, as in production: its calls do not end with the server. */
async function ownEmulator() {
  const emulator = await startEmulatorProcess();
  return { env: { FREESWITCH_URL: emulator.url }, cleanUp: () => emulator.stop() };
}

onStage('coming back after kill -9 of the server', ownEmulator, (stage) => {
  it('finds the talk as it was: nobody signs in again, and both sides hear each other', async () => {
    const { agent, customer } = await inTalk(stage(), 'amy@acme', '1');
    await stage().killAndRestart();
    await agent.isTalking();
    await agent.hold();
    await customer.is('held');
    await agent.resume();
    await customer.is('talking');
    await agent.hangUp();
    await customer.endsWith('otherSide');
  });
});
