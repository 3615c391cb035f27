import { PhoneLines } from '../freeswitch/phone/phone-line.ts';
import { phoneRoutes } from '../freeswitch/phone/phone-routes.ts';
import type { Switch } from '../freeswitch/switch/contract.ts';
import { healthRoutes } from '../health/routes.ts';
import { addCoreRoutes } from '../http/core-routes.ts';
import {
  type PluginLifecycle,
  registerPluginRoutes,
  registerUiRoutes,
  type TenantGate,
} from '../plugins/index.ts';
import type { Clock } from './clock.ts';
import type { Services } from './host-services.ts';

export interface CoreRouteDeps {
  readonly services: Services;
  readonly lifecycle: PluginLifecycle;
  readonly gate: TenantGate;
  readonly node: Switch;
  readonly clock: Clock;
  readonly version: string;
}

/** The routes of the core itself, under `/api/core`, and those of the virtual phone. Returns the undo. */
export function registerCoreRoutes({
  services,
  lifecycle,
  gate,
  node,
  clock,
  version,
}: CoreRouteDeps): () => void {
  const { http, auth, audit, settings, log } = services;
  const options = { scope: 'core', version, tenantGate: false } as const;
  const onError = (routeId: string, error: unknown) =>
    log.error({ err: error, routeId }, 'a route of the core failed');
  const routes = http.routesFor('core', { ...options, onError });
  addCoreRoutes(routes, { auth, audit, settings, isActive: gate.isActive });
  registerPluginRoutes(routes, { states: lifecycle.states, gate, audit: audit.auditFor('core') });
  registerUiRoutes(routes, { states: lifecycle.states, gate, log });
  const sources = { ...services, tenants: auth.tenants, states: lifecycle.states, node };
  healthRoutes(routes, sources, audit.auditFor('core'));

  const lines = new PhoneLines(node, clock);
  phoneRoutes(http.routesFor('phone', { ...options, onError }), lines, node);
  return lines.listen();
}
