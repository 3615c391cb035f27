import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Context, type Middleware } from 'koa';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { ulid } from 'ulid';
import type { Authenticator, Identity } from '../auth/contract.ts';
import { sessionCookie } from '../auth/session-cookie.ts';
import { type Clock, systemClock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Locale } from '../i18n/contract.ts';
import { negotiateLocale } from '../i18n/locale.ts';
import { accessLog } from './access-log.ts';
import { createJsonReader } from './body.ts';
import type { PluginRoutes } from './contract.ts';
import { healthRoutes, type ReadinessCheck } from './health.ts';
import { requestMetrics } from './metrics.ts';
import { buildOpenApi } from './openapi.ts';
import { createPluginRouter, type PluginRouter } from './plugin-routes.ts';
import { toJackfieldError, toProblem } from './problem.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { Route, RouteEntry } from './route-table.ts';
import { type RequestState, runRoute, stateOf } from './run-route.ts';
import { isCrossSite } from './same-site.ts';
import { securityHeaders } from './security-headers.ts';
import { type StaticOptions, staticFiles } from './static-files.ts';

export interface HttpConfig {
  /** Product name and version, for OpenAPI. */
  readonly version?: string;
  /** Behind a proxy that sets `X-Forwarded-For`, `-Proto` and `-Host`. False unless given. */
  readonly trustProxy?: boolean;
  /** 1 MB unless given. */
  readonly jsonLimitBytes?: number;
  /** Origins besides our own whose pages may act for a signed-in user. */
  readonly allowedOrigins?: readonly string[];
  readonly frameAncestors?: readonly string[];
  /** For readers whose languages we do not have. */
  readonly defaultLocale?: Locale;
}
export interface HttpDependencies {
  readonly log: Logger;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
  readonly auth: Authenticator;
  readonly config?: HttpConfig;
  readonly clock?: Clock;
  readonly registry?: Registry;
}
export interface PluginRouteOptions {
  readonly scope: 'tenant' | 'system' | 'core';
  readonly version: string;
  /** Ask `isActive` before each route. */
  readonly tenantGate: boolean;
  /** Told of what the plugin is to blame for: anything that is answered with 5xx. Never of a refusal. */
  readonly onError: (routeId: string, error: unknown) => void;
  /** Asked before each handler; throws (PLUGIN_CIRCUIT_OPEN) when the route must rest. */
  readonly guard?: (routeId: string) => void;
}
export interface Http {
  readonly app: Koa;
  /** For what upgrades connections (socket.io). */
  readonly server: Server;
  readonly registry: Registry;
  /** The registrar of one plugin; asked again it gives a new, empty one and forgets the former. */
  routesFor(pluginId: string, options: PluginRouteOptions): PluginRoutes;
  removeRoutes(pluginId: string): void;
  routeTable(): RouteEntry[];
  openapi(): Record<string, unknown>;
  /** Before the plugins' routes and after the headers, the log and the errors. */
  use(middleware: Middleware): void;
  /** Later calls are asked first, so that `/` with a fallback is called first of all. */
  serveStatic(prefix: string, directory: string, options?: StaticOptions): () => void;
  /** CSP hashes of the shell's inline scripts. */
  allowScripts(hashes: readonly string[]): void;
  onReady(check: ReadinessCheck): () => void;
  /** Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<{ port: number; url: string }>;
  /** Takes no new connection, lets requests end for `graceMs` (5 s), then cuts them. */
  close(graceMs?: number): Promise<void>;
}

export function createHttp(dependencies: HttpDependencies): Http {
  const { log, isActive, auth, config = {}, clock = systemClock } = dependencies;
  const registry = dependencies.registry ?? new Registry();
  const now = () => clock.now();
  const app = new Koa({ proxy: config.trustProxy === true });
  const routers = new Map<string, PluginRouter>();
  const checks = new Set<ReadinessCheck>();
  const extra: Middleware[] = [];
  const statics: Middleware[] = [];
  const readJson = createJsonReader(config.jsonLimitBytes ?? 1_048_576);
  const rateLimiter = createRateLimiter(now);
  let scriptHashes: readonly string[] = [];

  // After the headers are out Koa can only cut the connection; a client that went away is no fault of ours.
  app.on('error', (error: Error & { code?: string }, ctx?: Context) => {
    const gone =
      error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    log[gone ? 'debug' : 'error']({ err: error, requestId: ctx?.state.requestId }, 'response cut off');
  });

  app.use(async (ctx, next) => {
    const given = config.trustProxy ? ctx.get('x-request-id') : '';
    const state: RequestState = {
      requestId: /^[\w.-]{8,64}$/.test(given) ? given : ulid(),
      locale: negotiateLocale(ctx.get('accept-language'), config.defaultLocale ?? 'en'),
      identity: null,
      route: null,
    };
    ctx.state = state;
    ctx.set('X-Request-Id', state.requestId);
    await next();
  });
  app.use(securityHeaders(() => ({ scriptHashes, frameAncestors: config.frameAncestors ?? ["'self'"] })));
  app.use(accessLog(log, now));
  app.use(requestMetrics(registry));
  app.use(async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null) throw new JackfieldError('NOT_FOUND');
    } catch (thrown) {
      sendProblem(ctx, thrown);
    }
  });
  app.use(async (ctx, next) => {
    assertDecodable(ctx);
    await next();
  });
  app.use(healthRoutes(() => [...checks], registry));
  app.use((ctx, next) => inOrder(extra, ctx, next));
  app.use(async (ctx, next) => {
    if (ctx.path !== '/api' && !ctx.path.startsWith('/api/')) return next();
    if (ctx.path === '/api/openapi.json' && ctx.method === 'GET') {
      ctx.body = openapi();
      return;
    }
    const pluginId = ctx.path.split('/', 3)[2] ?? '';
    assertSameSite(ctx, pluginId);
    const router = routers.get(pluginId);
    if (!router) throw new JackfieldError('NOT_FOUND');
    await router.dispatch(ctx);
  });
  app.use((ctx, next) => inOrder(statics, ctx, next));

  function sendProblem(ctx: Context, thrown: unknown): void {
    const error = toJackfieldError(thrown);
    const { requestId, locale, route } = stateOf(ctx);
    if (error.status >= 500) log.error({ err: thrown, requestId, route: route?.id }, 'request failed');
    // A file's headers must not stay on its error.
    for (const name of ['Content-Disposition', 'Content-Length', 'ETag', 'Last-Modified']) ctx.remove(name);
    ctx.set('Cache-Control', 'no-store');
    ctx.status = error.status;
    ctx.type = 'application/problem+json';
    ctx.body = JSON.stringify(toProblem(error, locale, requestId));
  }

  function assertSameSite(ctx: Context, pluginId: string): void {
    // Signing in is checked too although there is no cookie yet: else another site signs you in as its own user.
    const byCookie = ctx.cookies.get(sessionCookie) !== undefined && ctx.get('authorization') === '';
    if (!byCookie && pluginId !== 'core') return;
    const crossSite = isCrossSite({
      method: ctx.method,
      host: ctx.host,
      origin: ctx.get('origin') || undefined,
      secFetchSite: ctx.get('sec-fetch-site') || undefined,
      allowedOrigins: config.allowedOrigins ?? [],
    });
    if (crossSite) throw new JackfieldError('CROSS_SITE');
  }

  function identify(ctx: Context): Promise<Identity | null> {
    return auth.resolve(ctx.req.headers);
  }

  function routesFor(pluginId: string, options: PluginRouteOptions): PluginRoutes {
    const environment = {
      identify,
      isActive,
      readJson,
      rateLimiter,
      pluginId,
      tenantGate: options.tenantGate,
      guard: options.guard,
    };
    const router = createPluginRouter(pluginId, async (ctx, route) => {
      try {
        await runRoute(ctx, route, environment);
      } catch (error) {
        if (toJackfieldError(error).status >= 500) options.onError(route.id, error);
        throw error;
      }
    });
    routers.set(pluginId, router);
    return router.routes;
  }

  function allRoutes(): Route[] {
    return [...routers.values()].flatMap((router) => router.list());
  }
  function openapi(): Record<string, unknown> {
    return buildOpenApi(allRoutes(), { title: 'Jackfield', version: config.version ?? '0.1.0' });
  }

  const server = createServer(app.callback());

  return {
    app,
    server,
    registry,
    routesFor,
    removeRoutes: (pluginId) => void routers.delete(pluginId),
    routeTable: () =>
      allRoutes().map(({ pluginId, method, path, permission, public: open }) => ({
        pluginId,
        method,
        path,
        permission,
        public: open,
      })),
    openapi,
    use: (middleware) => void extra.push(middleware),
    serveStatic(prefix, directory, options) {
      const middleware = staticFiles(prefix, directory, options);
      statics.unshift(middleware);
      return () => {
        const index = statics.indexOf(middleware);
        if (index >= 0) statics.splice(index, 1);
      };
    },
    allowScripts(hashes) {
      scriptHashes = hashes;
    },
    onReady(check) {
      checks.add(check);
      return () => checks.delete(check);
    },
    listen: (port, host = '0.0.0.0') => listen(server, port, host),
    close: (graceMs = 5_000) => close(server, clock, graceMs),
  };
}

function inOrder(
  middlewares: readonly Middleware[],
  ctx: Context,
  next: () => Promise<unknown>,
): Promise<unknown> {
  const list = [...middlewares];
  const step = async (index: number): Promise<unknown> => {
    const middleware = list[index];
    return middleware ? middleware(ctx as Parameters<Middleware>[0], () => step(index + 1)) : next();
  };
  return step(0);
}

/** Malformed percent escapes and NUL are refused here, so that no one behind has to think of them. */
function assertDecodable(ctx: Context): void {
  try {
    const path = decodeURIComponent(ctx.path);
    const query = decodeURIComponent(ctx.querystring.replace(/\+/g, ' '));
    if (!path.includes('\0') && !query.includes('\0')) return;
  } catch (cause) {
    throw new JackfieldError('BAD_REQUEST', undefined, {
      cause,
      details: { reason: 'malformed escape in the address' },
    });
  }
  throw new JackfieldError('BAD_REQUEST', undefined, { details: { reason: 'NUL in the address' } });
}

function listen(server: Server, port: number, host: string): Promise<{ port: number; url: string }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const bound = (server.address() as AddressInfo).port;
      const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
      resolve({ port: bound, url: `http://${name}:${bound}` });
    });
  });
}

async function close(server: Server, clock: Clock, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const cancel = clock.after(graceMs, () => server.closeAllConnections());
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  cancel();
}
