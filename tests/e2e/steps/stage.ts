import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { until } from '../../../core/test-kit/until.ts';
import { hasChromium, type Look, launchBrowser } from '../../support/browser.ts';
import { root } from '../../support/root.ts';
import {
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
} from '../../support/server-process.ts';
import { Desk } from './desk.ts';
import { Phone } from './phone.ts';

/** What a failed test leaves behind; not kept in the repository. */
const artifacts = join(root, 'tests/.artifacts/failed');

/** A server with fresh data and a browser in front of it, for the tests of one file. */
export interface Stage {
  readonly server: ServerProcess;
  /** A person's own browser, nobody signed in. */
  desk(look?: Look): Promise<Desk>;
  /** Somebody at work: signed in, in English unless `look` says otherwise. */
  worker(account: string, look?: Look): Promise<Desk>;
  /** kill -9, and the same server again on the same data and port. */
  killAndRestart(): Promise<void>;
  /** A customer with a phone in hand. */
  customer(caller?: { from?: string; name?: string }, look?: Look): Promise<Phone>;
}

export interface StageOptions extends ServerProcessOptions {
  readonly mayLog?: RegExp;
  /** Ends what was begun for this stage. */
  readonly cleanUp?: () => Promise<void>;
}

/** What the server says of the signed-in agent, to tell a stale page from a wrong state. */
const STATE_OF_AGENT = `Promise.all(
  ['/api/acd/me', '/api/telephony/me', '/api/telephony/calls?limit=1'].map((path) => fetch(path).then((r) => r.text())),
).then((texts) => texts.join('\\n'))`;

/**
 * Runs `tests` with a stage of their own. In the end no page may have thrown, and the server may have logged no error
 * but those named in `mayLog`.
 */
export function onStage(
  title: string,
  prepare: StageOptions | (() => Promise<StageOptions>),
  tests: (stage: () => Stage) => void,
): void {
  describe.skipIf(!hasChromium)(title, () => {
    const desks: Desk[] = [];
    let browser: Browser | undefined;
    let stage: Stage | undefined;
    let options: StageOptions = {};

    beforeAll(async () => {
      options = typeof prepare === 'function' ? await prepare() : prepare;
      let server = await startServerProcess(options);
      browser = await launchBrowser();
      const open = browser;
      const desk = async (look?: Look) => {
        const opened = await Desk.open(open, server, look);
        desks.push(opened);
        return opened;
      };
      stage = {
        get server() {
          return server;
        },
        async killAndRestart() {
          await server.kill();
          server = await server.restart();
          await until('the server is ready', async () => (await fetch(`${server.url}/readyz`)).ok);
        },
        desk,
        async worker(account, look = {}) {
          const opened = await desk(look);
          await opened.arrive(account, look.locale ?? 'en');
          return opened;
        },
        async customer(caller = {}, look = {}) {
          const phone = new Phone(await desk({ locale: 'en', ...look }));
          await phone.open(caller);
          return phone;
        },
      };
    });
    afterEach(async ({ task }) => {
      if (task.result?.state !== 'fail') return;
      mkdirSync(artifacts, { recursive: true });
      const name = task.name.replaceAll(/\W+/g, '-').slice(0, 60);
      for (const [i, desk] of desks.entries()) {
        await desk.shot(`failed/${name}-${i}`);
        const state = await desk.page.evaluate(STATE_OF_AGENT).catch(String);
        writeFileSync(join(artifacts, `${name}-${i}.json`), String(state));
      }
      writeFileSync(join(artifacts, `${name}.log`), stage?.server.output() ?? '');
    });
    afterAll(async () => {
      await browser?.close();
      const errors = stage?.server.errors().filter((line) => !options.mayLog?.test(line));
      await stage?.server.stop();
      await options.cleanUp?.();
      expect(desks.flatMap(({ faults }) => faults)).toEqual([]);
      expect(errors).toEqual([]);
    });
    tests(() => {
      if (!stage) throw new Error('The stage is not set.');
      return stage;
    });
  });
}
