import { expect, it } from 'vitest';
import { Agent } from './steps/agent.ts';
import { onStage } from './steps/stage.ts';

onStage('the softphone bar', {}, (stage) => {
  it('[telephony-41] [telephony-42] dials by its button, by Enter and from the recent numbers', async () => {
    const desk = await stage().worker('ben@acme');
    const ben = new Agent(desk);
    await ben.openWorkbench();
    const { page } = desk;
    const field = page.locator('.tel-bar input');
    const talking = page.locator('.tel-bar .is-talking');
    const hangUp = async () => {
      await page.locator('.tel-bar').getByRole('button', { name: 'Hang up' }).click();
      await field.waitFor();
    };

    await field.fill('138 0013 8077');
    await page.getByRole('button', { name: 'Dial', exact: true }).click();
    await talking.waitFor();
    await hangUp();

    await field.fill('13900139077');
    await field.press('Enter');
    await talking.waitFor();
    await hangUp();

    await field.click();
    const recent = page.locator('.tel-recent li');
    await recent.first().waitFor();
    expect(await recent.allInnerTexts()).toEqual(['+86139****9077', '+86138****8077']);
    await recent.last().click();
    await talking.waitFor();
    await expect.poll(() => page.locator('.tel-bar__name').innerText()).toBe('+86138****8077');
    await hangUp();

    await field.fill('not a number');
    await field.press('Enter');
    await page.getByText('A number has digits').waitFor();
  });
});
