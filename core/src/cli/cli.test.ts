import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTestApp } from '../../test-kit/index.ts';
import { installation } from '../boot/static.ts';
import { openBootMarker } from '../plugins/boot-marker.ts';
import { runCli } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jackfield-cli-'));
});

/** Runs the command line as given, split at blanks, in the folder of this test. */
async function jackfield(line: string, env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(line.split(' ').filter(Boolean), {
    env,
    cwd: folder,
    mode: 'source',
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Puts a file into the plugin, or a changed plugin.json. */
async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
async function changeManifest(id: string, change: object): Promise<void> {
  const file = join(folder, id, 'plugin.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
}

describe('jackfield', () => {
  it('lists its commands when it is asked, and when it is called without one', async () => {
    expect(await jackfield('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('plugin new <id>'),
    });
    expect(await jackfield('')).toMatchObject({ code: 2, err: expect.stringContaining('migrate status') });
    expect(await jackfield('plugin eat')).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no command "plugin eat"'),
    });
  });

  it.each(['plugin new', 'plugin check', 'plugin clear', 'migrate status', 'migrate repair'])(
    'explains %s',
    async (command) => {
      const { code, out } = await jackfield(`${command} --help`);
      expect(code).toBe(0);
      expect(out).toContain(`jackfield ${command}`);
    },
  );

  it('says how a command is called when it is called wrongly', async () => {
    const usage = 'Usage: jackfield plugin new <id> [--dir <folder>]';
    expect(await jackfield('plugin new')).toMatchObject({
      code: 2,
      err: `An argument is missing.\n${usage}`,
    });
    expect((await jackfield('plugin new a b')).err).toBe(`"b" is one argument too many.\n${usage}`);
    expect(await jackfield('plugin new a --colour red')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--colour'),
    });
  });

  it('names a wrong setting of the environment', async () => {
    expect(await jackfield('migrate status', { DATABASE_URL: 'postgres://x' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('DATABASE_URL'),
    });
  });
});

describe('jackfield plugin new', () => {
  it('writes a plugin that is in order', async () => {
    expect(await jackfield('plugin new night-watch --dir mine')).toMatchObject({
      code: 0,
      out: expect.stringContaining('PLUGIN_DIRS='),
    });
    expect(await jackfield('plugin check mine/night-watch')).toEqual({
      code: 0,
      out: 'night-watch 1.0.0 is in order.',
      err: '',
    });
  });

  it('does not write over what is there', async () => {
    await put('notes/plugin.json', '{}');
    expect(await jackfield('plugin new notes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is there already and not empty'),
    });
    expect(await readFile(join(folder, 'notes/plugin.json'), 'utf8')).toBe('{}');
  });

  it.each(['Notes', '../notes', 'core', 'no_tes'])('refuses the id %s', async (id) => {
    expect(await jackfield(`plugin new ${id}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`"${id}" cannot be the id of a plugin`),
    });
  });
});

describe('jackfield plugin check', () => {
  beforeEach(() => jackfield('plugin new notes'));
  const check = async () => {
    const { code, err } = await jackfield('plugin check notes');
    expect(code).toBe(1);
    return err.split('\n');
  };

  it('says when there is no plugin', async () => {
    expect(await jackfield('plugin check elsewhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no plugin.json in'),
    });
  });

  it('names all faults of plugin.json at once', async () => {
    await changeManifest('notes', { colour: 'red', scope: 'global' });
    expect(await check()).toEqual([expect.stringContaining('scope:'), 'unknown key "colour" in plugin.json']);
  });

  it('misses files that are not there', async () => {
    await rm(join(folder, 'notes/ui/index.js'));
    expect(await check()).toContain('ui.entry: there is no file ui/index.js');
  });

  it('refuses imports that are not public, not brought along, or not there', async () => {
    await put(
      'notes/server/index.js',
      [
        `import '@jackfield/core/sdk';`,
        `import { readFile } from 'node:fs/promises';`,
        `import '@jackfield/core/dist/src/data/database.js';`,
        `import 'left-pad';`,
        `import '../../other/index.js';`,
        `import './gone.js';`,
        `const lazy = () => import('/etc/passwd');`,
        `const text = "import 'nothing'";`,
        `// import 'comment';`,
      ].join('\n'),
    );
    expect(await check()).toEqual([
      'server/index.js:3 imports "@jackfield/core/dist/src/data/database.js", which is not public: only @jackfield/core/sdk and the contracts of other plugins are',
      'server/index.js:4 imports "left-pad", which is not in dependencies of package.json',
      'server/index.js:5 imports "../../other/index.js", which leaves the folder of the plugin',
      'server/index.js:6 imports "./gone.js", which is not there',
      'server/index.js:7 imports "/etc/passwd", which leaves the folder of the plugin',
    ]);
  });

  it('refuses an import that browsers cannot follow, also in a part that is loaded later', async () => {
    await put(
      'notes/ui/index.js',
      `import 'vue';\nexport default { pages: { GreetingsPage: () => import('./a.js') } };`,
    );
    await put('notes/ui/a.js', `import dayjs from 'dayjs';`);
    expect(await check()).toEqual([
      expect.stringMatching(/^ui\/a\.js:1 imports "dayjs", which is not known to the/),
    ]);
  });

  it('misses a component that plugin.json names and the pages do not have', async () => {
    await put('notes/ui/index.js', 'export default { pages: { SomethingElse: {} } };');
    expect(await check()).toEqual(['contributes.pages: defineUi() of ui/index.js has no "GreetingsPage"']);
  });

  it('finds a copy of a module that pages share with the host', async () => {
    await put(
      'notes/ui/index.js',
      `import './vue.js';\nimport './chunk.js';\nexport default { pages: { GreetingsPage: {} } };`,
    );
    await put('notes/ui/vue.js', `const Fragment=Symbol.for("v-fgt");`);
    await put('notes/ui/chunk.js', '');
    const sources = ['../../node_modules/dayjs/dayjs.js', '../../node_modules/pinia/dist/pinia.mjs'];
    await put('notes/ui/chunk.js.map', JSON.stringify({ version: 3, sources }));
    expect(await check()).toEqual([
      'ui/vue.js holds a copy of vue, which the host shares',
      'ui/chunk.js holds a copy of a module that the host shares: ../../node_modules/pinia/dist/pinia.mjs',
    ]);
  });

  it('tries it on a server: what setup uses and plugin.json does not declare', async () => {
    await changeManifest('notes', { uses: {} });
    expect(await check()).toEqual([
      `setup: Plugin "notes" uses ctx.hooks.on('call:ended'); add "uses": { "hooks": ["call:ended"] } to its plugin.json.`,
    ]);
  });

  it('tries it on a server: a table that no migration makes, and a migration with a wrong name', async () => {
    await rm(join(folder, 'notes/migrations'), { recursive: true });
    expect(await check()).toEqual(['migrate: There is no table notes_greeting. A migration is missing.']);
    await put('notes/migrations/first.js', 'export default { up: async () => {} };');
    expect(await check()).toEqual([
      expect.stringContaining('Migration first.js must be named YYYYMMDDHHmm-what'),
    ]);
  });

  it('tries it on a server: another plugin that it needs and nobody has', async () => {
    await changeManifest('notes', { requires: { weather: '^1.0.0', telephony: '^0.1.0' } });
    expect(await check()).toEqual([expect.stringMatching(/^order: .*weather/)]);
  });
});

describe('jackfield plugin clear', () => {
  const clear = (id: string) => jackfield(`plugin clear ${id}`, { DATA_DIR: folder });
  const marker = () => openBootMarker(join(folder, 'boot-marker.json'));

  it('lets a plugin start again that crashed the process, and leaves others set aside', async () => {
    marker().begin({ plugin: 'notes', version: '1.0.0', step: 'setup' });
    marker().begin({ plugin: 'crm', version: '1.0.0', step: 'start' });
    expect(await clear('notes')).toMatchObject({
      code: 0,
      out: '"notes" 1.0.0, which crashed in setup, starts again with the server.',
    });
    expect(marker().crashed).toMatchObject([{ plugin: 'crm' }]);
    expect((await clear('notes')).out).toBe('"notes" is not set aside; these are: crm.');
  });

  it('says when there is no such server', async () => {
    expect(await clear('notes')).toMatchObject({ code: 2, err: expect.stringContaining('DATA_DIR') });
  });
});

describe('jackfield migrate', () => {
  const migrate = (line: string) => jackfield(`migrate ${line}`, { DATA_DIR: folder });
  const name = '202611200900-create-thing';

  it('shows a migration that was left, and lets it run again', async () => {
    const half = join(installation, 'tests/fixtures/plugins/half-migration');
    const app = await createTestApp({ plugins: [half], tenants: [], dataDir: folder });
    await app.stop();
    const status = await migrate('status half-migration');
    expect(status.code).toBe(1);
    expect(status.out).toMatch(new RegExp(`^half-migration +${name} +left at \\d`));
    expect(status.err).toContain(`npx jackfield migrate repair half-migration ${name}`);

    expect(await migrate(`repair half-migration ${name}`)).toMatchObject({
      code: 0,
      out: `Migration ${name} of "half-migration" runs again at the next start.`,
    });
    expect(await migrate('status half-migration')).toMatchObject({
      code: 0,
      out: 'No migration of "half-migration" has run.',
    });
    expect(await migrate('status')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^core +\d{12}-\S+ +done/m),
    });
  });

  it('accepts a migration that has run in the form it has at the next start', async () => {
    await jackfield('plugin new notes');
    const start = () =>
      createTestApp({
        plugins: ['interactions', 'telephony', join(folder, 'notes')],
        tenants: [],
        dataDir: folder,
      });
    const first = await start();
    await first.stop();
    expect(await migrate('repair notes 202611201000-greeting')).toMatchObject({
      code: 0,
      out: 'Migration 202611201000-greeting of "notes" counts as done in its present form.',
    });
    expect((await migrate('status notes')).out).toMatch(/accepted/);
    const second = await start();
    expect(second.plugins().find(({ id }) => id === 'notes')?.state).toBe('started');
    await second.stop();
    expect((await migrate('status notes')).out).toMatch(/done/);
  });

  it('refuses what never ran, and makes no database where there is none', async () => {
    expect(await migrate('status')).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no database'),
    });
    const app = await createTestApp({ tenants: [], dataDir: folder });
    await app.stop();
    expect(await migrate('repair notes 202611201000-greeting')).toMatchObject({
      code: 1,
      err: 'Migration 202611201000-greeting of plugin notes has never run.',
    });
  });
});
