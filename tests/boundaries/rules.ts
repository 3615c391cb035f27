/** Who may import what (design, section 1). Each returns why an import is refused, or null. */
import { posix } from 'node:path';
import type { Import, SourceFile } from './imports.ts';

const OWN_PACKAGES = /^@jackfield\//;
const isRelative = (specifier: string) => /^\.\.?\//.test(specifier);
export const isTest = (path: string) =>
  /\.(test|bench|support|fixture)\.ts$|-fixture\.ts$|\/(test|tests|__tests__)\//.test(path);

/** `plugins/<id>/…` may import the sdks, npm and node libraries, its own files, and contracts of others. */
export function refusePluginImport(file: string, { specifier }: Import): string | null {
  const [, pluginId] = file.split('/');
  if (isRelative(specifier)) {
    const target = posix.join(posix.dirname(file), specifier);
    return target.startsWith(`plugins/${pluginId}/`) ? null : 'leaves the folder of the plugin';
  }
  if (posix.isAbsolute(specifier)) return 'leaves the folder of the plugin';
  if (!OWN_PACKAGES.test(specifier)) return null;
  if (specifier === '@jackfield/core/sdk' || specifier === '@jackfield/admin-ui/sdk') return null;
  if (/^@jackfield\/plugin-[a-z0-9-]+\/contract$/.test(specifier)) return null;
  if (specifier === '@jackfield/core/test-kit' && isTest(file)) return null;
  return 'is not public: a plugin may import only @jackfield/core/sdk, @jackfield/admin-ui/sdk and contracts of other plugins';
}

/** `core/…` knows no plugin and no page; its test kit is for tests. */
export function refuseCoreImport(file: string, { specifier }: Import): string | null {
  if (OWN_PACKAGES.test(specifier)) return 'is another package of ours, and the core stands on none of them';
  if (!isRelative(specifier)) return null;
  const target = posix.join(posix.dirname(file), specifier);
  if (!target.startsWith('core/')) return 'leaves the folder of the core';
  if (target.startsWith('core/test-kit/') && file.startsWith('core/src/') && !isTest(file))
    return 'is for tests only';
  return null;
}

export function violations(
  files: readonly SourceFile[],
  refuse: (file: string, each: Import) => string | null,
): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap((each) => {
      const reason = refuse(path, each);
      return reason ? [`${path}:${each.line} imports "${each.specifier}", which ${reason}`] : [];
    }),
  );
}

/** The unit a file of the core belongs to: its folder below src, or the file itself if it is to stand alone. */
export function coreUnit(path: string, alone: ReadonlySet<string>): string | null {
  const match = /^core\/src\/([^/]+)\//.exec(path);
  return alone.has(path) ? path : (match?.[1] ?? null);
}

/** Cycles among units by imports that exist at run time, each with its path and one import per step. */
export function cycles(files: readonly SourceFile[], unitOf: (path: string) => string | null): string[] {
  const edges = new Map<string, Map<string, string>>();
  for (const { path, imports } of files) {
    const from = unitOf(path);
    if (from === null || isTest(path)) continue;
    for (const { specifier, typeOnly } of imports) {
      if (typeOnly || !isRelative(specifier)) continue;
      const to = unitOf(posix.join(posix.dirname(path), specifier));
      if (to === null || to === from) continue;
      const targets = edges.get(from) ?? new Map<string, string>();
      edges.set(from, targets.set(to, targets.get(to) ?? `${path} → ${specifier}`));
    }
  }
  // Depth first: there is a circle exactly where an import leads back to what is still being visited.
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (unit: string, path: readonly string[]): void => {
    const start = path.indexOf(unit);
    if (start >= 0) {
      const loop = path.slice(start);
      const steps = loop.map((from, at) => edges.get(from)?.get(loop[at + 1] ?? unit) ?? '');
      found.push(`${[...loop, unit].join(' → ')} (${steps.join('; ')})`);
      return;
    }
    if (done.has(unit)) return;
    for (const next of edges.get(unit)?.keys() ?? []) visit(next, [...path, unit]);
    done.add(unit);
  };
  for (const unit of edges.keys()) visit(unit, []);
  return found;
}
