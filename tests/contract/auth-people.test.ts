import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { scope } from '../../core/src/tenants/scope.ts';
import { testDatabases } from '../../core/test-kit/databases.ts';
import { type AuthServer, type Client, password, startAuth } from './auth-fixture.ts';

const title = { 'zh-CN': '测试', en: 'Test' };

describe.each(testDatabases())('people and rights, on $name', (kind) => {
  let server: AuthServer;
  let admin: Client;
  let operator: Client;
  let count = 0;
  let username: string;

  beforeAll(async () => {
    server = await startAuth(kind);
    admin = await server.signIn('admin@acme');
    operator = await server.signIn('root');
    server.auth.registerPermissions('acd', [
      { key: 'acd:read', title, group: 'acd', defaultRoles: ['agent', 'supervisor'] },
      { key: 'acd:listen', title, group: 'acd', defaultRoles: ['supervisor'] },
    ]);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    count += 1;
    username = `user${count}`;
  });

  const roleId = async (key: string) => (await server.inAcme(() => server.auth.roles.byKey(key))).id;
  const permissionsOf = async (browser: Client): Promise<string[]> =>
    (await browser.get('/session')).body.permissions;

  describe('users', () => {
    it('[core-05] holds user name, full name, email and mobile number, and lets the user sign in', async () => {
      const made = await admin.post('/users', {
        username: 'Zhang.Wei',
        name: '张伟',
        password,
        email: 'zhang@acme.example',
        mobile: '13800138000',
        roleId: await roleId('agent'),
      });
      expect(made).toMatchObject({
        status: 201,
        body: {
          username: 'zhang.wei',
          name: '张伟',
          email: 'zhang@acme.example',
          mobile: '13800138000',
          disabled: false,
        },
      });
      expect(JSON.stringify(made.body)).not.toMatch(/scrypt|passwordHash/);
      const zhang = await server.signIn('zhang.wei@acme');
      expect((await zhang.get('/session')).body.user.name).toBe('张伟');
    });

    it('[core-05] lets who manages users choose among the roles without the right to change them', async () => {
      const manager = await server
        .addUser(username, 'agent-administrator')
        .then(() => server.signIn(`${username}@acme`));
      expect((await manager.get('/roles')).status).toBe(403);
      const { status, body } = await manager.get('/users/roles');
      expect(status).toBe(200);
      expect(body.items.map(({ key }: { key: string }) => key)).toContain('agent');
    });

    it('[core-05] finds, sorts and pages users, of the own tenant alone', async () => {
      for (const name of ['pag-c', 'pag-a', 'pag-b']) await server.addUser(name, 'agent');
      const first = (await admin.get('/users?search=pag-&sort=-username&limit=2')).body;
      expect(first.items.map((user: { username: string }) => user.username)).toEqual(['pag-c', 'pag-b']);
      expect(first.total).toBe(3);
      const rest = (await admin.get(`/users?search=pag-&sort=-username&limit=2&cursor=${first.nextCursor}`))
        .body;
      expect(rest.items.map((user: { username: string }) => user.username)).toEqual(['pag-a']);
      expect(rest.nextCursor).toBeNull();
      const elsewhere = await server.signIn('admin@globex');
      expect((await elsewhere.get('/users')).body.items).toMatchObject([{ username: 'admin' }]);
    });

    it('refuses a name that is taken, in this tenant only', async () => {
      await server.addUser(username, 'agent');
      const body = { username: username.toUpperCase(), name: 'x', password, roleId: await roleId('agent') };
      expect((await admin.post('/users', body)).body.code).toBe('CONFLICT');
      const elsewhere = await server.signIn('admin@globex');
      const roles = (await elsewhere.get('/roles')).body.items;
      const agent = roles.find((role: { key: string }) => role.key === 'agent').id;
      expect((await elsewhere.post('/users', { ...body, roleId: agent })).status).toBe(201);
    });

    it.each([
      [{ username: 'a@b' }, 'body.username'],
      [{ password: 'short' }, 'body.password'],
      [{ email: 'nowhere' }, 'body.email'],
      [{ mobile: 'call me' }, 'body.mobile'],
    ])('refuses %j', async (wrong, path) => {
      const body = { username, name: 'x', password, roleId: await roleId('agent'), ...wrong };
      expect((await admin.post('/users', body)).body.errors).toMatchObject([{ path }]);
    });

    it('deletes a user, frees the name, ends the sessions, and still knows who it was', async () => {
      const id = await server.addUser(username, 'agent');
      const browser = await server.signIn(`${username}@acme`);
      expect((await admin.send('DELETE', `/users/${id}`)).status).toBe(204);
      expect((await browser.get('/session')).status).toBe(401);
      expect((await admin.get(`/users/${id}`)).status).toBe(404);
      expect(await server.addUser(username, 'agent')).not.toBe(id);
      const known = await server.inAcme(() => server.auth.directory.user(id));
      expect(known).toMatchObject({ id, username, disabled: true });
    });

    it('lets nobody delete or disable themselves, or change their own role', async () => {
      const me = (await admin.get('/session')).body.user.id;
      const replies = [
        await admin.send('DELETE', `/users/${me}`),
        await admin.post(`/users/${me}/disable`),
        await admin.send('PATCH', `/users/${me}`, { roleId: await roleId('agent') }),
      ];
      expect(replies.map(({ body }) => body.code)).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT']);
      expect((await admin.get('/session')).status).toBe(200);
    });

    it('sets a new password, which ends the sessions of the user', async () => {
      const id = await server.addUser(username, 'agent');
      const browser = await server.signIn(`${username}@acme`);
      const next = 'entirely new password';
      expect((await admin.post(`/users/${id}/password`, { password: next })).status).toBe(204);
      expect((await browser.get('/session')).status).toBe(401);
      const again = await server.client().post('/sign-in', { account: `${username}@acme`, password: next });
      expect(again.status).toBe(200);
    });

    it('lets nobody raise rights above their own, by a role or by another password', async () => {
      await server.addUser(username, 'agent-administrator');
      const lesser = await server.signIn(`${username}@acme`);
      const adminId = (await admin.get('/session')).body.user.id;
      const make = async (role: string) =>
        lesser.post('/users', { username: `${username}x`, name: 'x', password, roleId: await roleId(role) });
      expect((await make('admin')).body.code).toBe('FORBIDDEN');
      expect((await lesser.post(`/users/${adminId}/password`, { password })).body.code).toBe('FORBIDDEN');
      expect((await lesser.post(`/users/${adminId}/disable`)).body.code).toBe('FORBIDDEN');
      expect((await lesser.send('DELETE', `/users/${adminId}`)).body.code).toBe('FORBIDDEN');
    });
  });

  describe('roles', () => {
    it('[core-06] comes with agent, agent administrator, supervisor and administrator', async () => {
      const { items } = (await admin.get('/roles')).body;
      const builtIn = items.filter((role: { builtIn: boolean }) => role.builtIn);
      expect(builtIn.map((role: { key: string; name: string }) => [role.key, role.name])).toEqual([
        ['agent', '坐席'],
        ['agent-administrator', '坐席管理员'],
        ['supervisor', '班长'],
        ['admin', '系统管理员'],
      ]);
    });

    it('[core-06] creates, changes and deletes a role, but no built-in one and none with members', async () => {
      const made = await admin.post('/roles', { name: `Role ${count}`, permissions: ['acd:read'] });
      expect(made).toMatchObject({
        status: 201,
        body: { permissions: ['acd:read'], builtIn: false, memberCount: 0 },
      });
      const path = `/roles/${made.body.id}`;
      const changed = await admin.send('PATCH', path, {
        name: `Changed ${count}`,
        permissions: ['acd:listen'],
      });
      expect(changed.body).toMatchObject({ name: `Changed ${count}`, permissions: ['acd:listen'] });
      const userId = await server.addUser(username, 'agent');
      await admin.post(`${path}/members`, { userId });
      expect((await admin.send('DELETE', path)).body.code).toBe('CONFLICT');
      await admin.send('DELETE', `${path}/members?userId=${userId}`);
      expect((await admin.send('DELETE', path)).status).toBe(204);
      expect((await admin.send('DELETE', `/roles/${await roleId('agent')}`)).body.code).toBe('CONFLICT');
    });

    it('[core-07] adds users to a role, removes them, and lists them with email and mobile', async () => {
      const { body: role } = await admin.post('/roles', { name: `Role ${count}`, permissions: [] });
      const userId = await server.addUser(username, 'agent');
      await admin.send('PATCH', `/users/${userId}`, { email: 'a@acme.example', mobile: '13800138000' });
      const members = async () => (await admin.get(`/roles/${role.id}/members`)).body.items;
      expect((await admin.post(`/roles/${role.id}/members`, { userId })).status).toBe(204);
      expect(await members()).toEqual([
        { id: userId, username, name: username, email: 'a@acme.example', mobile: '13800138000' },
      ]);
      await admin.send('DELETE', `/roles/${role.id}/members?userId=${userId}`);
      expect(await members()).toEqual([]);
    });

    it('[core-41] masks the mobile number for who may see roles but not users', async () => {
      const { body: role } = await admin.post('/roles', {
        name: `Role ${count}`,
        permissions: ['core:roles'],
      });
      const userId = await server.addUser(username, 'agent');
      await admin.send('PATCH', `/users/${userId}`, { mobile: '13800138000' });
      await admin.post(`/roles/${role.id}/members`, { userId });
      const browser = await server.signIn(`${username}@acme`);
      expect((await browser.get(`/roles/${role.id}/members`)).body.items[0].mobile).toBe('138****8000');
    });

    it('[core-08] gives a user exactly one role, which fixes what the user may do, from the next request on', async () => {
      const userId = await server.addUser(username, 'agent');
      const browser = await server.signIn(`${username}@acme`);
      expect(await permissionsOf(browser)).toEqual(['acd:read']);
      await admin.post(`/roles/${await roleId('supervisor')}/members`, { userId });
      expect(await permissionsOf(browser)).toEqual(['acd:listen', 'acd:read']);
      expect((await admin.get(`/users/${userId}`)).body.roleId).toBe(await roleId('supervisor'));
    });

    it('keeps what an admin took away, and still gives the defaults of a plugin installed later', async () => {
      await server.addUser(username, 'supervisor');
      const browser = await server.signIn(`${username}@acme`);
      await admin.send('PATCH', `/roles/${await roleId('supervisor')}`, { permissions: ['acd:read'] });
      expect(await permissionsOf(browser)).toEqual(['acd:read']);
      const undo = server.auth.registerPermissions('qa', [
        { key: 'qa:score', title, group: 'qa', defaultRoles: ['supervisor'] },
      ]);
      expect(await permissionsOf(browser)).toEqual(['acd:read', 'qa:score']);
      undo();
      expect(await permissionsOf(browser)).toEqual(['acd:read']);
      await admin.send('PATCH', `/roles/${await roleId('supervisor')}`, {
        permissions: ['acd:read', 'acd:listen'],
      });
      expect(await permissionsOf(browser)).toEqual(['acd:listen', 'acd:read']);
    });

    it('gives the administrator every permission, and lets nobody take one', async () => {
      expect(await permissionsOf(admin)).toEqual(
        expect.arrayContaining(['core:users', 'core:roles', 'acd:listen']),
      );
      expect(await permissionsOf(admin)).not.toContain('core:tenants');
      const path = `/roles/${await roleId('admin')}`;
      expect((await admin.send('PATCH', path, { permissions: [] })).body.code).toBe('CONFLICT');
    });

    it('refuses to give a permission that one does not have, or that is the operator’s', async () => {
      const { body: role } = await admin.post('/roles', {
        name: `Role ${count}`,
        permissions: ['core:roles'],
      });
      const userId = await server.addUser(username, 'agent');
      await admin.post(`/roles/${role.id}/members`, { userId });
      const browser = await server.signIn(`${username}@acme`);
      const give = (permission: string) =>
        browser.send('PATCH', `/roles/${role.id}`, { permissions: [permission] });
      expect((await give('core:users')).body).toMatchObject({
        code: 'FORBIDDEN',
        details: { permissions: ['core:users'] },
      });
      const all = await admin.post('/roles', { name: 'Operators?', permissions: ['core:tenants'] });
      expect(all.body.code).toBe('FORBIDDEN');
    });

    it('lists every permission a role can have, with its plugin and its defaults', async () => {
      const { body } = await admin.get('/permissions');
      expect(body.items).toContainEqual({
        key: 'acd:listen',
        plugin: 'acd',
        title,
        group: 'acd',
        defaultRoles: ['supervisor'],
      });
      expect(body.items.map((each: { key: string }) => each.key)).not.toContain('core:tenants');
    });
  });

  describe('tenants', () => {
    const globe = {
      slug: 'initech',
      name: 'Initech',
      timeZone: 'Europe/Berlin',
      locale: 'en',
      admin: { username: 'boss', name: 'Boss', password },
    };

    it('are made by the operator, with their roles and a first administrator', async () => {
      const told: unknown[] = [];
      const undo = server.auth.onTenantCreated(async (tenant) => {
        told.push([tenant.slug, scope.tenantId() === tenant.id]);
      });
      expect((await operator.post('/tenants', globe)).status).toBe(201);
      undo();
      expect(told).toEqual([['initech', true]]);
      const boss = await server.signIn('boss@initech');
      expect((await boss.get('/roles')).body.items.map((role: { name: string }) => role.name)).toContain(
        'Supervisor',
      );
      const { items } = (await operator.get('/tenants')).body;
      expect(items.map((tenant: { slug: string }) => tenant.slug)).toEqual(['acme', 'globex', 'initech']);
    });

    it('leave nothing behind when they cannot be made', async () => {
      const undo = server.auth.onTenantCreated(async () => {
        throw new Error('no room');
      });
      const slug = 'umbrella';
      expect((await operator.post('/tenants', { ...globe, slug })).status).toBe(500);
      undo();
      expect(await server.auth.tenants.bySlug(slug)).toBeNull();
      expect((await operator.post('/tenants', { ...globe, slug: 'acme' })).body.code).toBe('CONFLICT');
    });

    it('need a slug that fits an address and a time zone that exists', async () => {
      expect((await operator.post('/tenants', { ...globe, slug: 'No Way' })).body.errors).toMatchObject([
        { path: 'body.slug' },
      ]);
      const nowhere = await operator.post('/tenants', { ...globe, slug: 'x1', timeZone: 'Mars/Olympus' });
      expect(nowhere.body.errors).toMatchObject([{ path: 'body.timeZone' }]);
    });
  });

  describe('the directory of plugins', () => {
    it('knows the users of the tenant of the scope with their permissions, and the tenants', async () => {
      const id = await server.addUser(username, 'agent');
      await server.inAcme(async () => {
        const user = await server.auth.directory.user(id);
        expect(user).toMatchObject({ username, tenantId: server.acme.id, disabled: false });
        expect([...user.permissions]).toEqual(['acd:read']);
        expect(await server.auth.directory.users({ ids: [id, 'other'] })).toHaveLength(1);
        expect(await server.auth.directory.users({ search: username })).toHaveLength(1);
        expect(await server.auth.directory.tenant()).toMatchObject({
          slug: 'acme',
          timeZone: 'Asia/Shanghai',
        });
      });
      const elsewhere = scope.runAsSystem(server.globex.id, 'test', () => server.auth.directory.user(id));
      await expect(elsewhere).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await server.auth.directory.tenants()).map(({ slug }) => slug)).toContain('globex');
    });
  });

  describe('the audit log', () => {
    it('[core-51] says who changed what and when, and masks numbers and passwords', async () => {
      const id = await server.addUser(username, 'agent');
      await admin.send('PATCH', `/users/${id}`, { mobile: '13800138000', name: 'New name' });
      await admin.post(`/users/${id}/password`, { password: 'hunter2hunter2' });
      const { items } = (await admin.get(`/audit?targetType=user&targetId=${id}`)).body;
      expect(items.map((entry: { action: string }) => entry.action)).toEqual([
        'user.reset-password',
        'user.update',
        'user.create',
      ]);
      expect(items[1]).toMatchObject({
        at: server.clock.now(),
        actor: { kind: 'user', name: 'Admin' },
        target: { type: 'user', id, label: username },
        before: { mobile: null, name: username },
        after: { mobile: '138****8000', name: 'New name' },
      });
      expect(JSON.stringify(items)).not.toMatch(/13800138000|hunter2|scrypt/);
    });

    it('[core-51] is seen by the own tenant alone, and has no other route', async () => {
      const elsewhere = await server.signIn('admin@globex');
      const idsFor = async (browser: Client) =>
        (await browser.get('/audit?limit=200')).body.items.map((entry: { id: string }) => entry.id);
      const [ours, theirs] = [await idsFor(admin), await idsFor(elsewhere)];
      expect(Math.min(ours.length, theirs.length)).toBeGreaterThan(0);
      expect(ours.filter((id: string) => theirs.includes(id))).toEqual([]);
      const ofOperator = (await operator.get('/audit?action=tenant.create')).body.items;
      expect(ofOperator.map((entry: { target: { label: string } }) => entry.target.label)).toContain('acme');
      const paths = server.http.routeTable().filter(({ path }) => path.includes('audit'));
      expect(paths.map(({ method }) => method)).toEqual(['GET']);
    });

    it('loses the entry with the change it was about', async () => {
      const before = (await admin.get('/audit?limit=1')).body.total;
      expect(
        (
          await admin.post('/users', {
            username: 'admin',
            name: 'x',
            password,
            roleId: await roleId('agent'),
          })
        ).body.code,
      ).toBe('CONFLICT');
      expect((await admin.get('/audit?limit=1')).body.total).toBe(before);
    });
  });

  describe('settings', () => {
    const definitions = [
      {
        key: 'rings',
        title,
        schema: { type: 'integer', minimum: 1, maximum: 90 },
        default: 20,
        level: 'tenant' as const,
      },
      { key: 'key', title, schema: { type: 'string' }, level: 'tenant' as const, secret: true },
      { key: 'limit', title, schema: { type: 'integer' }, default: 5, level: 'system' as const },
    ];
    beforeAll(() => {
      server.settings.register('acd', definitions);
    });
    const value = async (browser: Client, key: string) =>
      (await browser.get('/settings/acd')).body.settings.find((each: { key: string }) => each.key === key);

    it('hold for the tenant that set them, else as the operator did, else by default', async () => {
      const other = await server.signIn('admin@globex');
      expect((await value(admin, 'rings')).value).toBe(20);
      await operator.send('PUT', '/settings/acd', { rings: 30 });
      expect((await value(admin, 'rings')).value).toBe(30);
      await admin.send('PUT', '/settings/acd', { rings: 40 });
      expect([(await value(admin, 'rings')).value, (await value(other, 'rings')).value]).toEqual([40, 30]);
      await admin.send('PUT', '/settings/acd', { rings: null });
      expect((await value(admin, 'rings')).value).toBe(30);
    });

    it('are checked by their schema, all before any is set', async () => {
      const before = (await value(admin, 'rings')).value;
      const refused = await admin.send('PUT', '/settings/acd', { key: 'x', rings: 91 });
      expect(refused.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'rings' }] });
      expect((await value(admin, 'key')).isSet).toBe(false);
      expect((await value(admin, 'rings')).value).toBe(before);
      expect((await admin.send('PUT', '/settings/acd', { nothing: 1 })).body.code).toBe('NOT_FOUND');
    });

    it('keep a secret: the plugin has it, nobody else', async () => {
      await admin.send('PUT', '/settings/acd', { key: 'sk-123456' });
      const shown = (await admin.get('/settings/acd')).body;
      expect(JSON.stringify(shown)).not.toContain('sk-123456');
      expect(await value(admin, 'key')).toMatchObject({ value: null, isSet: true });
      expect(await server.inAcme(async () => server.settings.settingsFor('acd').get('key'))).toBe(
        'sk-123456',
      );
      const { items } = (await admin.get('/audit?targetType=setting')).body;
      expect(JSON.stringify(items)).not.toContain('sk-123456');
      const { dataSource } = server.database;
      expect(JSON.stringify(await dataSource.query('SELECT * FROM core_setting'))).not.toContain('sk-123456');
    });

    it("leave the operator's to the operator", async () => {
      expect(await value(admin, 'limit')).toMatchObject({ value: 5, editable: false });
      expect((await admin.send('PUT', '/settings/acd', { limit: 9 })).body.code).toBe('FORBIDDEN');
      await operator.send('PUT', '/settings/acd', { limit: 9 });
      expect((await value(admin, 'limit')).value).toBe(9);
    });
  });

  it('answers every list with pages and nothing with more than 200', async () => {
    for (const path of ['/users', '/roles', '/audit']) {
      const { status, body } = await admin.get(`${path}?limit=201`);
      expect([path, status, body.code]).toEqual([path, 422, 'VALIDATION_FAILED']);
      expect(
        z
          .object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() })
          .safeParse((await admin.get(path)).body).success,
      ).toBe(true);
    }
  });
});
