import pino from 'pino';
import { AuditEntry } from '../../core/src/audit/audit.entity.ts';
import { createAudit } from '../../core/src/audit/audit.ts';
import { type Auth, authEntities, createAuth } from '../../core/src/auth/index.ts';
import type { Database } from '../../core/src/data/database.ts';
import { openDatabase } from '../../core/src/data/database.ts';
import { coreMigrationsFolder, loadMigrations } from '../../core/src/data/migration-files.ts';
import { runMigrations } from '../../core/src/data/migrations.ts';
import { addCoreRoutes } from '../../core/src/http/core-routes.ts';
import { createHttp, type Http } from '../../core/src/http/index.ts';
import { createSecretBox } from '../../core/src/settings/secret-box.ts';
import { Setting } from '../../core/src/settings/setting.entity.ts';
import { createSettings, type Settings } from '../../core/src/settings/settings.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { Tenant, type TenantRow } from '../../core/src/tenants/tenant.entity.ts';
import type { DatabaseKind } from '../../core/test-kit/databases.ts';
import { type FakeClock, fakeClock } from '../../core/test-kit/fake-clock.ts';

/** 17:00 on 20 November 2026 in Shanghai. */
export const start = Date.UTC(2026, 10, 20, 9);
export const password = 'a long enough password';

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
  readonly headers: Headers;
}
/** A browser: keeps its cookies, speaks JSON. */
export interface Client {
  cookie: string;
  get(path: string): Promise<Reply>;
  send(method: string, path: string, body?: unknown): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
}
export interface AuthServer {
  readonly clock: FakeClock;
  readonly database: Database;
  readonly auth: Auth;
  readonly settings: Settings;
  readonly http: Http;
  readonly acme: TenantRow;
  readonly globex: TenantRow;
  /** `<tenant>/<plugin>` that is switched off. */
  readonly inactive: Set<string>;
  client(headers?: Record<string, string>): Client;
  signIn(account: string): Promise<Client>;
  /** A user of Acme with a built-in role. */
  addUser(username: string, role: string): Promise<string>;
  inAcme<T>(fn: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * The core's routes on a database with the real migrations: operator `root`, tenants Acme (Shanghai, Chinese) and Globex
 * (New York, English), each with the administrator `admin`.
 */
export async function startAuth(kind: DatabaseKind): Promise<AuthServer> {
  const clock = fakeClock(start);
  const testDatabase = await kind.open();
  const database = await openDatabase({
    url: testDatabase.url,
    dataDir: '',
    clock,
    entities: [{ plugin: 'core', entities: [Tenant, ...authEntities, AuditEntry, Setting] }],
  });
  const ours = /-core-(tenants|auth|audit|settings)$/;
  const migrations = (await loadMigrations(coreMigrationsFolder())).filter(({ name }) => ours.test(name));
  const [outcome] = await runMigrations(database, [{ plugin: 'core', version: '0.1.0', migrations }], {
    clock,
  });
  if (outcome?.status !== 'done') throw new Error(JSON.stringify(outcome));

  const data = database.withData('core');
  const inactive = new Set<string>();
  const isActive = (tenantId: string, pluginId: string) => !inactive.has(`${tenantId}/${pluginId}`);
  const onError = (error: unknown) => {
    throw error;
  };
  const audit = createAudit(data);
  const auth = createAuth({ data, clock, audit, onError, passwordLog2N: 4 });
  const settings = createSettings({
    data,
    clock,
    secrets: createSecretBox('a secret of the tests'),
    audit: audit.auditFor('core'),
    onError,
  });
  const http = createHttp({ log: pino({ level: 'silent' }), isActive, auth, clock });
  const routes = http.routesFor('core', {
    scope: 'core',
    version: '0.1.0',
    tenantGate: false,
    onError: () => {},
  });
  addCoreRoutes(routes, { auth, audit, settings, isActive });

  await auth.createOperator({ username: 'root', name: 'Root', password });
  const admin = { username: 'admin', name: 'Admin', password };
  const acme = await auth.createTenant(
    { slug: 'acme', name: 'Acme', timeZone: 'Asia/Shanghai', locale: 'zh-CN' },
    admin,
  );
  const globex = await auth.createTenant(
    { slug: 'globex', name: 'Globex', timeZone: 'America/New_York', locale: 'en' },
    admin,
  );
  const { url } = await http.listen(0, '127.0.0.1');

  function client(extra: Record<string, string> = {}): Client {
    const self: Client = {
      cookie: '',
      get: (path) => self.send('GET', path),
      post: (path, body) => self.send('POST', path, body),
      async send(method, path, body) {
        const response = await fetch(`${url}/api/core${path}`, {
          method,
          headers: {
            'accept-language': 'en',
            ...(self.cookie ? { cookie: self.cookie } : {}),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...extra,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const set = response.headers.getSetCookie().find((cookie) => cookie.startsWith('jf_session='));
        if (set) self.cookie = /^jf_session=[^;]+/.exec(set)?.[0] ?? '';
        const text = await response.text();
        return { status: response.status, body: text ? JSON.parse(text) : null, headers: response.headers };
      },
    };
    return self;
  }

  const server: AuthServer = {
    clock,
    database,
    auth,
    settings,
    http,
    acme,
    globex,
    inactive,
    client,
    async signIn(account) {
      const browser = client();
      const reply = await browser.post('/sign-in', { account, password });
      if (reply.status !== 200) throw new Error(`${account} cannot sign in: ${JSON.stringify(reply.body)}`);
      return browser;
    },
    inAcme: (fn) => scope.runAsSystem(acme.id, 'test', fn),
    addUser: (username, role) =>
      server.inAcme(async () => {
        const { id: roleId } = await auth.roles.byKey(role);
        return (await auth.users.create({ username, name: username, password, roleId })).id;
      }),
    async close() {
      await http.close(0);
      await database.close();
      await testDatabase.drop();
    },
  };
  return server;
}
