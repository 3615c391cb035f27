import type { PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import { scope } from '../tenants/scope.ts';
import { PluginEntity, TenantPluginEntity } from './plugin.entity.ts';
import type { PluginStatus } from './states.ts';

export interface TenantSwitch {
  readonly tenantId: string;
  readonly pluginId: string;
  readonly enabled: boolean;
}
export interface TenantStore {
  /** Every plugin that is on, of all tenants. */
  allEnabled(): Promise<TenantSwitch[]>;
  save(
    change: TenantSwitch & { readonly changedBy: string | null; readonly changedAt: number },
  ): Promise<void>;
}

const BATCH = 10_000;

/** `data` is the core's own, with `acrossTenants`. */
export function createTenantStore(data: PluginData): TenantStore {
  const rows = data.repo(TenantPluginEntity);
  return {
    allEnabled: () =>
      data.acrossTenants(async () => {
        const found: TenantSwitch[] = [];
        for (let last = ''; ; ) {
          const batch = await rows.find(
            { enabled: true, id: { gt: last } },
            { orderBy: { id: 'asc' }, limit: BATCH },
          );
          found.push(...batch);
          const end = batch.at(-1);
          if (!end || batch.length < BATCH) return found;
          last = end.id;
        }
      }),
    save: ({ tenantId, pluginId, enabled, changedBy, changedAt }) =>
      scope.runAsSystem(tenantId, `plugin:${pluginId}`, async () => {
        const patch = { enabled, changedBy, changedAt };
        const update = () => rows.updateWhere({ pluginId }, patch);
        if ((await update()) > 0) return;
        try {
          await rows.insert({ pluginId, ...patch });
        } catch (error) {
          // Another process wrote the first row in between.
          if (!JackfieldError.is(error) || error.code !== 'CONFLICT') throw error;
          await update();
        }
      }),
  };
}

/** Writes down how each plugin came up; folders that are no plugins have no row. */
export async function savePluginStates(data: PluginData, statuses: readonly PluginStatus[]): Promise<void> {
  const rows = data.repo(PluginEntity);
  for (const { id, plugin, state, failure } of statuses) {
    if (!plugin) continue;
    const values = { version: plugin.version, state, error: failure && `${failure.step}: ${failure.reason}` };
    if ((await rows.updateWhere({ id }, values)) === 0) await rows.insert({ id, ...values });
  }
}
