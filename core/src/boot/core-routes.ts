import { auditRoutes } from '../audit/routes.ts';
import { apiKeyRoutes } from '../auth/routes/api-keys.ts';
import { roleRoutes } from '../auth/routes/roles.ts';
import { sessionRoutes } from '../auth/routes/session.ts';
import { userRoutes } from '../auth/routes/users.ts';
import { PhoneLines } from '../freeswitch/phone/phone-line.ts';
import { phoneRoutes } from '../freeswitch/phone/phone-routes.ts';
import type { Switch } from '../freeswitch/switch/contract.ts';
import {
  type PluginLifecycle,
  registerPluginRoutes,
  registerUiRoutes,
  type TenantGate,
} from '../plugins/index.ts';
import { settingRoutes } from '../settings/routes.ts';
import { tenantRoutes } from '../tenants/routes.ts';
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
  sessionRoutes(routes, auth, audit);
  userRoutes(routes, auth);
  roleRoutes(routes, auth);
  apiKeyRoutes(routes, auth);
  tenantRoutes(routes, auth);
  auditRoutes(routes, audit);
  settingRoutes(routes, settings, gate.isActive);
  registerPluginRoutes(routes, { states: lifecycle.states, gate, audit: audit.auditFor('core') });
  registerUiRoutes(routes, { states: lifecycle.states, gate, log });

  const lines = new PhoneLines(node, clock);
  phoneRoutes(http.routesFor('phone', { ...options, onError }), lines, node);
  return lines.listen();
}
