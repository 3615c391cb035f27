/** A plugin as far as activation is concerned. */
export interface Activatable {
  readonly id: string;
  readonly scope: 'tenant' | 'system';
  readonly requires: readonly string[];
}
/** `all`: a plan without limits. */
export type Allowed = ReadonlySet<string> | 'all';

/**
 * What is active in a tenant: installed (and up) → allowed by the plan → enabled, and everything it requires
 * active too. The last makes a plan that loses a plugin take those on top along, without touching their switch.
 */
export function activeSet(
  plugins: readonly Activatable[],
  allowed: Allowed,
  enabled: ReadonlySet<string>,
): ReadonlySet<string> {
  const candidates = new Set(
    plugins
      .filter(({ id, scope }) => scope === 'system' || (isAllowed(allowed, id) && enabled.has(id)))
      .map(({ id }) => id),
  );
  let settled = false;
  while (!settled) {
    settled = true;
    for (const { id, requires } of plugins) {
      if (!candidates.has(id) || requires.every((needed) => candidates.has(needed))) continue;
      candidates.delete(id);
      settled = false;
    }
  }
  return candidates;
}

export function isAllowed(allowed: Allowed, pluginId: string): boolean {
  return allowed === 'all' || allowed.has(pluginId);
}

/** What `id` stands on, directly or not, each after what it stands on itself. */
export function requirementsOf(plugins: readonly Activatable[], id: string): string[] {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const found = new Set<string>();
  const visit = (each: string): void => {
    for (const needed of byId.get(each)?.requires ?? []) {
      if (found.has(needed)) continue;
      visit(needed);
      found.add(needed);
    }
  };
  visit(id);
  return [...found];
}

/** What stands on `id`, directly or not, each before what it stands on itself. */
export function dependantsOf(plugins: readonly Activatable[], id: string): string[] {
  return plugins
    .filter((plugin) => plugin.id !== id && requirementsOf(plugins, plugin.id).includes(id))
    .map((plugin) => ({ id: plugin.id, depth: requirementsOf(plugins, plugin.id).length }))
    .sort((a, b) => b.depth - a.depth)
    .map((plugin) => plugin.id);
}
