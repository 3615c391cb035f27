import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { eventually } from './changes.ts';
import { findProgram } from './find-freeswitch.ts';
import type { FreeSwitchServer } from './freeswitch-server.ts';

const ENTRY = fileURLToPath(new URL('./browser/softphone.js', import.meta.url));
const FLAGS = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--autoplay-policy=no-user-gesture-required',
];

export function findChromium(): string | null {
  return process.env.CHROMIUM_BIN ?? findProgram('chromium') ?? findProgram('chromium-browser');
}

interface Softphone {
  readonly registered: boolean;
  readonly cause: string | null;
  readonly ringing: boolean;
  readonly up: boolean;
  start(options: { socket: string; uri: string; password: string }): void;
  answer(): void;
  hangup(): void;
  heard(): Promise<{ codec: string; energy: number }>;
}
declare global {
  var softphone: Softphone;
}

/** A softphone in a real browser, over WebSocket and DTLS-SRTP. Its microphone beeps once a second. */
export class BrowserPhone {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #page: Page;

  private constructor(browser: Browser, server: Server, page: Page) {
    this.#browser = browser;
    this.#server = server;
    this.#page = page;
  }

  /** Opens the page; an account is made in `fs.directory` if there is none. */
  static async open(fs: FreeSwitchServer, user: string, domain = fs.domain): Promise<BrowserPhone> {
    const executablePath = findChromium();
    if (!executablePath) throw new Error('Chromium is not installed');
    const server = await serve(await bundle());
    const args = [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
    const browser = await chromium.launch({ executablePath, args });
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const account = `${user}@${domain}`;
    if (!fs.directory.accounts.has(account)) fs.directory.accounts.set(account, { password: `pw-${user}` });
    const password = fs.directory.accounts.get(account)?.password ?? '';
    const socket = `ws://${fs.host}:${fs.ports.ws}`;
    await page.evaluate((options) => globalThis.softphone.start(options), {
      socket,
      uri: `sip:${account}`,
      password,
    });
    return new BrowserPhone(browser, server, page);
  }

  async registered(): Promise<void> {
    await this.#page.waitForFunction(() => globalThis.softphone.registered);
  }

  async ringing(): Promise<void> {
    await this.#page.waitForFunction(() => globalThis.softphone.ringing);
  }

  async answer(): Promise<void> {
    await this.#page.evaluate(() => globalThis.softphone.answer());
    await this.#page.waitForFunction(() => globalThis.softphone.up);
  }

  async hangup(): Promise<void> {
    await this.#page.evaluate(() => globalThis.softphone.hangup());
  }

  async ended(): Promise<void> {
    await this.#page.waitForFunction(() => !globalThis.softphone.up);
  }

  /** Waits until it hears something, and gives the codec that it came in. */
  async hearsSomething(): Promise<string> {
    const read = () => this.#page.evaluate(() => globalThis.softphone.heard());
    const before = await read();
    return eventually(async () => {
      const now = await read();
      return now.energy > before.energy + 0.001 && now.codec;
    }, 'the browser to hear something');
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, lib: { entry: ENTRY, formats: ['es'], fileName: 'softphone' } },
  });
  const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []));
  const chunk = outputs.find((one) => one.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('the softphone could not be built');
  return chunk.code;
}

async function serve(code: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/softphone.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? code : '<!doctype html><script type="module" src="/softphone.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
