import { pathToFileURL } from 'node:url';
import type { Clock } from '../boot/clock.ts';
import type { EntityDefinition } from '../data/contract.ts';
import { withDeadline } from '../hooks/deadline.ts';
import type { PluginDefinition } from './contract.ts';
import { entryPath } from './entry.ts';
import type { EntryMode, PluginIdentity } from './identity.ts';

/** A plugin whose server code is in memory. */
export interface LoadedPlugin {
  readonly plugin: PluginIdentity;
  readonly definition: PluginDefinition;
  readonly entities: readonly EntityDefinition[];
}

const IMPORT_TIMEOUT_MS = 10_000;

/**
 * Imports the server entry; a plugin without one (pages only) gets an empty definition. Throws when the module
 * throws, takes longer than 10 s, or does not export a plugin.
 */
export async function importPlugin(
  plugin: PluginIdentity,
  mode: EntryMode,
  clock: Clock,
): Promise<LoadedPlugin> {
  const { server } = plugin.manifest;
  if (server === undefined) return { plugin, definition: { setup: () => {} }, entities: [] };
  const module: unknown = await withDeadline(
    clock,
    IMPORT_TIMEOUT_MS,
    // The address is known only now: bundlers must leave it alone.
    import(/* @vite-ignore */ pathToFileURL(entryPath(plugin.dir, server, mode)).href),
    () => new Error(`${server} took longer than ${IMPORT_TIMEOUT_MS} ms to import`),
  );
  const definition =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (!isDefinition(definition))
    throw new Error(
      `${server} does not export a plugin: write "export default definePlugin({ setup(ctx) { … } })"`,
    );
  return { plugin, definition, entities: definition.entities ?? [] };
}

const FUNCTIONS = ['start', 'stop', 'onTenantEnable', 'onTenantDisable'] as const;

/** A plugin may be plain JavaScript, so the type proves nothing here. */
function isDefinition(value: unknown): value is PluginDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    typeof fields.setup === 'function' &&
    FUNCTIONS.every((name) => fields[name] === undefined || typeof fields[name] === 'function') &&
    (fields.entities === undefined || Array.isArray(fields.entities))
  );
}
