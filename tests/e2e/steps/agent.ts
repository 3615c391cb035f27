import type { Locator, Page } from 'playwright-core';
import type { Desk } from './desk.ts';

/**
 * An agent at the workbench, by keyboard wherever there is a key for it. Words differ with the language, so parts are
 * found by their place.
 */
export class Agent {
  readonly desk: Desk;
  readonly page: Page;

  constructor(desk: Desk) {
    this.desk = desk;
    this.page = desk.page;
  }

  async openWorkbench(): Promise<void> {
    await this.desk.open('/workbench');
    await this.page.locator('.jf-workbench').waitFor();
  }
  async goReady(): Promise<void> {
    // Ready means: signed in, and the phone is there.
    await this.page.locator('.tel-phone:not(.is-off)').waitFor();
    await this.page.keyboard.press('Alt+r');
    await this.isReady();
  }
  async isReady(): Promise<void> {
    await this.page.locator('.acd-status .acd-state.is-idle').waitFor();
  }
  async isOnBreak(): Promise<void> {
    await this.page.locator('.acd-status .acd-state.is-break').waitFor();
  }
  /** The call in the middle of the screen. */
  async isRinging(): Promise<void> {
    await this.panel('ringing').waitFor();
  }
  async isTalking(): Promise<void> {
    await this.panel('talking').waitFor();
  }
  panel(state: 'ringing' | 'talking' | 'held' | 'over'): Locator {
    return this.page.locator(`.tel-panel.is-${state}`);
  }
  async answer(): Promise<void> {
    await this.page.keyboard.press('Alt+a');
    await this.isTalking();
  }
  async hold(): Promise<void> {
    await this.page.keyboard.press('Alt+h');
    await this.panel('held').waitFor();
  }
  /** With the mouse, so that both ways are shown. */
  async resume(): Promise<void> {
    await this.panel('held').locator('.el-button--primary').click();
    await this.isTalking();
  }
  async hangUp(): Promise<void> {
    await this.panel('talking').locator('.el-button--danger').click();
    await this.panel('talking').waitFor({ state: 'detached' });
  }
  async finishWrapUp(): Promise<void> {
    await this.page.locator('.jf-contact.is-wrap-up').waitFor();
    await this.page.keyboard.press('Alt+w');
    await this.page.locator('.jf-contact').waitFor({ state: 'detached' });
    await this.isReady();
  }

  /** The screen pop. */
  customerCard(name?: string): Locator {
    return this.page.locator('.jf-workbench__right .crm-card', name ? { hasText: name } : {});
  }
}
