import { it } from 'vitest';
import { Agent } from './steps/agent.ts';
import { onStage } from './steps/stage.ts';

const hotline = '4008001234';
const known = { number: '13800138000', name: '林晓雯' };
const stranger = { number: '13912345678', name: 'Nora Quill' };

onStage('the name of who calls', {}, (stage) => {
  /** From this number, until the phone of this agent rings: nobody else is ready. */
  async function isCalled(agent: Agent, from: string) {
    const customer = await stage().customer({ from });
    await customer.dial(hotline);
    await customer.hearsAnything();
    await customer.press('1');
    await agent.isRinging();
    return customer;
  }

  it('[crm-47] stands on the ringing call and in the list of contacts when we know it', async () => {
    const amy = new Agent(await stage().worker('amy@acme'));
    await amy.openWorkbench();
    await amy.goReady();
    const customer = await isCalled(amy, known.number);
    await amy.panel('ringing').getByRole('heading', { name: known.name }).waitFor();
    await amy.page.locator('.jf-contact__name', { hasText: known.name }).waitFor();
    await amy.page.locator('.tel-bar__name', { hasText: known.name }).waitFor();
    await amy.answer();
    await amy.hangUp();
    await customer.endsWith('otherSide');
    await amy.finishWrapUp();
    await amy.page.locator('.int-recent__name', { hasText: known.name }).waitFor();
  });

  it('[crm-40] [crm-43] comes to the open contact as soon as the customer is saved, and changes with it', async () => {
    const amy = new Agent(await stage().worker('amy@acme'));
    await amy.openWorkbench();
    await amy.isReady();
    await isCalled(amy, stranger.number);
    const name = amy.page.locator('.jf-contact__name');
    await name.getByText('+86139****5678').waitFor();
    await amy.answer();
    const field = amy.page.locator('.jf-workbench__right input').first();
    await field.fill(stranger.name);
    await field.press('Enter');
    await name.getByText(stranger.name).waitFor();
    await amy.panel('talking').getByRole('heading', { name: stranger.name }).waitFor();
    await amy.customerCard(stranger.name).locator('input').first().fill('Nora Quillon');
    await amy.page.keyboard.press('Tab');
    await name.getByText('Nora Quillon').waitFor();
    await amy.hangUp();
    await amy.finishWrapUp();
  });
});
