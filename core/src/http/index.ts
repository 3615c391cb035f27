export type * from './contract.ts';
export {
  createHttp,
  type Http,
  type HttpConfig,
  type HttpDependencies,
  type PluginRouteOptions,
} from './create-http.ts';
export type { ReadinessCheck } from './health.ts';
export type { Problem } from './problem.ts';
export type { RouteEntry } from './route-table.ts';
export type { StaticOptions } from './static-files.ts';
