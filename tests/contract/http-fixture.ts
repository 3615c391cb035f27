import pino from 'pino';
import type { Authenticator, Identity } from '../../core/src/auth/contract.ts';
import type { Clock } from '../../core/src/boot/clock.ts';
import { systemClock } from '../../core/src/boot/clock.ts';
import { createHttp, type Http, type HttpConfig, type PluginRoutes } from '../../core/src/http/index.ts';

/** A person of the tests; the cookie `jf_session=<name>` signs them in. */
export interface Person {
  readonly tenantId: string | null;
  readonly permissions: readonly string[];
  readonly locale?: 'zh-CN' | 'en';
}

export function authenticatorOf(people: Readonly<Record<string, Person>>): Authenticator {
  return {
    async resolve(headers): Promise<Identity | null> {
      const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
      const name = bearer ?? /jf_session=(\w+)/.exec(headers.cookie ?? '')?.[1];
      const person = name ? people[name] : undefined;
      if (!name || !person) return null;
      return {
        actor: {
          kind: 'user',
          userId: `user-${name}`,
          name,
          sessionId: `session-${name}`,
          permissions: new Set(person.permissions),
        },
        tenantId: person.tenantId,
        locale: person.locale ?? 'en',
        via: bearer ? 'bearer' : 'cookie',
      };
    },
  };
}

export interface TestServer {
  readonly http: Http;
  readonly url: string;
  /** Log lines as they were written. */
  readonly lines: Record<string, unknown>[];
  readonly errors: { routeId: string; error: unknown }[];
  request(path: string, init?: RequestInit & { as?: string }): Promise<Response>;
  close(): Promise<void>;
}

/** A server with plugin `toy`, on a free port. */
export async function startServer(options: {
  people?: Readonly<Record<string, Person>>;
  config?: HttpConfig;
  inactive?: readonly string[];
  now?: () => number;
  guard?: (routeId: string) => void;
  routes?(routes: PluginRoutes): void;
}): Promise<TestServer> {
  const lines: Record<string, unknown>[] = [];
  const errors: { routeId: string; error: unknown }[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const clock: Clock = { ...systemClock, ...(options.now ? { now: options.now } : {}) };
  const http = createHttp({
    log,
    clock,
    auth: authenticatorOf(options.people ?? {}),
    isActive: (tenantId, pluginId) => !options.inactive?.includes(`${tenantId}/${pluginId}`),
    ...(options.config ? { config: options.config } : {}),
  });
  options.routes?.(
    http.routesFor('toy', {
      scope: 'tenant',
      version: '1.0.0',
      tenantGate: true,
      onError: (routeId, error) => void errors.push({ routeId, error }),
      ...(options.guard ? { guard: options.guard } : {}),
    }),
  );
  const { url } = await http.listen(0, '127.0.0.1');
  return {
    http,
    url,
    lines,
    errors,
    request(path, { as, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (as) headers.set('cookie', `jf_session=${as}`);
      return fetch(`${url}${path}`, { ...init, headers });
    },
    close: () => http.close(0),
  };
}

export function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
