/** Each step of the lifecycle with a plugin that does it wrong, written for the test. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openBootMarker } from '../../core/src/plugins/boot-marker.ts';
import { fakeClock } from '../../core/test-kit/fake-clock.ts';
import { createTestHost, loadOptions, tempDir, writePlugin } from './plugin-host.support.ts';

let dir: string;
beforeEach(() => {
  dir = tempDir();
});
const plugin = (id: string, body: string, manifest: Record<string, unknown> = {}) =>
  writePlugin(dir, id, `export default { ${body} };`, manifest);
const idle = 'setup() {}';

describe('discovery', () => {
  it('sets a folder with broken JSON aside by its name and goes on', async () => {
    mkdirSync(join(dir, 'broken'));
    writeFileSync(join(dir, 'broken', 'plugin.json'), '{ "id": ');
    plugin('good', idle);
    const host = await createTestHost([dir]);
    expect(host.reasonOf('broken')).toMatch(/^plugin\.json is not JSON: /);
    expect(host.stateOf('good')).toBe('loaded');
  });

  it('keeps the first plugin of an id and refuses the second, naming both folders', async () => {
    const other = tempDir();
    const first = plugin('notes', idle);
    writePlugin(other, 'notes', `export default { ${idle} };`);
    const host = await createTestHost([dir, other]);
    expect(host.lifecycle.states.get('notes')).toMatchObject({ dir: first, state: 'loaded' });
    const second = host.lifecycle.states.list().find((status) => status.dir === join(other, 'notes'));
    expect(second?.failure).toEqual({
      step: 'discover',
      reason: `the id "notes" is taken by the plugin in ${first}`,
    });
  });

  it('has no plugins where there is no folder', async () => {
    const host = await createTestHost([join(dir, 'nowhere')]);
    expect(host.lifecycle.states.list()).toEqual([]);
  });

  it('wants a version in package.json', async () => {
    plugin('notes', idle);
    writeFileSync(join(dir, 'notes', 'package.json'), '{ "name": "notes", "version": "new" }');
    expect((await createTestHost([dir])).reasonOf('notes')).toBe(
      'package.json: version must be a semver version such as 1.2.0',
    );
  });
});

describe('import', () => {
  it('takes the source of a plugin where it has one, and the built file otherwise', async () => {
    plugin('notes', idle, { server: 'dist/server.js' });
    mkdirSync(join(dir, 'notes', 'dist'));
    writeFileSync(
      join(dir, 'notes', 'dist', 'server.js'),
      'export default { setup(ctx) { ctx.routes.get("/built", {}, () => {}); } };',
    );
    writeFileSync(
      join(dir, 'notes', 'server.ts'),
      'export default { setup(ctx: any) { ctx.routes.get("/source", {}, () => {}); } };',
    );
    for (const [mode, path] of [
      ['source', 'GET /source'],
      ['dist', 'GET /built'],
    ] as const) {
      const host = await createTestHost([dir], { load: { mode } });
      await host.setup();
      expect(host.registered.map(({ name }) => name)).toEqual([path]);
    }
  });

  it('says what to write when the entry exports no plugin', async () => {
    writePlugin(dir, 'notes', 'export const plugin = {};');
    expect((await createTestHost([dir])).reasonOf('notes')).toContain(
      'does not export a plugin: write "export default definePlugin(',
    );
  });

  it('does not load a plugin that is not for the roles of this process', async () => {
    writePlugin(dir, 'notes', 'throw new Error("must not run here");', { processes: ['worker'] });
    const host = await createTestHost([dir], { load: { roles: ['web'] } });
    expect(host.stateOf('notes')).toBe('idle');
  });
});

describe('setup', () => {
  it('must be synchronous', async () => {
    plugin('notes', 'async setup() { throw new Error("later"); }');
    const host = await createTestHost([dir]);
    await host.setup();
    expect(host.reasonOf('notes')).toBe('setup must be synchronous; move what waits to start');
  });

  it('sets aside a plugin that taps a hook nobody declares, naming the hook', async () => {
    plugin('notes', `setup(ctx) { ctx.hooks.on('moon:rises', () => {}); }`, {
      uses: { hooks: ['moon:rises'] },
    });
    const host = await createTestHost([dir]);
    await host.setup();
    expect(host.reasonOf('notes')).toBe('taps hook "moon:rises", which no installed plugin declares');
  });

  it('leaves a tap silent when the plugin that declares the hook is only down', async () => {
    plugin('moon', 'setup() { throw new Error("eclipse"); }', {
      contributes: { hooks: [{ name: 'moon:rises', kind: 'notify', description: 'It rises.' }] },
    });
    plugin('notes', `setup(ctx) { ctx.hooks.on('moon:rises', () => {}); }`, {
      uses: { hooks: ['moon:rises'] },
    });
    const host = await createTestHost([dir]);
    await host.setup();
    expect(host.stateOf('notes')).toBe('ready');
  });

  it.each([
    ['ctx.storage.stat("x")', 'uses ctx.storage; add "uses": { "files": true } to its plugin.json.'],
    [
      'ctx.calls.active()',
      'uses ctx.calls; add "uses": { "telephony": "events" } or "control" to its plugin.json.',
    ],
    [
      'ctx.jobs.every("sweep", 1, () => {})',
      `uses ctx.jobs.every('sweep'); add "contributes": { "jobs": [{ "name": "sweep" }] } to its plugin.json.`,
    ],
    [
      'ctx.hooks.on("a:b", () => {})',
      `uses ctx.hooks.on('a:b'); add "uses": { "hooks": ["a:b"] } to its plugin.json.`,
    ],
    [
      'ctx.acrossTenants(() => {})',
      'uses ctx.acrossTenants; add "uses": { "acrossTenants": true } to its plugin.json.',
    ],
    [
      'ctx.inTenant("t1", () => {})',
      'uses ctx.inTenant; add "uses": { "acrossTenants": true } to its plugin.json.',
    ],
    ['ctx.use({ plugin: "crm" })', 'uses "crm" without naming it in "requires" of plugin.json.'],
    ['ctx.useOptional({ plugin: "crm" })', 'uses "crm" without naming it in "optional" of plugin.json.'],
  ])('refuses %s when plugin.json does not declare it, and says what to add', async (code, reason) => {
    plugin('notes', `setup(ctx) { ${code}; }`);
    const host = await createTestHost([dir]);
    await host.setup();
    expect(host.reasonOf('notes')).toBe(`Plugin "notes" ${reason}`);
  });

  it('lets a plugin of all tenants work in one of them', async () => {
    plugin(
      'notes',
      `start: async (ctx) => { globalThis.seenIn = ['t1', 't2'].map((id) => ctx.inTenant(id, () => ctx.isActive())); }, setup() {}`,
      {
        uses: { acrossTenants: true },
      },
    );
    const host = await createTestHost([dir]);
    await host.setup();
    await host.gate.enable('t1', 'notes');
    await host.lifecycle.start();
    expect((globalThis as unknown as { seenIn: boolean[] }).seenIn).toEqual([true, false]);
  });

  it('lets a plugin that only watches calls take none over', async () => {
    plugin('watcher', `setup(ctx) { ctx.calls.onChange(() => {}); ctx.calls.onInbound(() => {}); }`, {
      uses: { telephony: 'events' },
    });
    plugin('driver', `setup(ctx) { ctx.calls.onInbound(() => {}); }`, { uses: { telephony: 'control' } });
    const host = await createTestHost([dir]);
    await host.setup();
    expect(host.reasonOf('watcher')).toContain('"uses": { "telephony": "control" }');
    expect(host.registered.map(({ plugin, name }) => `${plugin} ${name}`)).toEqual(['driver inbound']);
  });
});

describe('contracts between plugins', () => {
  const provider = `setup(ctx) {
    const nodes = [];
    ctx.provide({ plugin: 'ivr' }, (consumer) => ({
      nodes,
      node(name) { nodes.push(consumer.pluginId + ':' + name); consumer.onUndo(() => nodes.splice(0)); },
      isActive: () => consumer.isActive(),
    }));
    globalThis.ivrNodes = nodes;
  }`;
  const nodes = () => (globalThis as unknown as { ivrNodes: string[] }).ivrNodes;

  it('gives each consumer an API of its own, made once', async () => {
    plugin('ivr', provider);
    plugin(
      'a',
      `setup(ctx) { const ivr = { plugin: 'ivr' }; ctx.use(ivr).node(String(ctx.use(ivr) === ctx.use(ivr))); }`,
      { requires: { ivr: '*' } },
    );
    plugin('b', `setup(ctx) { ctx.useOptional({ plugin: 'ivr' }).node('x'); }`, { optional: { ivr: '*' } });
    const host = await createTestHost([dir]);
    await host.setup();
    expect(nodes()).toEqual(['a:true', 'b:x']);
  });

  it('takes back what a consumer registered with it when the consumer falls', async () => {
    plugin('ivr', provider);
    plugin('a', `setup(ctx) { ctx.use({ plugin: 'ivr' }).node('x'); throw new Error('too late'); }`, {
      requires: { ivr: '*' },
    });
    const host = await createTestHost([dir]);
    await host.setup();
    expect(host.reasonOf('a')).toBe('too late');
    expect(nodes()).toEqual([]);
  });

  it('is null for an optional plugin that is absent, has failed or is of another version', async () => {
    plugin('fails', 'setup() { throw new Error("no"); }');
    plugin('old', `setup(ctx) { ctx.provide({ plugin: 'old' }, () => ({})); }`);
    plugin(
      'notes',
      `setup(ctx) { for (const id of ['absent', 'fails', 'old']) ctx.routes.get('/' + id + ctx.useOptional({ plugin: id }), {}, () => {}); }`,
      {
        optional: { absent: '*', fails: '*', old: '^2.0.0' },
      },
    );
    const host = await createTestHost([dir]);
    await host.setup();
    expect(host.registered.map(({ name }) => name)).toEqual([
      'GET /absentnull',
      'GET /failsnull',
      'GET /oldnull',
    ]);
  });
});

describe('start and stop', () => {
  it('waits ten seconds for one plugin, names it, and starts the next', async () => {
    const clock = fakeClock();
    plugin('a-slow', `${idle}, start: () => new Promise(() => {})`);
    plugin('b-good', `${idle}, start: async () => {}`);
    const host = await createTestHost([dir], { load: { clock } });
    await host.setup();
    const started = host.lifecycle.start();
    await clock.advance(9_999);
    expect(host.stateOf('a-slow')).toBe('ready');
    await clock.advance(1);
    await started;
    expect(host.reasonOf('a-slow')).toBe('start took longer than 10000 ms');
    expect(host.stateOf('b-good')).toBe('started');
  });

  it('starts dependencies first, stops in reverse, and stops all although one hangs and one throws', async () => {
    const clock = fakeClock();
    const log: string[] = [];
    Object.assign(globalThis, { pluginLog: log });
    const body = (id: string, stop: string) =>
      `${idle}, async start() { pluginLog.push('start ${id}'); }, async stop() { pluginLog.push('stop ${id}'); ${stop} }`;
    plugin('a', body('a', ''), { requires: { c: '*' } });
    plugin('b', body('b', 'await new Promise(() => {});'), { requires: { a: '*' } });
    plugin('c', body('c', 'throw new Error("stuck");'));
    const host = await createTestHost([dir], { load: { clock } });
    await host.setup();
    await host.lifecycle.start();
    const stopped = host.lifecycle.stop();
    await clock.advance(15_000);
    await stopped;
    expect(log).toEqual(['start c', 'start a', 'start b', 'stop b', 'stop a', 'stop c']);
  });

  it('skips a plugin that killed the process at the last start, until it is cleared or another version', async () => {
    plugin('killer', idle);
    plugin('on-top', idle, { requires: { killer: '*' } });
    const { bootMarker } = loadOptions([]);
    openBootMarker(bootMarker).begin({ plugin: 'killer', version: '1.0.0', step: 'start' });

    const host = await createTestHost([dir], { load: { bootMarker } });
    expect(host.reasonOf('killer')).toMatch(/^crashed the process while starting/);
    expect(host.reasonOf('on-top')).toBe('depends on "killer"');

    writeFileSync(join(dir, 'killer', 'package.json'), '{ "name": "killer", "version": "1.0.1" }');
    expect((await createTestHost([dir], { load: { bootMarker } })).stateOf('killer')).toBe('loaded');

    writeFileSync(join(dir, 'killer', 'package.json'), '{ "name": "killer", "version": "1.0.0" }');
    openBootMarker(bootMarker).clear('killer');
    expect((await createTestHost([dir], { load: { bootMarker } })).stateOf('killer')).toBe('loaded');
  });

  it('leaves no marker behind a start that went well', async () => {
    plugin('notes', `${idle}, start: async () => {}`);
    const { bootMarker } = loadOptions([]);
    const host = await createTestHost([dir], { load: { bootMarker } });
    await host.setup();
    await host.lifecycle.start();
    expect(JSON.parse(readFileSync(bootMarker, 'utf8'))).toEqual({ running: null, crashed: [] });
    expect(existsSync(dirname(bootMarker))).toBe(true);
  });
});
