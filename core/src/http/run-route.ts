import type { Context } from 'koa';
import type { Identity } from '../auth/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Locale } from '../i18n/contract.ts';
import { type Scope, scope } from '../tenants/scope.ts';
import { openUpload } from './body.ts';
import type { RouteRequest } from './contract.ts';
import { isFileResponse, sendFile } from './file-response.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Route } from './route-table.ts';
import { validate } from './validate.ts';

/** What a request is known by before it is dispatched; kept in `ctx.state`. */
export interface RequestState {
  readonly requestId: string;
  locale: Locale;
  identity: Identity | null;
  /** Set once a route has matched; for the log and the metrics. */
  route: Route | null;
}
export function stateOf(ctx: Context): RequestState {
  return ctx.state as RequestState;
}

export interface RouteEnvironment {
  readonly identify: (ctx: Context) => Promise<Identity | null>;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
  readonly readJson: (ctx: Context) => Promise<unknown>;
  readonly rateLimiter: RateLimiter;
  readonly pluginId: string;
  readonly tenantGate: boolean;
  /** Throws when the route must not run at present (its circuit is open). */
  readonly guard?: ((routeId: string) => void) | undefined;
}

/** The checks in the order of the contract, then the handler in its scope. The first check that fails ends it. */
export async function runRoute(ctx: Context, route: Route, environment: RouteEnvironment): Promise<void> {
  const state = stateOf(ctx);
  state.route = route;
  const identity = await environment.identify(ctx);
  state.identity = identity;
  if (identity) state.locale = identity.locale;
  const tenantId = identity?.tenantId ?? null;

  if (!identity && !route.public) throw new JackfieldError('NOT_SIGNED_IN');
  if (environment.tenantGate) {
    // A public route finds its tenant itself (a channel's key, a webhook's address).
    if (tenantId === null && !route.public) throw new JackfieldError('TENANT_REQUIRED');
    if (tenantId !== null && !environment.isActive(tenantId, environment.pluginId)) {
      throw new JackfieldError('PLUGIN_NOT_ENABLED', undefined, {
        details: { plugin: environment.pluginId },
      });
    }
  }
  if (route.permission !== null && !identity?.actor.permissions.has(route.permission)) {
    throw new JackfieldError('FORBIDDEN', undefined, { details: { permission: route.permission } });
  }
  if (route.options.rateLimit !== undefined) {
    const key = `${route.id} ${identity?.actor.userId ?? ctx.ip}`;
    const waitMs = environment.rateLimiter.take(key, route.options.rateLimit);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      ctx.set('Retry-After', String(seconds));
      throw new JackfieldError('RATE_LIMITED', undefined, { details: { retryAfterSeconds: seconds } });
    }
  }
  environment.guard?.(route.id);

  const standing: Scope = {
    tenantId,
    actor: identity?.actor ?? { kind: 'anonymous' },
    requestId: state.requestId,
    locale: state.locale,
  };
  await scope.run(standing, async () => {
    const request = await readRequest(ctx, route, environment, identity, state.locale);
    await respond(ctx, route, await route.handler(request));
  });
}

async function readRequest(
  ctx: Context,
  route: Route,
  environment: RouteEnvironment,
  identity: Identity | null,
  locale: Locale,
): Promise<RouteRequest<unknown, unknown, unknown>> {
  const { options } = route;
  const params = options.params && (await validate(options.params, ctx.params, 'params', locale));
  const query = options.query && (await validate(options.query, ctx.query, 'query', locale));
  const body =
    options.body && (await validate(options.body, await environment.readJson(ctx), 'body', locale));
  return {
    params,
    query,
    body,
    upload: options.upload ? openUpload(ctx, options.upload) : null,
    user: identity && {
      id: identity.actor.userId,
      name: identity.actor.name,
      can: (permission) => identity.actor.permissions.has(permission),
    },
    ip: ctx.ip,
    headers: ctx.headers,
    setCookie(name, value, cookie) {
      ctx.cookies.set(name, value, {
        httpOnly: true,
        sameSite: 'lax',
        secure: ctx.secure,
        path: '/',
        overwrite: true,
        ...(value === null
          ? { maxAge: 0 }
          : cookie?.maxAgeMs === undefined
            ? {}
            : { maxAge: cookie.maxAgeMs }),
      });
    },
  };
}

async function respond(ctx: Context, route: Route, result: unknown): Promise<void> {
  if (isFileResponse(result)) return sendFile(ctx, result);
  ctx.set('Cache-Control', 'private, no-store');
  const schema = route.options.response;
  if (!schema) {
    ctx.status = route.options.status ?? 204;
    return;
  }
  // Through the schema, so that what is not declared does not leave.
  const parsed = await schema.safeParseAsync(result);
  if (!parsed.success) {
    throw new JackfieldError('INTERNAL', undefined, {
      cause: new Error(`The response of ${route.id} does not fit its schema: ${parsed.error.message}`),
    });
  }
  ctx.status = route.options.status ?? 200;
  ctx.type = 'application/json';
  ctx.body = JSON.stringify(parsed.data);
}
