import { JackfieldError } from '../errors/index.ts';
import type { PermissionDefinition } from './contract.ts';

/** Every permission of the core and of the installed plugins. */
export interface PermissionCatalog {
  /** Adds to what the plugin registered before; the undo takes these away again. */
  register(pluginId: string, definitions: readonly PermissionDefinition[]): () => void;
  list(): readonly CatalogEntry[];
  /** Raised by each registration and undo, so that what was computed from the list can be thrown away. */
  version(): number;
}
export interface CatalogEntry {
  readonly pluginId: string;
  readonly definition: PermissionDefinition;
  /** Its only default role is `operator`: no tenant has it or can give it. */
  readonly operatorOnly: boolean;
}

export const operatorRole = 'operator';
export const adminRole = 'admin';

export function createPermissionCatalog(): PermissionCatalog {
  const entries = new Map<string, CatalogEntry>();
  let version = 0;
  return {
    register(pluginId, definitions) {
      for (const { key } of definitions) {
        if (!key.startsWith(`${pluginId}:`)) {
          throw new JackfieldError(
            'PLUGIN_INVALID',
            `Permission ${key} of plugin ${pluginId} must begin with ${pluginId}:`,
          );
        }
      }
      const added = definitions.map((definition): CatalogEntry => {
        const roles = definition.defaultRoles ?? [];
        const operatorOnly = roles.length > 0 && roles.every((role) => role === operatorRole);
        return { pluginId, definition, operatorOnly };
      });
      for (const entry of added) entries.set(entry.definition.key, entry);
      version += 1;
      return () => {
        for (const entry of added) {
          if (entries.get(entry.definition.key) === entry) entries.delete(entry.definition.key);
        }
        version += 1;
      };
    },
    list: () => [...entries.values()],
    version: () => version,
  };
}

/**
 * What a role may do: its stored deviations, else the defaults of each definition. `admin` may do all that a tenant can, so
 * that nobody can lock a tenant out of its own settings.
 */
export function permissionsOfRole(
  roleKey: string | null,
  deviations: ReadonlyMap<string, boolean>,
  catalog: readonly CatalogEntry[],
): ReadonlySet<string> {
  const granted = new Set<string>();
  for (const { definition, operatorOnly } of catalog) {
    if (operatorOnly) continue;
    const byDefault = roleKey !== null && (definition.defaultRoles ?? []).includes(roleKey);
    if (roleKey === adminRole || (deviations.get(definition.key) ?? byDefault)) granted.add(definition.key);
  }
  return granted;
}

export function permissionsOfOperator(catalog: readonly CatalogEntry[]): ReadonlySet<string> {
  return new Set(
    catalog
      .filter(({ definition }) => definition.defaultRoles?.includes(operatorRole))
      .map(({ definition }) => definition.key),
  );
}
