import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/root.ts';
import { onStage } from './steps/stage.ts';

/** Plugins that fail on purpose say so in the log. */
const options = {
  env: { PLUGIN_DIRS: join(root, 'tests/fixtures/health') },
  mayLog: /gives-up/,
};

onStage('what has stopped working', options, (stage) => {
  it('[core-60] tells an operator that all is well', async () => {
    const desk = await stage().worker('operator');
    await desk.menu('Health').click();
    await desk.sees('All is well');
    await desk.sees('Connected');
  });

  it('[core-60] [core-51] names what rests and what failed, and has it tried again or given up', async () => {
    const admin = await stage().worker('admin@acme');
    for (let n = 0; n < 20; n += 1) await admin.request('GET', 'gives-up/work');
    await admin.post('gives-up/ask');

    const desk = await stage().worker('operator');
    await expect
      .poll(async () => (await desk.get<{ failedJobs: unknown[] }>('core/health')).failedJobs.length)
      .toBe(1);
    await desk.shots('health', async () => {
      await desk.open('/admin/health');
      await desk.page.getByText('gives-up:sweep').waitFor();
    });
    await desk.sees('the route is out of order');
    await desk.sees('20 errors within a minute');
    await desk.button('Try again now').click();
    await desk.page.getByText('the route is out of order').waitFor({ state: 'detached' });

    await desk.button('Give up').click();
    await desk.confirm('Give up');
    await desk.page.getByText('gives-up:sweep').waitFor({ state: 'detached' });
    await desk.sees('All is well');

    await desk.choose('Operation log');
    await desk.row('Resting point tried again').waitFor();
    await desk.row('Job given up').waitFor();
  });

  it('[core-42] shows a tenant’s administrator neither the page nor what stands on it', async () => {
    const admin = await stage().worker('admin@acme');
    expect(await admin.menu('Health').count()).toBe(0);
    expect((await admin.request('GET', 'core/health')).status).toBe(403);
    await admin.open('/admin/health');
    await admin.sees('You do not have the permission for this page');
  });
});
