import type { PluginItem } from './shapes.ts';

type Node = Pick<PluginItem, 'id' | 'requires' | 'enabled' | 'scope'>;

/** What has to be switched on with `id`: all it requires, directly or not, that is off; nearest last. */
export function missingFor(id: string, plugins: readonly Node[]): string[] {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const found: string[] = [];
  const visit = (at: string): void => {
    for (const required of Object.keys(byId.get(at)?.requires ?? {})) {
      const plugin = byId.get(required);
      if (found.includes(required) || required === id || plugin?.enabled || plugin?.scope === 'system')
        continue;
      visit(required);
      if (!found.includes(required)) found.push(required);
    }
  };
  visit(id);
  return found;
}

/** What stops with `id`: all that is on and requires it, directly or not. */
export function dependantsOf(id: string, plugins: readonly Node[]): string[] {
  const found = new Set<string>();
  const visit = (at: string): void => {
    for (const plugin of plugins) {
      if (!plugin.enabled || found.has(plugin.id) || plugin.id === id || !(at in plugin.requires)) continue;
      found.add(plugin.id);
      visit(plugin.id);
    }
  };
  visit(id);
  return [...found];
}
