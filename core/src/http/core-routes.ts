import type { Audit } from '../audit/audit.ts';
import { auditRoutes } from '../audit/routes.ts';
import type { Auth } from '../auth/create-auth.ts';
import { apiKeyRoutes } from '../auth/routes/api-keys.ts';
import { roleRoutes } from '../auth/routes/roles.ts';
import { sessionRoutes } from '../auth/routes/session.ts';
import { userRoutes } from '../auth/routes/users.ts';
import { settingRoutes } from '../settings/routes.ts';
import type { Settings } from '../settings/settings.ts';
import { tenantRoutes } from '../tenants/routes.ts';
import type { PluginRoutes } from './contract.ts';

export interface CoreServices {
  readonly auth: Auth;
  readonly audit: Audit;
  readonly settings: Settings;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
}

/** What the core itself serves under `/api/core`. */
export function addCoreRoutes(routes: PluginRoutes, { auth, audit, settings, isActive }: CoreServices): void {
  sessionRoutes(routes, auth, audit);
  userRoutes(routes, auth);
  roleRoutes(routes, auth);
  apiKeyRoutes(routes, auth);
  tenantRoutes(routes, auth);
  auditRoutes(routes, audit);
  settingRoutes(routes, settings, isActive);
}
