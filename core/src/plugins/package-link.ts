/**
 * Lets a plugin outside this workspace import `@jackfield/core/sdk` without an `npm install`: a link
 * `node_modules/@jackfield/core` beside the plugin folders, to the package this very server runs from.
 *
 * Why a link and not a `module.register` resolve hook: a hook is known to Node alone, while Vite (and so
 * vitest), TypeScript and editors resolve by themselves and would need the same rule a second time; it also
 * runs for every import of the process. A link is the one thing all of them follow, and they follow it to its
 * real path, so the plugin gets the server's own copy and not a second one. `exports` of the core's
 * package.json opens nothing but its public entries, and the core's own libraries stay out of reach, because
 * they are looked up from the real path. It stands beside the plugin folders, not in them: their contents are
 * signed.
 */
import { existsSync } from 'node:fs';
import { lstat, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@jackfield/core';

/** Folder of the core's package.json, from source as from dist. */
export function corePackageDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return dir;
}

/**
 * Makes the sdk importable from `pluginDir`. A package that npm put there is left alone; a link of ours to
 * another (older) core is set anew. Throws when the directory cannot be written, with what to do about it.
 */
export async function linkSdk(pluginDir: string, corePackage = corePackageDir()): Promise<void> {
  if (await reaches(pluginDir, corePackage)) return;
  const link = join(dirname(pluginDir), 'node_modules', ...PACKAGE.split('/'));
  const present = await lstat(link).catch(() => null);
  if (present && !present.isSymbolicLink()) return;
  try {
    await mkdir(dirname(link), { recursive: true });
    if (present) await rm(link);
    // `junction` needs no rights on Windows; elsewhere the type is ignored.
    await symlink(corePackage, link, 'junction');
  } catch (error) {
    // Another process of this server may have set it a moment before.
    if (await reaches(pluginDir, corePackage)) return;
    throw new Error(
      `cannot link ${PACKAGE}: make ${dirname(pluginDir)} writable once, or create the link ${link} → ${corePackage}`,
      {
        cause: error,
      },
    );
  }
}

async function reaches(pluginDir: string, corePackage: string): Promise<boolean> {
  const target = await realpath(corePackage);
  // The look-up of ES modules: node_modules of each folder upwards, from the real path.
  for (let dir = await realpath(pluginDir); ; dir = dirname(dir)) {
    const found = await realpath(join(dir, 'node_modules', PACKAGE)).catch(() => null);
    if (found) return found === target;
    if (dir === dirname(dir)) return false;
  }
}
