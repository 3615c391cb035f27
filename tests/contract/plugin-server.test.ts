/** Plugins on the real data layer and the real HTTP server: what a tenant sees of the good and of the broken. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/src/boot/clock.ts';
import { type Database, openDatabase } from '../../core/src/data/database.ts';
import { checkEntities } from '../../core/src/data/define-entity.ts';
import { coreMigrationsFolder, loadMigrations } from '../../core/src/data/migration-files.ts';
import { runMigrations } from '../../core/src/data/migrations.ts';
import { JackfieldError } from '../../core/src/errors/index.ts';
import { createHooks } from '../../core/src/hooks/hooks.ts';
import { createHttp, type Http } from '../../core/src/http/index.ts';
import {
  createCircuits,
  createLifecycle,
  createTenantGate,
  createTenantStore,
  loadPlugins,
  pluginEntities,
  registerPluginRoutes,
  registerUiRoutes,
  savePluginStates,
  type TenantGate,
} from '../../core/src/plugins/index.ts';
import { PluginEntity } from '../../core/src/plugins/plugin.entity.ts';
import { type TestDatabase, testDatabases } from '../../core/test-kit/databases.ts';
import { authenticatorOf } from './http-fixture.ts';
import { FIXTURES, loadOptions, memoryServices, silent, tempDir } from './plugin-host.support.ts';

const everything = ['core:plugins', 'good-neighbour:read', 'good-neighbour:write'];
const people = {
  ann: { tenantId: 'tenant-a', permissions: everything },
  bob: { tenantId: 'tenant-b', permissions: everything },
  clerk: { tenantId: 'tenant-a', permissions: [] },
  olga: { tenantId: null, permissions: everything },
};

describe.each(testDatabases())('plugins on $name', ({ open }) => {
  let closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    closing = [];
  });

  async function start(ids: readonly string[], given?: TestDatabase) {
    const at = given ?? (await open());
    if (!given) closing.push(() => at.drop());
    const lifecycle = createLifecycle(await loadPlugins(loadOptions(ids.map((id) => join(FIXTURES, id)))));
    lifecycle.checkEntities(checkEntities);
    const database: Database = await openDatabase({
      url: at.url,
      dataDir: tempDir(),
      entities: [
        { plugin: 'core', entities: pluginEntities },
        ...lifecycle.plugins().map(({ plugin, entities }) => ({ plugin: plugin.id, entities })),
      ],
    });
    closing.push(() => database.close());
    const core = {
      plugin: 'core',
      version: '0.1.0',
      migrations: await loadMigrations(coreMigrationsFolder()),
    };
    await lifecycle.migrate((sets) => runMigrations(database, [core, ...sets]));

    const data = database.withData('core', { acrossTenants: true });
    const gate: TenantGate = createTenantGate({
      states: lifecycle.states,
      store: createTenantStore(data),
      tenantHook: lifecycle.tenantHook,
      clock: systemClock,
      log: silent,
    });
    await gate.refresh();
    const circuits = createCircuits({ clock: systemClock });
    const hooks = createHooks({ isActive: gate.isActiveInScope, circuits, clock: systemClock, log: silent });
    hooks
      .forPlugin('core', (undo) => undo)
      .declare('call:ended', { kind: 'action', description: 'A call is over.' });
    const http: Http = createHttp({ log: silent, auth: authenticatorOf(people), isActive: gate.isActive });
    closing.push(() => http.close(0));

    const routesFor = (id: string, scope: 'tenant' | 'system' | 'core') =>
      http.routesFor(id, {
        scope,
        version: '1.0.0',
        tenantGate: scope === 'tenant',
        onError: (routeId, error) => circuits.failed(routeId, id, error),
        guard: (routeId) => {
          if (!circuits.allows(routeId)) throw new JackfieldError('PLUGIN_CIRCUIT_OPEN');
        },
      });
    await lifecycle.setup({
      services: {
        ...memoryServices([]),
        data: ({ id, manifest }) => database.withData(id, { acrossTenants: manifest.uses.acrossTenants }),
        routes: ({ id, manifest }, book) => {
          book(() => http.removeRoutes(id));
          return routesFor(id, manifest.scope);
        },
      },
      hooks,
      isActive: gate.isActiveInScope,
    });
    await lifecycle.start();
    await savePluginStates(data, lifecycle.states.list());
    const coreRoutes = routesFor('core', 'core');
    const audited: string[] = [];
    const audit = {
      record: async (entry: { action: string; target: { id: string } }) =>
        void audited.push(`${entry.action} ${entry.target.id}`),
    };
    registerPluginRoutes(coreRoutes, { states: lifecycle.states, gate, audit });
    registerUiRoutes(coreRoutes, { states: lifecycle.states, gate, log: silent });
    const { url } = await http.listen(0, '127.0.0.1');

    const request = async (who: keyof typeof people | null, method: string, path: string, body?: unknown) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(who ? { cookie: `jf_session=${who}` } : {}),
          'content-type': 'application/json',
          origin: url,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const json = (await response.json().catch(() => null)) as never;
      return { status: response.status, json };
    };
    const turn = (who: keyof typeof people, id: string, enabled: boolean, cascade?: boolean) =>
      request(who, 'PUT', `/api/core/plugins/${id}`, { enabled, cascade });
    return { at, database, data, lifecycle, gate, request, turn, audited };
  }

  it('[core-58] switches a plugin on for one customer, at once and for that one alone', async () => {
    const { request, turn, audited } = await start(['good-neighbour']);
    expect(await request('ann', 'GET', '/api/good-neighbour/notes')).toMatchObject({
      status: 404,
      json: { code: 'PLUGIN_NOT_ENABLED' },
    });

    expect(await turn('ann', 'good-neighbour', true)).toMatchObject({
      status: 200,
      json: { enabled: true, active: true, error: null },
    });
    expect(
      await request('ann', 'POST', '/api/good-neighbour/notes', { body: 'Water the plants.' }),
    ).toMatchObject({ status: 201 });
    expect(await request('ann', 'GET', '/api/good-neighbour/notes')).toMatchObject({
      status: 200,
      json: { items: [{ author: 'good-neighbour' }, { author: 'ann', body: 'Water the plants.' }] },
    });
    expect(await request('bob', 'GET', '/api/good-neighbour/notes')).toMatchObject({ status: 404 });

    expect(await turn('ann', 'good-neighbour', false)).toMatchObject({
      status: 200,
      json: { enabled: false },
    });
    expect(await request('ann', 'GET', '/api/good-neighbour/notes')).toMatchObject({
      status: 404,
      json: { code: 'PLUGIN_NOT_ENABLED' },
    });
    expect(audited).toEqual(['plugin.enable good-neighbour', 'plugin.disable good-neighbour']);
  });

  it('keeps the switches and the data over a restart, and greets a tenant only once', async () => {
    const at = await open();
    const first = await start(['good-neighbour'], at);
    await first.turn('ann', 'good-neighbour', true);
    for (const close of closing.splice(0).reverse()) await close();

    closing.push(() => at.drop());
    const second = await start(['good-neighbour'], at);
    expect(second.gate.isActive('tenant-a', 'good-neighbour')).toBe(true);
    await second.turn('ann', 'good-neighbour', false);
    await second.turn('ann', 'good-neighbour', true);
    const { json } = await second.request('ann', 'GET', '/api/good-neighbour/notes');
    expect((json as { items: unknown[] }).items).toHaveLength(1);
  });

  it('sets aside a plugin whose migration stops half way, names the repair, and serves the others', async () => {
    const { lifecycle, request, turn, data } = await start(['half-migration', 'good-neighbour']);
    const failure = lifecycle.states.get('half-migration')?.failure;
    expect(failure?.step).toBe('migrate');
    expect(failure?.reason).toContain('the disk is full');
    expect(failure?.reason).toContain(
      'npx jackfield migrate repair half-migration 202611200900-create-thing',
    );
    expect(await request('ann', 'GET', '/api/half-migration/things')).toMatchObject({ status: 404 });
    expect(await turn('ann', 'half-migration', true)).toMatchObject({ status: 409 });
    expect(await turn('ann', 'good-neighbour', true)).toMatchObject({ status: 200 });

    const rows = await data.repo(PluginEntity).find({}, { orderBy: { id: 'asc' } });
    expect(rows.map(({ id, state, error }) => [id, state, error?.slice(0, 8) ?? null])).toEqual([
      ['good-neighbour', 'started', null],
      ['half-migration', 'quarantined', 'migrate:'],
    ]);
  });

  it('tells the operator what failed and the customer only that it did', async () => {
    const { request } = await start(['throws-in-setup', 'good-neighbour']);
    const broken = async (who: 'olga' | 'ann') => {
      const { json } = await request(who, 'GET', '/api/core/plugins');
      return (json as { items: { id: string }[] }).items.find(({ id }) => id === 'throws-in-setup');
    };
    expect(await broken('olga')).toMatchObject({
      state: 'quarantined',
      enabled: null,
      error: { step: 'setup', reason: 'the cable is not plugged in' },
    });
    expect(await broken('ann')).toMatchObject({ state: 'quarantined', enabled: false, error: null });
    expect(await request('clerk', 'GET', '/api/core/plugins')).toMatchObject({ status: 403 });
    expect(await request(null, 'GET', '/api/core/plugins')).toMatchObject({ status: 401 });
  });

  it('rests a route after 20 errors and leaves the plugins beside it alone', async () => {
    const { request, turn } = await start(['throws-later', 'good-neighbour']);
    await turn('ann', 'throws-later', true);
    await turn('ann', 'good-neighbour', true);
    for (let at = 0; at < 20; at += 1) {
      expect(await request('ann', 'GET', '/api/throws-later/boom')).toMatchObject({ status: 500 });
    }
    expect(await request('ann', 'GET', '/api/throws-later/boom')).toMatchObject({
      status: 503,
      json: { code: 'PLUGIN_CIRCUIT_OPEN' },
    });
    expect(await request('ann', 'GET', '/api/good-neighbour/notes')).toMatchObject({ status: 200 });
  });

  it('lists for the browser the pages that the user may see, of plugins that are on', async () => {
    const { request, turn } = await start(['good-neighbour', 'throws-later']);
    expect(await request('ann', 'GET', '/api/core/ui')).toEqual({ status: 200, json: { plugins: [] } });
    await turn('ann', 'good-neighbour', true);
    expect(await request('ann', 'GET', '/api/core/ui')).toMatchObject({
      json: {
        plugins: [
          {
            id: 'good-neighbour',
            version: '1.2.0',
            title: { en: 'Good neighbour' },
            entry: '/ui/p/good-neighbour/1.2.0/index.js',
            css: ['/ui/p/good-neighbour/1.2.0/style.css'],
            pages: [{ path: '/notes', component: 'NotesPage', menu: { section: 'workbench' } }],
            locales: { en: '/api/core/ui/good-neighbour/locales/en?v=1.2.0' },
          },
        ],
      },
    });
    expect(await request('ann', 'GET', '/api/core/ui/good-neighbour/locales/en')).toMatchObject({
      json: { notes: 'Notes' },
    });
    expect(await request('clerk', 'GET', '/api/core/ui')).toEqual({ status: 200, json: { plugins: [] } });
    expect(await request('bob', 'GET', '/api/core/ui/good-neighbour/locales/en')).toMatchObject({
      status: 404,
    });
    expect(await request(null, 'GET', '/api/core/ui')).toMatchObject({ status: 401 });
  });
});
