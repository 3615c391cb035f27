import { it } from 'vitest';
import { onStage } from './steps/stage.ts';

onStage('a list by days', {}, (stage) => {
  it('[core-51] shows of the operation log what was done in the days that are chosen', async () => {
    const desk = await stage().worker('admin@acme');
    const choose = async (days: string) => {
      await desk.page.locator('.jf-days').click();
      await desk.page.locator('.el-picker-panel__shortcut:visible', { hasText: days }).click();
    };
    await desk.choose('Operation log');
    await desk.row('User created').first().waitFor();
    await choose('Yesterday');
    await desk.sees('Nothing has been logged yet');
    await choose('Last 7 days');
    await desk.row('User created').first().waitFor();
  });
});
