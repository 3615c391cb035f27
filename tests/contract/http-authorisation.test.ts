import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RouteEntry } from '../../core/src/http/index.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { testDatabases } from '../../core/test-kit/databases.ts';
import { type AuthServer, type Client, startAuth } from './auth-fixture.ts';

/** Bodies that pass the schema of their route, so that what is answered is about rights and tenants. */
const bodies: Readonly<Record<string, unknown>> = {
  'PATCH /api/core/users/:id': { name: 'Taken over' },
  'POST /api/core/users/:id/password': { password: 'a new long password' },
  'PATCH /api/core/roles/:id': { name: 'Taken over' },
};

const toy = { scope: 'tenant', version: '1.0.0', tenantGate: true, onError: () => {} } as const;

/** Generated from the route table: a new route is tested by being there. SQLite will do, as no query differs. */
describe.each(testDatabases().slice(0, 1))('the rights of every route', (kind) => {
  let server: AuthServer;
  let routes: RouteEntry[];
  /** Ids of Acme that stand in a path, by the word before them. */
  let ids: Record<string, string>;
  /** A user of Globex, so that in what is said of Acme's roles only the role is another tenant's. */
  let outsider: string;

  beforeAll(async () => {
    server = await startAuth(kind);
    const toyRoutes = server.http.routesFor('toy', toy);
    toyRoutes.get('/things', { response: z.array(z.string()) }, () => ['of the tenant']);
    toyRoutes.delete(
      '/things/:id',
      { permission: 'toy:destroy', params: z.object({ id: z.string() }) },
      () => {},
    );
    toyRoutes.get('/open', { public: true, response: z.string() }, () => 'open to all');
    const title = { 'zh-CN': '玩具', en: 'Toy' };
    server.auth.registerPermissions('toy', [
      { key: 'toy:read', title, defaultRoles: ['agent'] },
      { key: 'toy:destroy', title },
    ]);
    server.settings.register('toy', [
      { key: 'size', title, schema: { type: 'integer' }, default: 1, level: 'tenant' },
    ]);
    routes = server.http.routeTable();

    const userId = await server.addUser('victim', 'agent');
    outsider = await scope.runAsSystem(server.globex.id, 'test', async () => {
      const { id: roleId } = await server.auth.roles.byKey('agent');
      const values = { username: 'outsider', name: 'O', password: 'a long enough password', roleId };
      return (await server.auth.users.create(values)).id;
    });
    await server.inAcme(async () => {
      const { id: roleId } = await server.auth.roles.create({
        name: 'Nothing',
        description: '',
        permissions: [],
      });
      const { row } = await server.auth.apiKeys.create(userId, {
        name: 'k',
        permissions: [],
        expiresAt: null,
      });
      await server.auth.users.create({
        username: 'powerless',
        name: 'P',
        password: 'a long enough password',
        roleId,
      });
      ids = {
        users: userId,
        members: userId,
        roles: roleId,
        'api-keys': row.id,
        things: '1',
        settings: 'toy',
      };
    });
  });
  afterAll(() => server.close());

  const address = (route: RouteEntry) =>
    route.path.replace(/([\w-]+)\/:\w+/g, (_, word: string) => {
      const id = ids[word];
      if (!id) throw new Error(`${route.path}: say which id of Acme stands after "${word}"`);
      return `${word}/${id}`;
    });
  const call = (browser: Client, route: RouteEntry) => {
    const members = route.path.endsWith('/members');
    const query = members && route.method === 'DELETE' ? `?userId=${outsider}` : '';
    const body = members ? { userId: outsider } : (bodies[name(route)] ?? {});
    const path = `/..${address(route).slice('/api'.length)}${query}`;
    return browser.send(route.method, path, route.method === 'GET' ? undefined : body);
  };
  const name = ({ method, path }: RouteEntry) => `${method} ${path}`;

  it('has a route table worth testing', () => {
    expect(routes.filter(({ pluginId }) => pluginId === 'core').length).toBeGreaterThan(25);
    expect(routes.filter((route) => route.public).map(name)).toEqual([
      'GET /api/core/captcha',
      'POST /api/core/sign-in',
      'GET /api/toy/open',
    ]);
  });

  it('asks everyone who is signed out to sign in', async () => {
    for (const route of routes.filter((each) => !each.public)) {
      const { status, body } = await call(server.client(), route);
      expect([name(route), status, body.code]).toEqual([name(route), 401, 'NOT_SIGNED_IN']);
    }
  });

  it('refuses a role without the permission, and names it', async () => {
    const powerless = await server.signIn('powerless@acme');
    for (const route of routes.filter((each) => each.permission !== null)) {
      const { status, body } = await call(powerless, route);
      expect([name(route), status, body.code]).toEqual([name(route), 403, 'FORBIDDEN']);
      expect(body.details.permission).toBe(route.permission);
    }
  });

  it("refuses tenants the operator's routes, whatever their role", async () => {
    const admin = await server.signIn('admin@acme');
    for (const route of routes.filter((each) => each.permission === 'core:tenants')) {
      expect((await call(admin, route)).body.code).toBe('FORBIDDEN');
    }
  });

  it('finds nothing of another tenant, whatever the id', async () => {
    const stranger = await server.signIn('admin@globex');
    const about = routes.filter(
      (each) => each.pluginId === 'core' && /(users|roles|api-keys)\/:/.test(each.path),
    );
    expect(about.length).toBeGreaterThan(9);
    for (const route of about) {
      const { status, body } = await call(stranger, route);
      expect([name(route), status, body.code]).toEqual([name(route), 404, 'NOT_FOUND']);
    }
    const victim = await server.inAcme(() => server.auth.usersRepo.get(ids.users ?? ''));
    expect(victim.name).toBe('victim');
  });

  it('answers PLUGIN_NOT_ENABLED for every route of a plugin that is off, and for its settings', async () => {
    server.inactive.add(`${server.globex.id}/toy`);
    const stranger = await server.signIn('admin@globex');
    const settings = routes.filter((each) => each.path === '/api/core/settings/:plugin');
    for (const route of [...routes.filter((each) => each.pluginId === 'toy'), ...settings]) {
      const { status, body } = await call(stranger, route);
      expect([name(route), status, body.code]).toEqual([name(route), 404, 'PLUGIN_NOT_ENABLED']);
    }
    const own = await server.signIn('admin@acme');
    expect((await own.get('/../toy/things')).body).toEqual(['of the tenant']);
  });
});
