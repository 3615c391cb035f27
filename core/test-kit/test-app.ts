import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Clock } from '../src/boot/clock.ts';
import { readConfig } from '../src/boot/config.ts';
import { type Server, startServer } from '../src/boot/server.ts';
import { installation } from '../src/boot/static.ts';
import { scope } from '../src/tenants/scope.ts';
import { until } from './until.ts';

export interface TestAppOptions {
  /** Ids of plugins of the workspace, or folders; only these are installed. None unless given. */
  readonly plugins?: readonly string[];
  /** More of the environment, such as DATABASE_URL or FREESWITCH_URL. */
  readonly env?: Readonly<Record<string, string>>;
  /** A data folder of an earlier app, to start again on; kept afterwards. */
  readonly dataDir?: string;
  /** Tenants to make, each with all installed plugins switched on. `acme` unless given. */
  readonly tenants?: readonly string[];
  /** `silent` unless given. */
  readonly logLevel?: string;
  /** A fake one stands still: jobs, retries and sweeps come when the test moves it. */
  readonly clock?: Clock;
}

/** Somebody signed in. Requests carry the cookie; a path begins with `/api/…`. */
export interface TestUser {
  readonly id: string;
  readonly account: string;
  readonly cookie: string;
  get<T = unknown>(path: string): Promise<TestResponse<T>>;
  post<T = unknown>(path: string, body?: unknown): Promise<TestResponse<T>>;
  put<T = unknown>(path: string, body?: unknown): Promise<TestResponse<T>>;
  patch<T = unknown>(path: string, body?: unknown): Promise<TestResponse<T>>;
  delete<T = unknown>(path: string): Promise<TestResponse<T>>;
}
export interface TestResponse<T> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or undefined. */
  readonly body: T;
}

export interface TestApp extends Server {
  readonly dataDir: string;
  /** Tenant id of a slug. */
  tenant(slug: string): string;
  /** The administrator of a tenant, signed in. */
  admin(slug?: string): Promise<TestUser>;
  /** A new user with a built-in role (`agent`, `supervisor`, …), signed in. */
  user(username: string, role?: string, slug?: string): Promise<TestUser>;
  /** Signs in somebody who is there already; the password is the test kit's own unless given (users of the demo). */
  signIn(account: string, password?: string): Promise<TestUser>;
  /** Requests without a session. */
  readonly anonymous: TestUser;
  /** Stops the server and starts it again on the same data; the emulator's calls are lost unless it runs elsewhere. */
  restart(): Promise<TestApp>;
}

const PASSWORD = 'a-Password-4-tests';

/**
 * The real server on a free port of loopback, on SQLite in a folder of its own, with the emulator. Everything
 * goes through HTTP, as for a browser.
 */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'jackfield-test-')));
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    DEMO: 'off',
    LOG_LEVEL: options.logLevel ?? 'silent',
    ...options.env,
  });
  const server = await startServer({
    config,
    mode: 'source',
    log: pino({ level: config.logLevel }),
    pluginDirs: (options.plugins ?? []).map((plugin) =>
      plugin.includes('/') ? plugin : join(installation, 'plugins', plugin),
    ),
    // The usual cost takes a tenth of a second each; tests sign in hundreds of times.
    passwordLog2N: 10,
    ...(options.clock ? { clock: options.clock } : {}),
  });
  if (server.emulator) {
    await until('the server connects to its emulator', async () => {
      const { checks } = (await (await fetch(`${server.url}/readyz`)).json()) as {
        checks: { switch: unknown };
      };
      return checks.switch === null;
    });
  }
  const tenants = new Map((await server.auth.tenants.all()).map((tenant) => [tenant.slug, tenant.id]));
  for (const slug of options.tenants ?? ['acme']) {
    if (tenants.has(slug)) continue;
    const tenant = await server.auth.createTenant(
      { slug, name: slug, timeZone: 'Asia/Shanghai', locale: 'en' },
      { username: 'admin', name: 'Admin', password: PASSWORD },
    );
    tenants.set(slug, tenant.id);
    for (const { id, plugin, state } of server.plugins()) {
      if (plugin?.manifest.scope === 'tenant' && state !== 'quarantined') {
        await server.gate.enable(tenant.id, id, { cascade: true });
      }
    }
  }

  const tenantId = (slug: string) => {
    const id = tenants.get(slug);
    if (!id) throw new Error(`the test app has no tenant ${slug}`);
    return id;
  };
  const signIn = async (account: string, password = PASSWORD): Promise<TestUser> => {
    const response = await fetch(`${server.url}/api/core/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, password }),
    });
    const body = (await response.json()) as { user?: { id: string } };
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    if (!body.user || !cookie) throw new Error(`${account} could not sign in: ${JSON.stringify(body)}`);
    return client(server.url, body.user.id, account, cookie);
  };

  return {
    ...server,
    dataDir,
    tenant: tenantId,
    admin: (slug = 'acme') => signIn(`admin@${slug}`),
    async user(username, role = 'agent', slug = 'acme') {
      await scope.runAsSystem(tenantId(slug), 'test', async () => {
        const { id: roleId } = await server.auth.roles.byKey(role);
        await server.auth.users.create({ username, name: username, password: PASSWORD, roleId });
      });
      return signIn(`${username}@${slug}`);
    },
    signIn,
    anonymous: client(server.url, '', '', ''),
    async stop() {
      await server.stop();
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    },
    async restart() {
      await server.stop();
      return createTestApp({ ...options, dataDir });
    },
  };
}

function client(url: string, id: string, account: string, cookie: string): TestUser {
  async function request<T>(method: string, path: string, body?: unknown): Promise<TestResponse<T>> {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(cookie ? { cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        'accept-language': 'en',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text ? JSON.parse(text) : undefined) as T,
    };
  }
  return {
    id,
    account,
    cookie,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
    put: (path, body) => request('PUT', path, body),
    patch: (path, body) => request('PATCH', path, body),
    delete: (path) => request('DELETE', path),
  };
}
