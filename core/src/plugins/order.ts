import semver from 'semver';

export interface Orderable {
  readonly id: string;
  readonly version: string;
  readonly requires: Readonly<Record<string, string>>;
  readonly optional: Readonly<Record<string, string>>;
}
export interface Ordering {
  /** Dependencies before dependants; otherwise as given. */
  readonly order: readonly string[];
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Puts plugins in the order of their dependencies. A missing dependency is named with its range, a cycle with
 * its path, and whoever requires a refused plugin is refused with "depends on". An optional dependency counts
 * for the order (its contract must exist before it is used), but its absence refuses nobody.
 */
export function orderPlugins(plugins: readonly Orderable[]): Ordering {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const reasons = new Map<string, string>();
  for (const plugin of plugins) {
    const reason = missingDependency(plugin, byId);
    if (reason) reasons.set(plugin.id, reason);
  }
  for (const [id, path] of cycles(byId, reasons)) reasons.set(id, `cycle ${path.join(' → ')}`);
  spreadToDependants(plugins, reasons);

  const order = new Set<string>();
  const visit = (plugin: Orderable): void => {
    if (order.has(plugin.id) || reasons.has(plugin.id)) return;
    for (const dependency of neighbours(plugin, byId)) visit(dependency);
    order.add(plugin.id);
  };
  for (const plugin of plugins) visit(plugin);
  return {
    order: [...order],
    refused: plugins.flatMap(({ id }) => {
      const reason = reasons.get(id);
      return reason === undefined ? [] : [{ id, reason }];
    }),
  };
}

function missingDependency(plugin: Orderable, byId: ReadonlyMap<string, Orderable>): string | null {
  for (const [id, range] of Object.entries(plugin.requires)) {
    const there = byId.get(id);
    if (!there) return `requires "${id}" ${range}, which is not installed`;
    if (!satisfies(there.version, range))
      return `requires "${id}" ${range}, but ${there.version} is installed`;
  }
  return null;
}

/** Every plugin that lies on a cycle, with the cycle's path beginning and ending at itself. */
function cycles(
  byId: ReadonlyMap<string, Orderable>,
  refused: ReadonlyMap<string, string>,
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const done = new Set<string>();
  const visit = (plugin: Orderable, path: readonly string[]): void => {
    const start = path.indexOf(plugin.id);
    if (start >= 0) {
      const members = path.slice(start);
      members.forEach((id, at) => {
        if (!found.has(id)) found.set(id, [...members.slice(at), ...members.slice(0, at), id]);
      });
      return;
    }
    if (done.has(plugin.id) || refused.has(plugin.id)) return;
    for (const dependency of neighbours(plugin, byId)) visit(dependency, [...path, plugin.id]);
    done.add(plugin.id);
  };
  for (const plugin of byId.values()) visit(plugin, []);
  return found;
}

function spreadToDependants(plugins: readonly Orderable[], reasons: Map<string, string>): void {
  let spread = true;
  while (spread) {
    spread = false;
    for (const plugin of plugins) {
      const fallen = Object.keys(plugin.requires).find((id) => reasons.has(id));
      if (fallen === undefined || reasons.has(plugin.id)) continue;
      reasons.set(plugin.id, `depends on "${fallen}"`);
      spread = true;
    }
  }
}

function neighbours(plugin: Orderable, byId: ReadonlyMap<string, Orderable>): Orderable[] {
  return [...Object.keys(plugin.requires), ...Object.keys(plugin.optional)].flatMap((id) => {
    const there = byId.get(id);
    return there ? [there] : [];
  });
}

/** A pre-release of the core or of a plugin counts as the version it leads to. */
export function satisfies(version: string, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true });
}
