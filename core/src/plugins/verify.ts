import { tablePrefix } from '../data/define-entity.ts';
import type { PluginIdentity } from './identity.ts';
import type { PluginManifest } from './manifest.ts';
import { satisfies } from './order.ts';

export interface VerifyContext {
  readonly coreVersion: string;
  /** Does the file that plugin.json names exist (in the entry mode of this process)? */
  readonly exists: (plugin: PluginIdentity, path: string) => boolean;
  /** All plugins found, this one included. */
  readonly installed: ReadonlyMap<string, PluginIdentity>;
}

/** Everything about a plugin that can be known to be wrong without running it; empty when all is well. */
export function verifyPlugin(plugin: PluginIdentity, context: VerifyContext): string[] {
  const { manifest } = plugin;
  return [
    ...engine(manifest, context.coreVersion),
    ...files(plugin, context),
    ...permissions(manifest),
    ...tables(manifest),
    ...duplicates(manifest),
    ...usesConsistency(manifest),
    ...conflicts(manifest, context.installed),
    ...processes(manifest, context.installed),
    ...scopes(manifest, context.installed),
  ];
}

function engine(manifest: PluginManifest, coreVersion: string): string[] {
  return satisfies(coreVersion, manifest.engines.core)
    ? []
    : [`needs core ${manifest.engines.core}, and this is ${coreVersion}`];
}

function files(plugin: PluginIdentity, context: VerifyContext): string[] {
  const { server, ui } = plugin.manifest;
  return Object.entries({ server, 'ui.entry': ui?.entry, 'ui.manifest': ui?.manifest }).flatMap(
    ([key, path]) =>
      path !== undefined && !context.exists(plugin, path) ? [`${key}: there is no file ${path}`] : [],
  );
}

function permissions(manifest: PluginManifest): string[] {
  const foreign = manifest.permissions
    .filter(({ key }) => !key.startsWith(`${manifest.id}:`))
    .map(({ key }) => `permissions: "${key}" must begin with "${manifest.id}:"`);
  const known = new Set(manifest.permissions.map(({ key }) => key));
  const others = new Set(['core', ...Object.keys(manifest.requires), ...Object.keys(manifest.optional)]);
  const { pages, menus, slots, widgets, reports } = manifest.contributes;
  const unknown = Object.entries({ pages, menus, slots, widgets, reports }).flatMap(([part, entries]) =>
    entries.flatMap(({ permission }) =>
      permission === undefined ||
      known.has(permission) ||
      others.has(permission.slice(0, permission.indexOf(':')))
        ? []
        : [`contributes.${part}: permission "${permission}" is not declared in permissions`],
    ),
  );
  return [...foreign, ...unknown];
}

function tables(manifest: PluginManifest): string[] {
  const prefix = tablePrefix(manifest.id);
  const foreign = manifest.data.tables.filter((table) => !table.startsWith(prefix));
  const unknown = Object.keys(manifest.data.retention).filter(
    (table) => !manifest.data.tables.includes(table),
  );
  return [
    ...foreign.map((table) => `data.tables: "${table}" must begin with "${prefix}"`),
    ...unknown.map((table) => `data.retention: "${table}" is not one of data.tables`),
  ];
}

function duplicates(manifest: PluginManifest): string[] {
  const { pages, widgets, settings, jobs, hooks, ivrNodes, channels, reports } = manifest.contributes;
  const names = {
    permissions: manifest.permissions.map(({ key }) => key),
    'contributes.pages': pages.map(({ path }) => path),
    'contributes.widgets': widgets.map(({ key }) => key),
    'contributes.settings': settings.map(({ key }) => key),
    'contributes.jobs': jobs.map(({ name }) => name),
    'contributes.hooks': hooks.map(({ name }) => name),
    'contributes.ivrNodes': ivrNodes.map(({ type }) => type),
    'contributes.channels': channels.map(({ type }) => type),
    'contributes.reports': reports.map(({ key }) => key),
  };
  return Object.entries(names).flatMap(([part, list]) =>
    [...new Set(list.filter((name, at) => list.indexOf(name) !== at))].map(
      (name) => `${part}: "${name}" stands there twice`,
    ),
  );
}

function usesConsistency(manifest: PluginManifest): string[] {
  const { contributes, uses, ui, server } = manifest;
  const problems: string[] = [];
  if (contributes.settings.some(({ secret }) => secret) && !uses.secrets) {
    problems.push('contributes.settings has a secret, so uses.secrets must be true');
  }
  const shown = [...contributes.pages, ...contributes.slots, ...contributes.widgets];
  if (shown.length > 0 && !ui)
    problems.push('contributes pages, slots or widgets, so "ui" must name their entry');
  if (!server && [...contributes.hooks, ...contributes.jobs, ...uses.hooks].length > 0) {
    problems.push('names hooks or jobs, so "server" must name an entry');
  }
  for (const key of ['requires', 'optional', 'conflicts'] as const) {
    if (manifest.id in manifest[key]) problems.push(`${key}: names the plugin itself`);
  }
  for (const id of Object.keys(manifest.requires)) {
    if (id in manifest.optional) problems.push(`optional: "${id}" stands in requires already`);
  }
  return problems;
}

function conflicts(manifest: PluginManifest, installed: ReadonlyMap<string, PluginIdentity>): string[] {
  return Object.entries(manifest.conflicts).flatMap(([id, range]) => {
    const other = installed.get(id);
    return other && id !== manifest.id && satisfies(other.version, range)
      ? [`conflicts with "${id}" ${range}, and ${other.version} is installed`]
      : [];
  });
}

/** A contract is an object in memory: whoever uses it must run in the same process. */
function processes(manifest: PluginManifest, installed: ReadonlyMap<string, PluginIdentity>): string[] {
  return Object.keys(manifest.requires).flatMap((id) => {
    const absent = manifest.processes.filter(
      (role) => installed.get(id)?.manifest.processes.includes(role) === false,
    );
    return absent.length > 0
      ? [`processes: requires "${id}", which does not run in ${absent.join(', ')}`]
      : [];
  });
}

/** What is always on cannot stand on what a tenant may switch off. */
function scopes(manifest: PluginManifest, installed: ReadonlyMap<string, PluginIdentity>): string[] {
  if (manifest.scope === 'tenant') return [];
  return Object.keys(manifest.requires)
    .filter((id) => installed.get(id)?.manifest.scope === 'tenant')
    .map((id) => `scope: "system" cannot require "${id}", which tenants switch on and off`);
}
