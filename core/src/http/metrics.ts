import type { Middleware } from 'koa';
import { Histogram, type Registry } from 'prom-client';
import { stateOf } from './run-route.ts';

/** Labelled by route pattern, never by path, so that the number of series is that of the routes. */
export function requestMetrics(registry: Registry): Middleware {
  const duration = new Histogram({
    name: 'jackfield_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['plugin', 'method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return async (ctx, next) => {
    const end = duration.startTimer();
    await next();
    const { route } = stateOf(ctx);
    end({
      plugin: route?.pluginId ?? 'none',
      method: ctx.method,
      route: route?.path ?? 'none',
      status: String(ctx.status),
    });
  };
}
