/**
 * From plugins in memory to plugins at work and back. `core/src/boot` calls the steps in the order in which
 * they stand here, and does its own work between them (open the database after `checkEntities`, listen after
 * `start`).
 */
import type { checkEntities } from '../data/define-entity.ts';
import { loadMigrations } from '../data/migration-files.ts';
import type { MigrationSet } from '../data/migrations.ts';
import { withDeadline } from '../hooks/deadline.ts';
import type { HookRegistry } from '../hooks/hooks.ts';
import { scope } from '../tenants/scope.ts';
import { createContext } from './context.ts';
import type { PluginContext } from './contract.ts';
import { createContracts } from './contracts.ts';
import { migrationsFolder } from './entry.ts';
import type { HostServices, MigratePlugins } from './host-services.ts';
import type { LoadedPlugin } from './load.ts';
import { guarded, type LoadedPlugins } from './load-plugins.ts';
import type { PluginStates } from './states.ts';

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 15_000;

export type CheckEntities = typeof checkEntities;

export interface SetupDeps {
  readonly services: HostServices;
  readonly hooks: HookRegistry;
  /** Is this plugin active in the scope? The tenant gate's. */
  readonly isActive: (pluginId: string) => boolean;
}

export interface PluginLifecycle {
  readonly states: PluginStates;
  /** Those still up, dependencies first. */
  plugins(): readonly LoadedPlugin[];
  /** `check` returns what is wrong with a plugin's entities; such a plugin is out before the database opens. */
  checkEntities(check: CheckEntities): void;
  /** Loads each plugin's migrations and hands them over together: they run under one lock. */
  migrate(migrate: MigratePlugins): Promise<void>;
  /** Calls every `setup`, then closes the registries: nothing is declared or tapped afterwards. */
  setup(deps: SetupDeps): Promise<void>;
  /** One after the other, 10 s each. */
  start(): Promise<void>;
  /** In reverse, 15 s each; an error is logged and the rest is stopped all the same. */
  stop(): Promise<void>;
  /** Runs `onTenantEnable` or `onTenantDisable` in the scope it is called in; does nothing if there is none. */
  tenantHook(pluginId: string, hook: 'onTenantEnable' | 'onTenantDisable'): Promise<void>;
}

export function createLifecycle({ loaded, states, undo, marker, options }: LoadedPlugins): PluginLifecycle {
  const { clock, log } = options;
  const contexts = new Map<string, PluginContext>();
  const up = () => loaded.filter(({ plugin }) => states.isUp(plugin.id));

  function contextOf(pluginId: string): PluginContext {
    const context = contexts.get(pluginId);
    if (!context) throw new Error(`plugin "${pluginId}" has not been set up`);
    return context;
  }

  return {
    states,
    plugins: up,
    checkEntities(check) {
      for (const { plugin, entities } of up()) {
        const problems = check(plugin.id, entities, { systemTables: plugin.manifest.scope === 'system' });
        if (problems.length > 0) states.quarantine(plugin.id, 'entities', problems.join(' '));
      }
    },
    async migrate(migrate) {
      const sets: MigrationSet[] = [];
      for (const { plugin } of loaded) {
        if (!states.isUp(plugin.id)) continue;
        try {
          const migrations = await loadMigrations(migrationsFolder(plugin.dir, options.mode));
          sets.push({ plugin: plugin.id, version: plugin.version, migrations });
        } catch (error) {
          states.quarantine(plugin.id, 'migrate', error);
        }
      }
      const outcomes = new Map((await migrate(sets)).map((outcome) => [outcome.plugin, outcome]));
      for (const { plugin } of up()) {
        const outcome = outcomes.get(plugin.id);
        if (outcome?.status === 'blocked') {
          const repair = outcome.repair ? ` Repair: ${outcome.repair}` : '';
          states.quarantine(plugin.id, 'migrate', `${outcome.reason}${repair}`);
        } else states.advance(plugin.id, 'migrated');
      }
    },
    async setup({ services, hooks, isActive }) {
      const versionOf = (id: string) => (states.isUp(id) ? states.get(id)?.plugin?.version : undefined);
      const contracts = createContracts({ versionOf, isActive });
      for (const { plugin, definition } of loaded) {
        if (!states.isUp(plugin.id)) continue;
        await guarded(states, marker, plugin, 'setup', () => {
          const context = createContext(plugin, { services, hooks, contracts, undo, clock, isActive });
          contexts.set(plugin.id, context);
          const result: unknown = definition.setup(context);
          if (result instanceof Promise) {
            result.catch((error: unknown) =>
              log.error({ plugin: plugin.id, err: error }, 'asynchronous setup failed'),
            );
            throw new Error('setup must be synchronous; move what waits to start');
          }
        });
        states.advance(plugin.id, 'ready');
      }
      contracts.freeze();
      const dormant = new Set(
        states
          .list()
          .flatMap(({ plugin }) => plugin?.manifest.contributes.hooks.map(({ name }) => name) ?? []),
      );
      for (const { plugin, hook } of hooks.freeze(dormant)) {
        states.quarantine(plugin, 'setup', `taps hook "${hook}", which no installed plugin declares`);
      }
    },
    async start() {
      for (const { plugin, definition } of loaded) {
        if (!states.isUp(plugin.id)) continue;
        await guarded(states, marker, plugin, 'start', async () => {
          const work = definition.start?.(contextOf(plugin.id));
          if (work)
            await withDeadline(
              clock,
              START_TIMEOUT_MS,
              work,
              () => new Error(`start took longer than ${START_TIMEOUT_MS} ms`),
            );
        });
        states.advance(plugin.id, 'started');
      }
    },
    async stop() {
      for (const { plugin, definition } of [...loaded].reverse()) {
        const context = contexts.get(plugin.id);
        if (!context || !states.isUp(plugin.id)) continue;
        try {
          const asSystem = {
            tenantId: null,
            actor: { kind: 'system', plugin: plugin.id },
            requestId: `stop:${plugin.id}`,
          } as const;
          const work = scope.run(asSystem, () => definition.stop?.(context));
          if (work)
            await withDeadline(
              clock,
              STOP_TIMEOUT_MS,
              work,
              () => new Error(`stop took longer than ${STOP_TIMEOUT_MS} ms`),
            );
        } catch (error) {
          log.error({ plugin: plugin.id, err: error }, `Plugin "${plugin.id}" did not stop in order`);
        }
        for (const error of undo.undoAll(plugin.id))
          log.error({ plugin: plugin.id, err: error }, `Plugin "${plugin.id}" left something behind`);
        states.advance(plugin.id, 'stopped');
      }
      marker.end();
    },
    async tenantHook(pluginId, hook) {
      const plugin = loaded.find((candidate) => candidate.plugin.id === pluginId);
      await plugin?.definition[hook]?.(contextOf(pluginId));
    },
  };
}
