import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);

/** Where screenshots go; not kept in the repository. */
const shots = resolve(import.meta.dirname, '../.artifacts/screenshots');

export async function launchBrowser(extra: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...extra,
    ],
  });
}

export interface Look {
  readonly locale?: 'en' | 'zh-CN';
  readonly dark?: boolean;
  /** 1280 × 720 unless given. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** A profile of its own, as of another person at another desk. Faults of the page are collected in `faults`. */
export async function newDesk(
  browser: Browser,
  look: Look = {},
): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  const context = await browser.newContext({
    viewport: look.size ?? { width: 1280, height: 720 },
    locale: look.locale ?? 'en',
    colorScheme: look.dark ? 'dark' : 'light',
    timezoneId: 'Asia/Shanghai',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // An answer of 4xx, or none, is the page's to show; Chromium also writes it down.
    if (
      message.type() === 'error' &&
      !/^Failed to load resource|^WebSocket connection to/.test(message.text())
    )
      faults.push(message.text());
  });
  return { context, page, faults };
}

export async function screenshot(page: Page, name: string): Promise<void> {
  const path = join(shots, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
}
