import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { type Look, newDesk, screenshot } from '../../support/browser.ts';
import type { ServerProcess } from '../../support/server-process.ts';

/** One person's browser, and what people do in the frame of the workbench. */
export class Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly server: ServerProcess;
  /** What pages threw. */
  readonly faults: readonly string[];

  private constructor(server: ServerProcess, opened: Awaited<ReturnType<typeof newDesk>>) {
    this.server = server;
    this.context = opened.context;
    this.page = opened.page;
    this.faults = opened.faults;
    this.page.setDefaultTimeout(10_000);
  }

  static async open(browser: Browser, server: ServerProcess, look?: Look): Promise<Desk> {
    return new Desk(server, await newDesk(browser, look));
  }

  get path(): string {
    return new URL(this.page.url()).pathname;
  }
  async open(path: string): Promise<void> {
    await this.page.goto(this.server.url + path);
  }

  /** Through the form, as people do. */
  async signIn(account: string, password?: string): Promise<void> {
    await this.open('/');
    await this.enterPassword(account, password ?? (await this.server.password()));
    await this.page.locator('.jf-user').waitFor();
  }
  async enterPassword(account: string, password: string): Promise<void> {
    await this.page.locator('input[autocomplete=username]').fill(account);
    await this.page.locator('input[autocomplete=current-password]').fill(password);
    await this.page.locator('input[autocomplete=current-password]').press('Enter');
  }

  /** Past the form: for tests of something else. */
  async arrive(account: string, locale: 'en' | 'zh-CN' = 'en'): Promise<void> {
    await this.post('core/sign-in', { account, password: await this.server.password() });
    await this.speak(locale);
    await this.open('/');
    await this.page.locator('.jf-user').waitFor();
  }
  async speak(locale: 'en' | 'zh-CN'): Promise<void> {
    await this.request('PATCH', 'core/me', { locale });
  }

  /** As the page would ask, with its cookie. */
  async request<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: T }> {
    const response = await this.context.request.fetch(`${this.server.url}/api/${path}`, {
      method,
      headers: { 'accept-language': 'en' },
      ...(body === undefined ? {} : { data: body }),
    });
    const text = await response.text();
    return { status: response.status(), body: (text ? JSON.parse(text) : undefined) as T };
  }
  async get<T>(path: string): Promise<T> {
    return await this.expectOk<T>('GET', path);
  }
  async post<T>(path: string, body?: unknown): Promise<T> {
    return await this.expectOk<T>('POST', path, body ?? {});
  }
  private async expectOk<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request<T>(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Lets what the page asks through to the server, and keeps the answers from the page until `give`. */
  async holdBack(method: string, path: string): Promise<{ give(): Promise<void> }> {
    let give = () => {};
    const given = new Promise<void>((resolve) => {
      give = resolve;
    });
    const url = `${this.server.url}/api/${path}`;
    await this.page.route(url, async (route) => {
      if (route.request().method() !== method) return await route.fallback();
      const response = await route.fetch();
      await given;
      await route.fulfill({ response });
    });
    return {
      give: async () => {
        const arrived = this.page.waitForResponse(
          (response) => response.url() === url && response.request().method() === method,
        );
        give();
        await arrived;
      },
    };
  }

  menu(title: string): Locator {
    return this.page.locator('.jf-nav').getByRole('link', { name: title, exact: true });
  }
  async choose(title: string): Promise<void> {
    await this.menu(title).click();
    await this.page.locator('.jf-page__title', { hasText: title }).waitFor();
  }
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** A row of the list on the page. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.el-table__body tr', { hasText: text });
  }
  get drawer(): Drawer {
    return new Drawer(this.page, this.page.locator('.el-drawer:visible').last());
  }
  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }
  /** Answers the question in the middle of the page. */
  async confirm(name: string | RegExp): Promise<void> {
    await this.page.locator('.el-message-box').getByRole('button', { name }).click();
    await this.page.locator('.el-message-box').waitFor({ state: 'hidden' });
  }
  /** Chooses a command behind the dots of a row. */
  async command(row: Locator, name: string): Promise<void> {
    await row.locator('.jf-icon-button').click();
    await this.page.locator('.el-dropdown-menu__item:visible', { hasText: name }).click();
  }
  async shot(name: string): Promise<void> {
    await screenshot(this.page, name);
  }
  /**
   * The same screen in both languages, light and dark: reloaded in each language, and taken when `settled`. None may be
   * wider than the window.
   */
  async shots(name: string, settled: () => Promise<unknown>): Promise<void> {
    for (const locale of ['zh-CN', 'en'] as const) {
      await this.speak(locale);
      await this.page.reload();
      await settled();
      for (const colorScheme of ['light', 'dark'] as const) {
        await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await this.page.evaluate(settleColours);
        await this.shot(`${name}-${locale}-${colorScheme}`);
      }
      const [needed, there] = await this.page.evaluate(
        () => [document.documentElement.scrollWidth, innerWidth] as const,
      );
      if (needed > there) throw new Error(`${name} in ${locale} is ${needed} pixels wide.`);
    }
  }
}

/** The form at the right. */
export class Drawer {
  readonly root: Locator;
  readonly #page: Page;

  constructor(page: Page, root: Locator) {
    this.#page = page;
    this.root = root;
  }
  field(label: string): Locator {
    return this.root.locator('.el-form-item', { has: this.#page.locator(`label:text-is("${label}")`) });
  }
  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(values))
      await this.field(label).locator('input, textarea').first().fill(value);
  }
  async select(label: string, option: string): Promise<void> {
    await choose(this.field(label).locator('.el-select'), option);
  }
  async save(name = 'Save'): Promise<void> {
    await this.root.locator('.el-drawer__footer').getByRole('button', { name, exact: true }).click();
    await this.root.waitFor({ state: 'hidden' });
  }
  async close(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.root.waitFor({ state: 'hidden' });
  }
}

/** Opens a select and chooses from its own list; another one may still be closing. */
export async function choose(select: Locator, option: string | RegExp): Promise<void> {
  await select.click();
  const list = await select.locator('[role=combobox]').getAttribute('aria-controls');
  await select
    .page()
    .locator(`[id="${list}"]`)
    .getByRole('option')
    .filter({ hasText: option })
    .first()
    .click();
}

/** Runs in the page: the theme follows in the next frame, and colours on their way arrive. */
async function settleColours(): Promise<void> {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const onTheWay = document
    .getAnimations()
    .filter((one) => one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
  await Promise.allSettled(onTheWay.map((one) => one.finished));
}
