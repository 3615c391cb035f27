import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryMode } from './identity.ts';

/**
 * Absolute path of a file that plugin.json names. In `source` mode `dist/server/index.js` stands for
 * `server/index.ts` where that exists; a plugin that comes built has no source and is taken as it is.
 */
export function entryPath(dir: string, path: string, mode: EntryMode): string {
  if (mode === 'source' && path.startsWith('dist/')) {
    const source = join(dir, path.slice('dist/'.length).replace(/\.js$/, '.ts'));
    if (existsSync(source)) return source;
  }
  return join(dir, path);
}

/**
 * Where its migrations lie: built under dist, or else beside it, as sources or as plain JavaScript that needs no
 * build. A plugin without any has no such folder.
 */
export function migrationsFolder(dir: string, mode: EntryMode): string {
  const [plain, built] = [join(dir, 'migrations'), join(dir, 'dist/migrations')];
  const [first, second] = mode === 'source' ? [plain, built] : [built, plain];
  return existsSync(first) ? first : second;
}
