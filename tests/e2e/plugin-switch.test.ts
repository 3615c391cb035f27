import { expect, it } from 'vitest';
import { Agent } from './steps/agent.ts';
import type { Desk } from './steps/desk.ts';
import { onStage } from './steps/stage.ts';

onStage('switching a plugin off and on', {}, (stage) => {
  async function turn(admin: Desk, title: string, on: boolean): Promise<void> {
    await admin.page.locator('.jf-plugin', { hasText: title }).locator('.el-switch').click();
    if (!on) await admin.confirm('Switch off');
    await admin.sees(on ? `“${title}” is on.` : `“${title}” is off.`);
  }

  /** Another customer of the same installation, with everything that is there. */
  async function globex(): Promise<Desk> {
    const operator = await stage().worker('operator');
    const password = await stage().server.password();
    await operator.post('core/tenants', {
      slug: 'globex',
      name: 'Globex',
      timeZone: 'Europe/London',
      locale: 'en',
      admin: { username: 'admin', name: 'Ada', password },
    });
    const admin = await stage().desk();
    await admin.post('core/sign-in', { account: 'admin@globex', password });
    await admin.request('PUT', 'core/plugins/crm', { enabled: true, cascade: true });
    await admin.arrive('admin@globex');
    return admin;
  }

  it('[core-58] takes crm away at once in the open tab, keeps it for others, and brings it back', async () => {
    const others = await globex();
    await others.menu('Customers').waitFor();

    const desk = await stage().worker('amy@acme');
    const amy = new Agent(desk);
    await amy.openWorkbench();
    await amy.goReady();
    const customer = await stage().customer({ from: '13800138000' });
    await customer.dial('4008001234');
    await customer.hearsAnything();
    await customer.press('1');
    await amy.isRinging();
    await amy.answer();
    await amy.customerCard('林晓雯').waitFor();
    expect((await desk.request('GET', 'crm/customers')).status).toBe(200);

    const admin = await stage().worker('admin@acme');
    await admin.choose('Functions');
    await turn(admin, 'Customers', false);

    // In the tab as it stands: nobody reloads it.
    await amy.customerCard().waitFor({ state: 'detached' });
    await desk.menu('Customers').waitFor({ state: 'detached' });
    expect(await desk.request('GET', 'crm/customers')).toMatchObject({
      status: 404,
      body: { code: 'PLUGIN_NOT_ENABLED' },
    });
    // The talk does not mind.
    await amy.isTalking();
    expect(await customer.phase()).toBe('talking');
    // Another customer of the installation keeps it.
    expect((await others.request('GET', 'crm/customers')).status).toBe(200);
    expect(await others.menu('Customers').count()).toBe(1);

    await turn(admin, 'Customers', true);
    await amy.customerCard('林晓雯').waitFor();
    await desk.menu('Customers').waitFor();
    expect((await desk.request('GET', 'crm/customers')).status).toBe(200);
    await customer.hangUp();
  });
});
