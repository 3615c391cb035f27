import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { maskNumbersIn } from '../auth/mask.ts';
import { stateOf } from './run-route.ts';

const quiet = new Set(['/healthz', '/readyz', '/metrics']);

/** One line a request, after it: no query string, since people search by phone number, and no number in the path. */
export function accessLog(log: Logger, now: () => number): Middleware {
  return async (ctx, next) => {
    const startedAt = now();
    await next();
    const { requestId, route, identity } = stateOf(ctx);
    const line = {
      requestId,
      method: ctx.method,
      path: maskNumbersIn(ctx.path),
      ...(route ? { route: route.id, plugin: route.pluginId } : {}),
      status: ctx.status,
      ms: now() - startedAt,
      ...(identity ? { userId: identity.actor.userId, tenantId: identity.tenantId } : {}),
    };
    if (quiet.has(ctx.path)) log.debug(line, 'request');
    else log.info(line, 'request');
  };
}
