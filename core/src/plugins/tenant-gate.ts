/**
 * `isActive(tenantId, pluginId)`: the one question every border asks. Answered from memory; the table is
 * written by `enable` and `disable` and read again by `refresh`.
 */
import type { Logger } from 'pino';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import { withDeadline } from '../hooks/deadline.ts';
import { scope } from '../tenants/scope.ts';
import { type ActivationChange, activatable, createActivation } from './activation.ts';
import { type Allowed, dependantsOf, isAllowed, requirementsOf } from './active-set.ts';
import type { PluginStates } from './states.ts';
import type { TenantStore } from './tenant-store.ts';

export interface TenantGate {
  /** True for the core and for `scope: system` plugins that are up. */
  isActive(tenantId: string, pluginId: string): boolean;
  /**
   * In the scope the code stands in: a call's own set first (plugins of scope `system` are in every set), then
   * the tenant's. Outside any tenant only the core and `scope: system` plugins are active.
   */
  isActiveInScope(pluginId: string): boolean;
  /** For a call: what is active now, kept to its end. */
  snapshot(tenantId: string): ReadonlySet<string>;
  isEnabled(tenantId: string, pluginId: string): boolean;
  isAllowed(tenantId: string, pluginId: string): boolean;
  /**
   * Runs `onTenantEnable` in the tenant, then saves. NOT_FOUND, PLUGIN_NOT_ALLOWED, CONFLICT (quarantined, or of
   * scope system), PLUGIN_DEPENDENCY with `details.needs` unless `cascade` switches those on first.
   */
  enable(tenantId: string, pluginId: string, options?: SwitchOptions): Promise<void>;
  /** PLUGIN_DEPENDENCY with `details.neededBy` unless `cascade` switches those off first. Data stays. */
  disable(tenantId: string, pluginId: string, options?: SwitchOptions): Promise<void>;
  /** Reads the switches again: at start, every 30 s, and when another process or a plan has changed something. */
  refresh(): Promise<void>;
  /** Called for every plugin of every tenant that becomes active or inactive, whatever the cause. */
  onChange(listener: (change: ActivationChange) => void): () => void;
}
export interface SwitchOptions {
  readonly cascade?: boolean;
  /** User id; null or absent for the server itself. */
  readonly by?: string | null;
}
export interface TenantGateDeps {
  readonly states: PluginStates;
  readonly store: TenantStore;
  /** What the tenant's plan allows; asked from memory, so synchronous. */
  readonly allowed?: (tenantId: string) => Allowed;
  readonly tenantHook: (pluginId: string, hook: 'onTenantEnable' | 'onTenantDisable') => Promise<void>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

const HOOK_TIMEOUT_MS = 30_000;

export function createTenantGate(deps: TenantGateDeps): TenantGate {
  const { states, store, clock } = deps;
  const allowed = deps.allowed ?? (() => 'all' as const);
  const memory = createActivation({ states, allowed, log: deps.log });
  const activeIn = memory.activeIn;
  const queues = new Map<string, Promise<void>>();
  let turned = 0;

  const isSystem = (pluginId: string) =>
    pluginId === 'core' ||
    (states.isUp(pluginId) && states.get(pluginId)?.plugin?.manifest.scope === 'system');

  /** One change at a time in each tenant, so that what was checked still holds when it is saved. */
  function inTurn(tenantId: string, work: () => Promise<void>): Promise<void> {
    const turn = (queues.get(tenantId) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {});
    queues.set(tenantId, settled);
    void settled.then(() => {
      if (queues.get(tenantId) === settled) queues.delete(tenantId);
    });
    return turn;
  }

  async function save(tenantId: string, pluginId: string, on: boolean, by: string | null): Promise<void> {
    await store.save({ tenantId, pluginId, enabled: on, changedBy: by, changedAt: clock.now() });
    turned += 1;
    memory.set(tenantId, pluginId, on);
  }

  function runHook(
    tenantId: string,
    pluginId: string,
    hook: 'onTenantEnable' | 'onTenantDisable',
    activePlugins: ReadonlySet<string>,
  ): Promise<void> {
    const standing = {
      tenantId,
      actor: { kind: 'system', plugin: pluginId },
      requestId: `${hook}:${pluginId}`,
      activePlugins,
    } as const;
    const late = () =>
      new JackfieldError(
        'PLUGIN_ERROR',
        `${hook} of plugin "${pluginId}" took longer than ${HOOK_TIMEOUT_MS} ms.`,
      );
    return withDeadline(
      clock,
      HOOK_TIMEOUT_MS,
      scope.run(standing, () => deps.tenantHook(pluginId, hook)),
      late,
    );
  }

  async function enableOne(tenantId: string, pluginId: string, by: string | null): Promise<void> {
    await runHook(tenantId, pluginId, 'onTenantEnable', new Set([...activeIn(tenantId), pluginId]));
    await save(tenantId, pluginId, true, by);
  }
  async function disableOne(tenantId: string, pluginId: string, by: string | null): Promise<void> {
    const before = activeIn(tenantId);
    await save(tenantId, pluginId, false, by);
    try {
      await runHook(tenantId, pluginId, 'onTenantDisable', before);
    } catch (error) {
      // It is off already, and a plugin that fails to tidy up must not be able to stay on.
      deps.log.error(
        { plugin: pluginId, tenantId, err: error },
        `onTenantDisable of plugin "${pluginId}" failed`,
      );
    }
  }

  return {
    isActive: (tenantId, pluginId) => pluginId === 'core' || activeIn(tenantId).has(pluginId),
    isActiveInScope(pluginId) {
      if (isSystem(pluginId)) return true;
      const current = scope.current();
      if (current?.activePlugins) return current.activePlugins.has(pluginId);
      return current?.tenantId != null && activeIn(current.tenantId).has(pluginId);
    },
    snapshot: activeIn,
    isEnabled: (tenantId, pluginId) => isSystem(pluginId) || memory.isEnabled(tenantId, pluginId),
    isAllowed: (tenantId, pluginId) => isSystem(pluginId) || isAllowed(allowed(tenantId), pluginId),
    enable: (tenantId, pluginId, options = {}) =>
      inTurn(tenantId, async () => {
        switchable(states, pluginId, 'enable');
        const missing = requirementsOf(memory.up(), pluginId).filter((id) => !activeIn(tenantId).has(id));
        for (const id of [...missing, pluginId]) {
          if (!isAllowed(allowed(tenantId), id))
            throw new JackfieldError('PLUGIN_NOT_ALLOWED', undefined, { details: { plugin: id } });
        }
        if (missing.length > 0 && !options.cascade) {
          throw new JackfieldError(
            'PLUGIN_DEPENDENCY',
            `"${pluginId}" needs ${quoted(missing)}; switch that on first.`,
            {
              details: { plugin: pluginId, needs: missing },
            },
          );
        }
        for (const id of [...missing, pluginId]) {
          if (!activeIn(tenantId).has(id)) await enableOne(tenantId, id, options.by ?? null);
        }
      }),
    disable: (tenantId, pluginId, options = {}) =>
      inTurn(tenantId, async () => {
        switchable(states, pluginId, 'disable');
        const all = states
          .list()
          .filter(({ plugin }) => plugin)
          .map(activatable);
        const on = (id: string) => memory.isEnabled(tenantId, id);
        const neededBy = dependantsOf(all, pluginId).filter(on);
        if (neededBy.length > 0 && !options.cascade) {
          throw new JackfieldError(
            'PLUGIN_DEPENDENCY',
            `${quoted(neededBy)} needs "${pluginId}"; switch that off first.`,
            {
              details: { plugin: pluginId, neededBy },
            },
          );
        }
        for (const id of [...neededBy, pluginId].filter(on))
          await disableOne(tenantId, id, options.by ?? null);
      }),
    async refresh() {
      // A switch that was turned during the read would be lost: read again then.
      for (let read = -1; read !== turned; ) {
        read = turned;
        const rows = await store.allEnabled();
        if (read === turned) memory.replace(rows);
      }
    },
    onChange: memory.onChange,
  };
}

/** A quarantined plugin can be switched off (the tenant wants it gone), not on. */
function switchable(states: PluginStates, pluginId: string, change: 'enable' | 'disable'): void {
  const status = states.get(pluginId);
  if (!status?.plugin) throw new JackfieldError('NOT_FOUND', `There is no plugin "${pluginId}".`);
  if (status.plugin.manifest.scope === 'system') {
    throw new JackfieldError('CONFLICT', `Plugin "${pluginId}" is part of the system and always on.`);
  }
  if (change === 'enable' && status.state === 'quarantined') {
    throw new JackfieldError(
      'CONFLICT',
      `Plugin "${pluginId}" has failed on this server and cannot be switched on.`,
    );
  }
}

function quoted(ids: readonly string[]): string {
  return ids.map((id) => `"${id}"`).join(', ');
}
