import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import semver from 'semver';
import { z } from 'zod';
import type { PluginIdentity } from './identity.ts';
import { parseManifest } from './manifest.ts';

/** A folder that never became a plugin, or a plugin that a step turned away. */
export interface Refusal {
  readonly id: string;
  readonly dir: string;
  readonly reason: string;
}
export interface Discovery {
  /** By folder, in the order of the directories given; ids are unique. */
  readonly found: readonly PluginIdentity[];
  readonly refused: readonly Refusal[];
}

const PackageSchema = z.object({
  version: z
    .string()
    .refine((version) => semver.valid(version) !== null, 'must be a semver version such as 1.2.0'),
});

/**
 * Looks for plugin.json in each directory: in the directory itself (one plugin) or in its sub-folders (many).
 * Reads JSON only. A fault in one folder is a refusal of that folder; a directory that does not exist holds no
 * plugins.
 */
export async function discoverPlugins(directories: readonly string[]): Promise<Discovery> {
  const folders = (await Promise.all(directories.map(pluginFolders))).flat();
  const found = new Map<string, PluginIdentity>();
  const refused: Refusal[] = [];
  for (const dir of new Set(folders)) {
    const result = await readPlugin(dir);
    if (!result.ok) {
      refused.push({ id: result.id, dir, reason: result.reason });
      continue;
    }
    const { plugin } = result;
    const first = found.get(plugin.id);
    if (!first) found.set(plugin.id, plugin);
    else
      refused.push({
        id: plugin.id,
        dir,
        reason: `the id "${plugin.id}" is taken by the plugin in ${first.dir}`,
      });
  }
  return { found: [...found.values()], refused };
}

async function pluginFolders(directory: string): Promise<string[]> {
  const root = resolve(directory);
  if (await isFile(join(root, 'plugin.json'))) return [root];
  const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const names = entries
    .filter(
      (entry) =>
        (entry.isDirectory() || entry.isSymbolicLink()) &&
        !entry.name.startsWith('.') &&
        entry.name !== 'node_modules',
    )
    .map((entry) => entry.name)
    .sort();
  const folders = await Promise.all(
    names.map(async (name) => ((await isFile(join(root, name, 'plugin.json'))) ? [join(root, name)] : [])),
  );
  return folders.flat();
}

type ReadResult =
  | { readonly ok: true; readonly plugin: PluginIdentity }
  | { readonly ok: false; readonly id: string; readonly reason: string };

async function readPlugin(dir: string): Promise<ReadResult> {
  // Without a readable id the folder's name is what people know it by.
  let id = basename(dir);
  try {
    const json = await readJson(join(dir, 'plugin.json'));
    const parsed = parseManifest(json);
    id = claimedId(json) ?? id;
    if (!parsed.ok) return { ok: false, id, reason: parsed.problems.join('; ') };
    const pkg = PackageSchema.safeParse(await readJson(join(dir, 'package.json')));
    if (!pkg.success)
      return { ok: false, id, reason: `package.json: version ${pkg.error.issues[0]?.message}` };
    return {
      ok: true,
      plugin: { id: parsed.manifest.id, version: pkg.data.version, dir, manifest: parsed.manifest },
    };
  } catch (error) {
    return { ok: false, id, reason: error instanceof Error ? error.message : String(error) };
  }
}

function claimedId(json: unknown): string | undefined {
  const id = typeof json === 'object' && json !== null && 'id' in json ? json.id : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`${basename(path)} ${isMissing(error) ? 'is missing' : 'cannot be read'}`, {
      cause: error,
    });
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${basename(path)} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
