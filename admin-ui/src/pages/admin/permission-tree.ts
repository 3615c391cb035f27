import type { PermissionItem } from './shapes.ts';

export interface PermissionBranch {
  readonly plugin: string;
  readonly groups: readonly { readonly group: string; readonly items: readonly PermissionItem[] }[];
  readonly keys: readonly string[];
}

/** Permissions by plugin, within it by group; the core first, then as the server lists them. */
export function permissionTree(permissions: readonly PermissionItem[]): PermissionBranch[] {
  const plugins = new Map<string, Map<string, PermissionItem[]>>();
  for (const permission of permissions) {
    const { plugin, group } = permission;
    const groups = plugins.get(plugin) ?? new Map<string, PermissionItem[]>();
    plugins.set(plugin, groups);
    groups.set(group, [...(groups.get(group) ?? []), permission]);
  }
  return [...plugins]
    .map(([plugin, groups]) => ({
      plugin,
      groups: [...groups].map(([group, items]) => ({ group, items })),
      keys: [...groups.values()].flat().map((one) => one.key),
    }))
    .sort((a, b) => Number(b.plugin === 'core') - Number(a.plugin === 'core'));
}

/** Ticks or unticks several keys at once. */
export function withKeys(chosen: readonly string[], keys: readonly string[], on: boolean): string[] {
  const rest = chosen.filter((key) => !keys.includes(key));
  return on ? [...rest, ...keys] : rest;
}
