import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from '../boot/clock.ts';
import { scope } from '../tenants/scope.ts';
import { type BootMarker, openBootMarker } from './boot-marker.ts';
import { discoverPlugins } from './discover.ts';
import { entryPath } from './entry.ts';
import type { EntryMode, PluginIdentity } from './identity.ts';
import { importPlugin, type LoadedPlugin } from './load.ts';
import type { ProcessRole } from './manifest.ts';
import { orderPlugins } from './order.ts';
import { linkSdk } from './package-link.ts';
import { createStates, type PluginStates } from './states.ts';
import { createUndoBook, type UndoBook } from './undo-book.ts';
import { verifyPlugin } from './verify.ts';

export interface LoadOptions {
  /** Folders of plugin folders, or plugin folders; the first to have an id keeps it. */
  readonly directories: readonly string[];
  readonly coreVersion: string;
  readonly mode: EntryMode;
  /** What this process does; plugins of other roles stay `idle` here. */
  readonly roles: readonly ProcessRole[];
  /** `continue` in production; `abort` throws at the first failure, in CI. */
  readonly onFailure: 'continue' | 'abort';
  /** A file of this process alone, such as `<DATA_DIR>/boot-marker.json`. */
  readonly bootMarker: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

/** The plugins of this process with their code in memory, dependencies first; input of the lifecycle. */
export interface LoadedPlugins {
  readonly loaded: readonly LoadedPlugin[];
  readonly states: PluginStates;
  readonly undo: UndoBook;
  readonly marker: BootMarker;
  readonly options: LoadOptions;
}

/** discover → verify → order → import. Never throws for a plugin's fault, unless asked to abort. */
export async function loadPlugins(options: LoadOptions): Promise<LoadedPlugins> {
  const undo = createUndoBook();
  const states = createStates({ policy: options.onFailure, undo, log: options.log });
  const marker = openBootMarker(options.bootMarker);

  const discovery = await discoverPlugins(options.directories);
  for (const plugin of discovery.found) states.add(plugin);
  for (const refusal of discovery.refused) states.refuse(refusal);

  verifyAll(discovery.found, states, options);
  for (const { plugin, version, step } of marker.crashed) {
    if (states.get(plugin)?.plugin?.version === version) {
      states.quarantine(
        plugin,
        step,
        'crashed the process while starting; fix it, then clear it to try again',
      );
    }
  }
  const ordered = orderAll(discovery.found, states);

  const loaded: LoadedPlugin[] = [];
  for (const plugin of ordered) {
    if (!states.isUp(plugin.id)) continue;
    if (!plugin.manifest.processes.some((role) => options.roles.includes(role))) {
      states.advance(plugin.id, 'idle');
      continue;
    }
    await guarded(states, marker, plugin, 'import', async () => {
      await linkSdk(plugin.dir);
      loaded.push(await importPlugin(plugin, options.mode, options.clock));
    });
    states.advance(plugin.id, 'loaded');
  }
  return { loaded, states, undo, marker, options };
}

/** Runs one step of one plugin as the server itself, under the boot marker; a throw quarantines the plugin. */
export async function guarded(
  states: PluginStates,
  marker: BootMarker,
  plugin: PluginIdentity,
  step: 'import' | 'setup' | 'start',
  run: () => Promise<void> | void,
): Promise<void> {
  marker.begin({ plugin: plugin.id, version: plugin.version, step });
  try {
    await scope.run(
      { tenantId: null, actor: { kind: 'system', plugin: plugin.id }, requestId: `${step}:${plugin.id}` },
      run,
    );
  } catch (error) {
    states.quarantine(plugin.id, step, error);
  } finally {
    marker.end();
  }
}

function verifyAll(plugins: readonly PluginIdentity[], states: PluginStates, options: LoadOptions): void {
  const context = {
    coreVersion: options.coreVersion,
    installed: new Map(plugins.map((plugin) => [plugin.id, plugin])),
    exists: (plugin: PluginIdentity, path: string) =>
      // Pages are built by Vite; a checkout that runs from its sources may not have them yet.
      (options.mode === 'source' && path.startsWith('dist/ui/')) ||
      existsSync(entryPath(plugin.dir, path, options.mode)),
  };
  for (const plugin of plugins) {
    const problems = verifyPlugin(plugin, context);
    if (problems.length > 0) states.quarantine(plugin.id, 'verify', problems.join('; '));
  }
}

/** Those that fell before are left out of the graph: a cycle through a broken plugin is not one. */
function orderAll(plugins: readonly PluginIdentity[], states: PluginStates): PluginIdentity[] {
  const byId = new Map(plugins.filter(({ id }) => states.isUp(id)).map((plugin) => [plugin.id, plugin]));
  const { order, refused } = orderPlugins(
    [...byId.values()].map(({ id, version, manifest }) => ({
      id,
      version,
      requires: manifest.requires,
      optional: manifest.optional,
    })),
  );
  states.quarantineEach(refused, 'order');
  return order.flatMap((id) => byId.get(id) ?? []);
}
