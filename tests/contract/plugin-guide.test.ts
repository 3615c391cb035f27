/** plugins/README.md is followed to the letter: what it says a reader will see is looked for here. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestApp, type TestApp, type TestUser, until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GUIDE_ID } from '../../core/src/cli/guide.ts';
import { SHARED_MODULES } from '../../core/src/cli/plugin-imports.ts';
import { renamed } from '../../core/src/cli/plugin-new.ts';
import { ManifestSchema } from '../../core/src/plugins/manifest.ts';
import { files, guide, ROOT, referenceOf, turnIntoTypeScript, writeGuide } from './plugin-guide.support.ts';
import { tempDir, writePlugin } from './plugin-host.support.ts';

const PHONE = ['interactions', 'telephony', 'ivr'];
interface Greeting {
  readonly caller: string;
  readonly words: string;
  readonly outcome: string | null;
}
const badSetting = {
  key: 'tone',
  title: { 'zh-CN': '语气', en: 'Tone' },
  schema: { type: 'integer' },
  default: 'warm',
  level: 'tenant',
};
const stateOf = (app: TestApp, id: string) => {
  const status = app.plugins().find((plugin) => plugin.id === id);
  return status?.failure ?? status?.state;
};
const greetings = async (user: TestUser) =>
  (await user.get<{ items: Greeting[] }>(`/api/${GUIDE_ID}/greetings`)).body.items;
const uiOf = async (user: TestUser) => {
  const { body } = await user.get<{
    plugins: { id: string; entry: string; css: string[]; pages: object[] }[];
  }>('/api/core/ui');
  return body.plugins.find(({ id }) => id === GUIDE_ID);
};

describe('the guide, section 1', () => {
  const firstForms = files('plain').filter(
    ({ path }, at, all) => at === all.findIndex((each) => each.path === path),
  );
  const three = ['package.json', 'plugin.json', 'server/index.js'];

  it('answers on a route with three files', async () => {
    const dir = writeGuide(firstForms.filter(({ path }) => three.includes(path)));
    const app = await createTestApp({ plugins: [dir] });
    try {
      const admin = await app.admin();
      expect((await admin.get('/api/hello-desk/hello')).body).toEqual({ text: 'Hello, Admin.' });
      expect(await app.anonymous.get('/api/hello-desk/hello')).toMatchObject({
        status: 401,
        body: { code: 'NOT_SIGNED_IN' },
      });
    } finally {
      await app.stop();
    }
  });
});

describe('the guide, as plain JavaScript', () => {
  let app: TestApp;
  let admin: TestUser;
  beforeAll(async () => {
    app = await createTestApp({ plugins: [...PHONE, writeGuide(files('plain'))] });
    admin = await app.admin();
  });
  afterAll(() => app?.stop());

  it('comes up', () => {
    expect(stateOf(app, GUIDE_ID)).toBe('started');
  });

  it('answers on its routes and writes its table', async () => {
    expect(await greetings(admin)).toEqual([]);
    const made = await admin.post('/api/hello-desk/greetings', { caller: '13800138000', words: 'Hello!' });
    expect(made).toMatchObject({
      status: 201,
      body: { caller: '138****8000', words: 'Hello!', outcome: null },
    });
    expect(await greetings(admin)).toMatchObject([{ words: 'Hello!' }]);
    expect(await admin.post('/api/hello-desk/greetings', { caller: '' })).toMatchObject({
      status: 422,
      body: { code: 'VALIDATION_FAILED' },
    });
  });

  it('lets those add greetings whose roles it names, and others only see them', async () => {
    const agent = await app.user('amy');
    expect((await agent.get('/api/hello-desk/greetings')).status).toBe(200);
    expect(await agent.post('/api/hello-desk/greetings', { caller: 'Ann', words: 'Hi' })).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
  });

  it('greets a caller through its node, and its hook tap writes the outcome down', async () => {
    const { body: types } = await admin.get<{ items: { type: string; schema: object }[] }>(
      '/api/ivr/node-types',
    );
    expect(types.items.find(({ type }) => type === 'hello-desk.greet')?.schema).toMatchObject({
      properties: { words: { type: 'string', label: { en: 'Greeting' } } },
      required: ['words'],
    });

    const node = (id: string, type: string, config: object, next: object) => ({
      id,
      type,
      label: id,
      config,
      next,
    });
    const flow = await admin.post<{ id: string; revision: number }>('/api/ivr/flows', {
      name: 'Reception',
      definition: {
        start: 'start',
        nodes: [
          node('start', 'start', {}, { next: 'greet' }),
          node('greet', 'hello-desk.greet', { words: 'Good morning.' }, { next: 'end' }),
          node('end', 'hangup', {}, {}),
        ],
      },
    });
    expect(flow.status).toBe(201);
    const { id, revision } = flow.body;
    expect((await admin.post(`/api/ivr/flows/${id}/publish`, { revision })).status).toBe(200);
    const number = { number: '4008001234', destination: { kind: 'ivr', target: { flowId: id } } };
    expect((await admin.post('/api/telephony/numbers', number)).status).toBe(201);

    app.emulator?.dial({ number: '4008001234', from: '13912345678', name: 'Ann' });
    const greeted = await until('the tap has written the outcome', async () =>
      (await greetings(admin)).find(({ words, outcome }) => words === 'Good morning.' && outcome !== null),
    );
    expect(greeted.caller).toBe('139****5678');
  });

  it('shows its page in the menu and serves the file', async () => {
    expect(await uiOf(admin)).toMatchObject({
      entry: '/ui/p/hello-desk/1.0.0/index.js',
      pages: [{ path: '/greetings', component: 'GreetingsPage', menu: { section: 'workbench' } }],
    });
    const served = await fetch(`${app.url}/ui/p/hello-desk/1.0.0/index.js`);
    expect(served.headers.get('content-type')).toContain('javascript');
    expect(await served.text()).toBe(files('plain').find(({ path }) => path === 'ui/index.js')?.text);
    for (const [locale, title] of Object.entries({ en: 'Caller', 'zh-CN': '来电者' })) {
      const { body } = await admin.get(`/api/core/ui/hello-desk/locales/${locale}`);
      expect(body).toMatchObject({ caller: title });
    }
  });

  it('is gone where it is switched off, and finds its data when it is on again', async () => {
    const before = await greetings(admin);
    await admin.put('/api/core/plugins/hello-desk', { enabled: false });
    expect(await admin.get('/api/hello-desk/greetings')).toMatchObject({
      status: 404,
      body: { code: 'PLUGIN_NOT_ENABLED' },
    });
    expect(await uiOf(admin)).toBeUndefined();
    await admin.put('/api/core/plugins/hello-desk', { enabled: true });
    expect(await greetings(admin)).toEqual(before);
  });
});

describe('the guide, with TypeScript and Vue files', () => {
  it('is compiled and built by its own tools, and comes up with a page and its style sheet', async () => {
    const dir = writeGuide(files('plain'));
    turnIntoTypeScript(dir);
    const run = promisify(execFile);
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], {
      cwd: dir,
    });
    await run(process.execPath, ['build-ui.mjs'], { cwd: dir });

    // As it is shipped: built files only.
    for (const source of ['server', 'migrations', 'ui', 'node_modules'])
      rmSync(join(dir, source), { recursive: true });

    const app = await createTestApp({ plugins: [...PHONE, dir] });
    try {
      expect(stateOf(app, GUIDE_ID)).toBe('started');
      const admin = await app.admin();
      await admin.post('/api/hello-desk/greetings', { caller: 'Ann', words: 'Hello!' });
      expect(await greetings(admin)).toMatchObject([{ caller: 'Ann' }]);
      const { entry = '', css = [] } = (await uiOf(admin)) ?? {};
      expect(css).toHaveLength(1);
      for (const address of [entry, ...css]) expect((await fetch(app.url + address)).status).toBe(200);
    } finally {
      await app.stop();
    }
  }, 60_000);
});

describe('the guide, when something goes wrong', () => {
  it.each([
    ['verify', { ui: { entry: 'ui/gone.js', manifest: 'ui/manifest.json' } }, /ui.entry: there is no file/],
    ['setup', { uses: {} }, /add "uses": { "hooks": \["call:ended"\] } to its plugin.json/],
    ['setup', { contributes: { settings: [badSetting] } }, /its default does not fit its schema/],
  ])(
    'sets the plugin aside with its reason at step %s, and serves the others',
    async (step, change, reason) => {
      const list = files('plain').map(({ path, text }) =>
        path === 'plugin.json'
          ? { path, text: JSON.stringify({ ...JSON.parse(text), ...change }) }
          : { path, text },
      );
      const app = await createTestApp({ plugins: ['interactions', 'telephony', writeGuide(list)] });
      try {
        expect(stateOf(app, GUIDE_ID)).toMatchObject({ step, reason: expect.stringMatching(reason) });
        const ready = await fetch(`${app.url}/readyz`);
        expect(ready.status).toBe(503);
        expect(await ready.json()).toMatchObject({
          checks: { plugins: expect.stringMatching(/^hello-desk: /) },
        });
        const admin = await app.admin();
        expect(await admin.get('/api/hello-desk/greetings')).toMatchObject({ status: 404 });
        expect((await admin.get('/api/telephony/calls')).status).toBe(200);
      } finally {
        await app.stop();
      }
    },
  );
});

describe('the guide, when it is read for another name', () => {
  it('leaves nothing of the example in the files', () => {
    const all = renamed(files('plain'), 'night-watch').map(({ text }) => text);
    expect(all.join('\n')).not.toMatch(/hello[-_ ]desk/i);
    expect(all.join('\n')).toContain('night_watch_greeting');
    expect(all.join('\n')).toContain('"Night watch"');
  });
});

describe('the reference', () => {
  it('names every key of plugin.json', () => {
    expect(referenceOf('manifest').sort()).toEqual(Object.keys(ManifestSchema.shape).sort());
  });

  it('names every member of ctx', async () => {
    const dir = writePlugin(
      tempDir(),
      'nosy',
      `export default { setup(ctx) { globalThis.membersOfCtx = Object.keys(ctx); } };`,
    );
    const app = await createTestApp({ plugins: [dir], tenants: [] });
    await app.stop();
    const members = (globalThis as { membersOfCtx?: string[] }).membersOfCtx ?? [];
    expect(referenceOf('ctx').sort()).toEqual([...members].sort());
  });

  it('names every hook that the core and the plugins of this repository declare', () => {
    const core = readFileSync(join(ROOT, 'core/src/hooks/core-hooks.ts'), 'utf8');
    const plugins = readdirSync(join(ROOT, 'plugins')).flatMap((id) => {
      const file = join(ROOT, 'plugins', id, 'plugin.json');
      if (!existsSync(file)) return [];
      return ManifestSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).contributes.hooks.map(
        ({ name }) => name,
      );
    });
    const own = [...core.matchAll(/^ {2}'([a-z-]+:[a-z-]+)':/gm)].map(([, name = '']) => name);
    expect(referenceOf('hooks').sort()).toEqual([...own, ...plugins].sort());
  });

  it('names every slot of the shell', () => {
    const shell = ['layout/TopBar.vue', 'pages/WorkbenchPage.vue']
      .map((file) => readFileSync(join(ROOT, 'admin-ui/src', file), 'utf8'))
      .join('\n');
    const slots = [...shell.matchAll(/(?:name="|\(\) => ')((?:shell|workbench)\.[a-z]+)/g)].map(
      ([, name = '']) => name,
    );
    expect(referenceOf('slots').sort()).toEqual([...new Set(slots)].sort());
  });

  it('names the modules that pages share with the host', async () => {
    const { sharedNames }: { sharedNames: string[] } = await import(
      `${ROOT}/admin-ui/vite/shared-modules.mjs`
    );
    expect(SHARED_MODULES).toEqual(sharedNames);
    for (const name of sharedNames) expect(guide).toContain(`\`${name}\``);
  });
});
