import type { Logger } from 'pino';
import { type Activatable, type Allowed, activeSet } from './active-set.ts';
import type { PluginStates, PluginStatus } from './states.ts';
import type { TenantSwitch } from './tenant-store.ts';

export interface ActivationChange {
  readonly tenantId: string;
  readonly pluginId: string;
  readonly active: boolean;
}
/** The switches of all tenants in memory, and what follows from them. */
export interface Activation {
  activeIn(tenantId: string): ReadonlySet<string>;
  isEnabled(tenantId: string, pluginId: string): boolean;
  /** Plugins that are not quarantined. */
  up(): Activatable[];
  set(tenantId: string, pluginId: string, on: boolean): void;
  /** Takes these as all there is. */
  replace(enabled: readonly TenantSwitch[]): void;
  onChange(listener: (change: ActivationChange) => void): () => void;
}

export function createActivation(deps: {
  readonly states: PluginStates;
  readonly allowed: (tenantId: string) => Allowed;
  readonly log: Pick<Logger, 'error'>;
}): Activation {
  const { states } = deps;
  const enabled = new Map<string, Set<string>>();
  /** Computed once and again after each change; the sets are handed out, so they are never altered. */
  const active = new Map<string, ReadonlySet<string>>();
  const listeners = new Set<(change: ActivationChange) => void>();

  const up = () =>
    states.list().flatMap((status) => (states.isUp(status.id) && status.plugin ? [activatable(status)] : []));
  const compute = (tenantId: string) =>
    activeSet(up(), deps.allowed(tenantId), enabled.get(tenantId) ?? new Set());

  function activeIn(tenantId: string): ReadonlySet<string> {
    const known = active.get(tenantId) ?? compute(tenantId);
    active.set(tenantId, known);
    return known;
  }

  function recompute(tenantId: string, before: ReadonlySet<string>): void {
    const after = compute(tenantId);
    active.set(tenantId, after);
    for (const pluginId of before) if (!after.has(pluginId)) tell({ tenantId, pluginId, active: false });
    for (const pluginId of after) if (!before.has(pluginId)) tell({ tenantId, pluginId, active: true });
  }

  function tell(change: ActivationChange): void {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        deps.log.error({ ...change, err: error }, 'a listener of plugin activation failed');
      }
    }
  }

  states.onQuarantine(() => {
    for (const [tenantId, before] of active) recompute(tenantId, before);
  });

  return {
    activeIn,
    isEnabled: (tenantId, pluginId) => enabled.get(tenantId)?.has(pluginId) ?? false,
    up,
    set(tenantId, pluginId, on) {
      const before = activeIn(tenantId);
      const switches = enabled.get(tenantId) ?? new Set();
      if (on) switches.add(pluginId);
      else switches.delete(pluginId);
      enabled.set(tenantId, switches);
      recompute(tenantId, before);
    },
    replace(rows) {
      enabled.clear();
      for (const { tenantId, pluginId } of rows) {
        enabled.set(tenantId, (enabled.get(tenantId) ?? new Set()).add(pluginId));
      }
      // A tenant nobody has asked about has no one to tell either.
      for (const [tenantId, before] of active) recompute(tenantId, before);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function activatable({ id, plugin }: PluginStatus): Activatable {
  return {
    id,
    scope: plugin?.manifest.scope ?? 'tenant',
    requires: Object.keys(plugin?.manifest.requires ?? {}),
  };
}
