import { createReadStream, type Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Context, Middleware } from 'koa';

export interface StaticOptions {
  /** File names carry their hash: kept by the browser for a year. Else it asks each time. */
  readonly immutable?: boolean;
  /** File sent for an address below the prefix that is no file, when the browser wants a page (an SPA). */
  readonly fallback?: string;
}

/** Files below `directory`, at addresses below `prefix`. Nothing outside it, nothing that begins with a dot. */
export function staticFiles(prefix: string, directory: string, options: StaticOptions = {}): Middleware {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const root = resolve(directory);
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    if (!ctx.path.startsWith(base) && `${ctx.path}/` !== base) return next();
    const relative = decodeURIComponent(ctx.path.slice(base.length));
    const found = relative === '' ? null : await findFile(root, relative);
    if (found) return send(ctx, found, options.immutable === true && !found.path.endsWith('.html'));
    const wantsPage = ctx.accepts('html', 'json') === 'html' && ctx.get('accept').includes('text/html');
    const page = options.fallback && wantsPage ? await findFile(root, options.fallback) : null;
    if (!page) return next();
    await send(ctx, page, false);
  };
}

interface FoundFile {
  readonly path: string;
  readonly stats: Stats;
}

async function findFile(root: string, relative: string): Promise<FoundFile | null> {
  if (relative.split(/[/\\]/).some((part) => part === '' || part.startsWith('.'))) return null;
  if (relative.includes('\0')) return null;
  try {
    // Both resolved, so that a link that leads out of the folder is seen as such.
    const [path, home] = await Promise.all([realpath(join(root, relative)), realpath(root)]);
    if (!path.startsWith(home + sep)) return null;
    const stats = await stat(path);
    return stats.isFile() ? { path, stats } : null;
  } catch {
    // No such file, or not readable: to the browser both are "not there".
    return null;
  }
}

async function send(ctx: Context, { path, stats }: FoundFile, immutable: boolean): Promise<void> {
  ctx.set('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  ctx.etag = `${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}`;
  ctx.lastModified = stats.mtime;
  ctx.type = path.slice(path.lastIndexOf('.'));
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  if (ctx.method !== 'HEAD') {
    const type = ctx.response.get('content-type');
    ctx.body = createReadStream(path);
    ctx.set('Content-Type', type);
  }
  ctx.length = stats.size;
}
