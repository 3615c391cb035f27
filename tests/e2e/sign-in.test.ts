import { expect, it } from 'vitest';
import { solveCaptcha } from './steps/captcha.ts';
import type { Desk } from './steps/desk.ts';
import { onStage } from './steps/stage.ts';

onStage('signing in', {}, (stage) => {
  const wrong = 'not-the-password-1';

  async function tryWrong(desk: Desk, account: string, times: number): Promise<void> {
    for (let tried = 0; tried < times; tried += 1) {
      if (await desk.page.locator('.jf-captcha').isVisible()) await solveCaptcha(desk.page);
      const answered = desk.page.waitForResponse((response) => response.url().endsWith('/sign-in'));
      await desk.enterPassword(account, wrong);
      await (await answered).finished();
      await desk.button('Sign in').and(desk.page.locator(':not(.is-loading)')).waitFor();
    }
  }

  it('[core-33] [core-35] counts the attempts down, and after the third asks for the slider', async () => {
    const ben = await stage().desk();
    await ben.open('/');
    for (const left of [9, 8, 7]) {
      expect(await ben.page.locator('.jf-captcha').count()).toBe(0);
      await tryWrong(ben, 'ben@acme', 1);
      await ben.sees(`${left} attempts remain`);
    }
    await ben.page.locator('.jf-captcha').waitFor();
    // The right password alone is not enough now; with the piece in its gap it is.
    await ben.page.locator('input[autocomplete=current-password]').fill(await stage().server.password());
    expect(await ben.button('Sign in').isDisabled()).toBe(true);
    await solveCaptcha(ben.page);
    await ben.button('Sign in').click();
    await ben.page.locator('.jf-user').waitFor();
  });

  it('[core-34] [core-36] locks the account after the tenth, until an administrator unlocks it', async () => {
    const chloe = await stage().desk();
    await chloe.open('/');
    await tryWrong(chloe, 'chloe@acme', 10);
    await chloe.sees('This account is locked for today');

    const right = await stage().server.password();
    const direct = await chloe.request('POST', 'core/sign-in', { account: 'chloe@acme', password: right });
    expect(direct).toMatchObject({ status: 423, body: { code: 'ACCOUNT_LOCKED' } });

    const admin = await stage().worker('admin@acme');
    await admin.choose('Users');
    await admin.row('chloe').getByText('Locked').waitFor();
    await admin.command(admin.row('chloe'), 'Unlock');
    await admin.row('chloe').getByText('Active').waitFor();

    await chloe.signIn('chloe@acme');
  });

  it('[core-37] puts a disabled user out at once and says so at the next sign-in', async () => {
    const david = await stage().worker('david@acme');
    const admin = await stage().worker('admin@acme');
    await admin.choose('Users');
    await admin.command(admin.row('david'), 'Disable');
    await admin.confirm('Disable');
    await admin.row('david').getByText('Disabled').waitFor();

    await david.page.locator('.jf-sign-in').waitFor();
    await david.enterPassword('david@acme', await stage().server.password());
    await david.sees('This account is disabled. Contact customer service to open it.');

    await admin.command(admin.row('david'), 'Enable');
    await admin.row('david').getByText('Active').waitFor();
    await david.signIn('david@acme');
  });

  it('[core-38] keeps user and page over a reload', async () => {
    const admin = await stage().desk();
    await admin.signIn('admin@acme');
    await admin.speak('en');
    for (const path of ['/admin/roles', '/account']) {
      await admin.open(path);
      await admin.page.locator('.jf-page').waitFor();
      await admin.page.reload();
      await admin.page.locator('.jf-page').waitFor();
      expect(admin.path).toBe(path);
      expect(await admin.page.locator('.jf-user').isVisible()).toBe(true);
    }
  });
});
