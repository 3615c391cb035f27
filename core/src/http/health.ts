import type { Middleware } from 'koa';
import type { Registry } from 'prom-client';

/** Something that must be well before this process takes work. Resolves to null, or to what is wrong. */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<string | null> | string | null;
}

/** `/healthz`: the process answers. `/readyz`: each check by name, 503 when one is not well. `/metrics`: Prometheus. */
export function healthRoutes(checks: () => readonly ReadinessCheck[], registry: Registry): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    if (ctx.path === '/healthz') {
      ctx.body = { status: 'ok' };
    } else if (ctx.path === '/readyz') {
      const results = await Promise.all(checks().map(runCheck));
      const ready = results.every(([, problem]) => problem === null);
      ctx.status = ready ? 200 : 503;
      ctx.body = { status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) };
    } else if (ctx.path === '/metrics') {
      ctx.set('Content-Type', registry.contentType);
      ctx.body = await registry.metrics();
    } else {
      return next();
    }
  };
}

async function runCheck({ name, check }: ReadinessCheck): Promise<[string, string | null]> {
  try {
    return [name, await check()];
  } catch (error) {
    return [name, error instanceof Error ? error.message : String(error)];
  }
}
