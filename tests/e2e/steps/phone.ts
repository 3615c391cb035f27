import type { Page } from 'playwright-core';
import { until } from '../../../core/test-kit/until.ts';
import type { Desk } from './desk.ts';

/** A customer at /phone. */
export class Phone {
  readonly desk: Desk;
  readonly page: Page;

  constructor(desk: Desk) {
    this.desk = desk;
    this.page = desk.page;
  }

  async open({ from, name }: { from?: string; name?: string } = {}): Promise<void> {
    const query = new URLSearchParams({ ...(from ? { from } : {}), ...(name ? { name } : {}) });
    await this.desk.open(`/phone?${query}`);
    await this.page.locator('.phone').waitFor();
  }
  async dial(number: string): Promise<void> {
    await this.page.locator('.phone__field').fill(number);
    await this.page.locator('.phone__button.is-call').click();
    await this.page.locator('[data-phase]').waitFor();
  }
  async press(key: string): Promise<void> {
    await this.page.locator('.phone-key', { hasText: key }).first().click();
  }
  async hangUp(): Promise<void> {
    await this.page.locator('.phone__button.is-hangup').click();
    await this.endsWith('here');
  }

  /** `idle` when there is no call. */
  async phase(): Promise<string> {
    return (
      (await this.page
        .locator('[data-phase]')
        .getAttribute('data-phase', { timeout: 1_000 })
        .catch(() => null)) ?? 'idle'
    );
  }
  async is(phase: 'connected' | 'talking' | 'held'): Promise<void> {
    await this.page.locator(`[data-phase=${phase}]`).waitFor();
  }
  async endsWith(ending: string): Promise<void> {
    await this.page.locator(`[data-ending=${ending}]`).waitFor();
  }
  /** Words of a prompt, read on the screen. */
  async hears(words: string | RegExp): Promise<void> {
    await this.page.locator('.phone-hearing__line', { hasText: words }).first().waitFor();
  }
  async heard(): Promise<string[]> {
    return await this.page.locator('.phone-hearing__line').allTextContents();
  }
  async hearsAnything(): Promise<string> {
    return await until('something is heard', async () => (await this.heard()).find((text) => text !== '…'));
  }
}
