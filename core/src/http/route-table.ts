import type { z } from 'zod';
import type { RouteOptions, RouteRequest } from './contract.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type AnyRouteOptions = RouteOptions<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

export interface Route {
  readonly pluginId: string;
  readonly method: Method;
  /** With the prefix: `/api/<plugin>/…`. */
  readonly path: string;
  /** `<METHOD> <path>`; how logs, metrics and circuits name it. */
  readonly id: string;
  readonly public: boolean;
  /** Null: none is asked, on public routes and on those for everyone who is signed in. */
  readonly permission: string | null;
  readonly options: AnyRouteOptions;
  readonly handler: (request: RouteRequest<unknown, unknown, unknown>) => unknown;
}

/** `<plugin>:read` for what only reads, `<plugin>:write` for the rest. */
export function permissionOf(pluginId: string, method: Method, options: AnyRouteOptions): string | null {
  if (options.public || options.signedIn) return null;
  return options.permission ?? `${pluginId}:${method === 'GET' ? 'read' : 'write'}`;
}

/** One line of `http.routeTable()`: what the generated authorisation test and the documentation need. */
export type RouteEntry = Pick<Route, 'pluginId' | 'method' | 'path' | 'permission' | 'public'>;
