import { expect, it } from 'vitest';
import { onStage } from './steps/stage.ts';

const phone = { size: { width: 390, height: 844 } };

onStage('a screen as narrow as a phone', {}, (stage) => {
  it.each(['en', 'zh-CN'] as const)(
    '[core-55] is no page wider than, and the menu lies over it until it is not needed, in %s',
    async (locale) => {
      const desk = await stage().worker('admin@acme', { ...phone, locale });
      const { page } = desk;
      const addresses = await page
        .locator('.jf-nav__item')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
      expect(addresses.length).toBeGreaterThan(10);
      for (const address of [...addresses, '/account']) {
        await desk.open(address);
        await page.locator('.jf-page__title, .jf-workbench').first().waitFor();
        expect(await page.evaluate(() => document.documentElement.scrollWidth), address).toBeLessThanOrEqual(
          390,
        );
      }
      const menu = page.locator('.jf-nav');
      expect(await menu.isVisible()).toBe(false);
      await page.locator('.jf-icon-button.is-nav').click();
      await menu.waitFor();
      await page.keyboard.press('Escape');
      await menu.waitFor({ state: 'hidden' });
      await page.locator('.jf-icon-button.is-nav').click();
      await menu.locator('[href="/admin/users"]').click();
      await page.locator('.el-table__row').first().waitFor();
      expect(await menu.isVisible()).toBe(false);
    },
  );

  it('takes what is typed at once into the form that opens, and saves it with Enter', async () => {
    const desk = await stage().worker('admin@acme');
    await desk.choose('Extensions');
    await desk.button('Add extension').click();
    await desk.drawer.root.locator('input:focus').waitFor();
    await desk.page.keyboard.type('7777');
    await desk.page.keyboard.press('Enter');
    await desk.row('7777').waitFor();
  });
});
