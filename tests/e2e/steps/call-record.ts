import type { Locator } from 'playwright-core';
import type { Desk } from './desk.ts';

/** The record of a call, opened from the list of calls. */
export class CallRecord {
  readonly root: Locator;
  readonly #desk: Desk;

  private constructor(desk: Desk) {
    this.#desk = desk;
    this.root = desk.page.locator('.el-drawer:visible');
  }

  /** The newest one. */
  static async open(desk: Desk): Promise<CallRecord> {
    await desk.open('/p/telephony/calls');
    await desk.page.locator('.el-table__body tr').first().click();
    const record = new CallRecord(desk);
    await record.root.locator('.tel-steps').waitFor();
    return record;
  }

  /** What happened, in order: its kind, whatever the language, and the time since the begin of the call, in seconds. */
  async steps(): Promise<readonly { readonly at: number; readonly kind: string }[]> {
    return await this.root.locator('.tel-steps li').evaluateAll((lines) =>
      lines.map((line) => {
        const time = /\+(\d+):(\d+)/.exec(line.querySelector('.tel-steps__at')?.textContent ?? '');
        return {
          at: Number(time?.[1]) * 60 + Number(time?.[2]),
          kind: line.className.replace(/^.*\bis-/, ''),
        };
      }),
    );
  }

  get player(): Locator {
    return this.root.locator('.rec-player');
  }
  async play(): Promise<void> {
    await this.player.getByRole('button', { name: /Play|播放/ }).click();
    await this.player.getByRole('button', { name: /Pause|暂停/ }).waitFor();
  }
  async pause(): Promise<void> {
    await this.player.getByRole('button', { name: /Pause|暂停/ }).click();
    await this.player.getByRole('button', { name: /Play|播放/ }).waitFor();
  }
  /** Seconds from the begin. */
  async seek(to: number): Promise<void> {
    await this.player.locator('.jf-sound__seek').fill(String(to));
  }
  async position(): Promise<number> {
    return await this.player.locator('audio').evaluate((audio: HTMLAudioElement) => audio.currentTime);
  }
  async duration(): Promise<number> {
    return await this.player.locator('audio').evaluate((audio: HTMLAudioElement) => audio.duration);
  }
  async close(): Promise<void> {
    await this.#desk.page.keyboard.press('Escape');
    await this.root.waitFor({ state: 'hidden' });
  }
}
