import { z } from 'zod';
import type { PluginAudit } from '../../audit/contract.ts';
import { JackfieldError } from '../../errors/index.ts';
import type { PluginRoutes } from '../../http/contract.ts';
import { scope } from '../../tenants/scope.ts';
import { LocalTextSchema } from '../manifest-contributes.ts';
import type { PluginStates, PluginStatus } from '../states.ts';
import type { TenantGate } from '../tenant-gate.ts';

const PluginDto = z.object({
  id: z.string(),
  title: LocalTextSchema,
  description: LocalTextSchema.nullable(),
  icon: z.string().nullable(),
  category: z.string().nullable(),
  version: z.string().nullable(),
  scope: z.enum(['tenant', 'system']),
  state: z.string(),
  /** Null for an operator, who stands in no tenant. */
  allowed: z.boolean().nullable(),
  enabled: z.boolean().nullable(),
  active: z.boolean().nullable(),
  requires: z.record(z.string(), z.string()),
  /** For operators only: it may name files and other customers' plugins. */
  error: z.object({ step: z.string(), reason: z.string() }).nullable(),
});

export interface PluginRouteDeps {
  readonly states: PluginStates;
  readonly gate: TenantGate;
  readonly audit: PluginAudit;
}

/** A tenant's plugins and their switches; for an operator, what is installed and what failed. */
export function registerPluginRoutes(routes: PluginRoutes, { states, gate, audit }: PluginRouteDeps): void {
  routes.get(
    '/plugins',
    {
      summary: 'Installed plugins',
      permission: 'core:plugins',
      response: z.object({ items: z.array(PluginDto) }),
    },
    () => {
      const tenantId = scope.current()?.tenantId ?? null;
      // A folder that is no plugin concerns only those who can repair it.
      const listed = states.list().filter(({ plugin }) => tenantId === null || plugin);
      return { items: listed.map((status) => dto(status, gate, tenantId)) };
    },
  );

  routes.put(
    '/plugins/:id',
    {
      summary: 'Switch a plugin on or off for the tenant',
      permission: 'core:plugins',
      params: z.object({ id: z.string() }),
      body: z.object({ enabled: z.boolean(), cascade: z.boolean().optional() }),
      response: PluginDto,
    },
    async ({ params, body, user }) => {
      const tenantId = scope.tenantId();
      const before = gate.isEnabled(tenantId, params.id);
      const change = body.enabled ? gate.enable : gate.disable;
      await change(tenantId, params.id, { cascade: body.cascade ?? false, by: user?.id ?? null });
      await audit.record({
        action: body.enabled ? 'plugin.enable' : 'plugin.disable',
        target: { type: 'plugin', id: params.id },
        before: { enabled: before },
        after: { enabled: body.enabled, cascade: body.cascade ?? false },
      });
      const status = states.get(params.id);
      if (!status) throw new JackfieldError('NOT_FOUND');
      return dto(status, gate, tenantId);
    },
  );
}

function dto(
  { id, plugin, state, failure }: PluginStatus,
  gate: TenantGate,
  tenantId: string | null,
): z.input<typeof PluginDto> {
  const manifest = plugin?.manifest;
  return {
    id,
    title: manifest?.title ?? { 'zh-CN': id, en: id },
    description: manifest?.description ?? null,
    icon: manifest?.icon ?? null,
    category: manifest?.category ?? null,
    version: plugin?.version ?? null,
    scope: manifest?.scope ?? 'tenant',
    state,
    allowed: tenantId === null ? null : gate.isAllowed(tenantId, id),
    enabled: tenantId === null ? null : gate.isEnabled(tenantId, id),
    active: tenantId === null ? null : gate.isActive(tenantId, id),
    requires: manifest?.requires ?? {},
    error: tenantId === null ? failure : null,
  };
}
