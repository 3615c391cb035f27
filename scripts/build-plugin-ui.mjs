// Builds plugins/*/ui to plugins/*/dist/ui: what changed since the last build, or all with --force, or those named.
//   node scripts/build-plugin-ui.mjs [--force] [plugin id …]
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { pluginUiConfig } from '../admin-ui/vite/plugin-ui.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Time of the newest file below the paths; 0 when there is none. */
function newest(...paths) {
  let time = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stats = statSync(path);
    time = Math.max(time, stats.mtimeMs);
    if (stats.isDirectory())
      time = Math.max(time, newest(...readdirSync(path).map((name) => join(path, name))));
  }
  return time;
}

/** The ids of the plugins in `folder` whose pages are older than their sources. */
export function stalePlugins(folder, { force = false, only = [], tools = 0 } = {}) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        !entry.name.startsWith('.') &&
        existsSync(join(folder, entry.name, 'ui/index.ts')),
    )
    .map((entry) => entry.name)
    .filter((id) => only.length === 0 || only.includes(id))
    .filter((id) => {
      const dir = join(folder, id);
      const built = join(dir, 'dist/ui/manifest.json');
      if (force || !existsSync(built)) return true;
      const sources = newest(
        ...['ui', 'locales', 'contract.ts', 'package.json'].map((name) => join(dir, name)),
      );
      return Math.max(sources, tools) > statSync(built).mtimeMs;
    });
}

async function buildAll(args) {
  const only = args.filter((arg) => !arg.startsWith('--'));
  const plugins = join(root, 'plugins');
  const queue = stalePlugins(plugins, {
    force: args.includes('--force'),
    only,
    tools: newest(join(root, 'admin-ui/vite')),
  });
  const failed = [];
  const work = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const start = performance.now();
      try {
        await build(pluginUiConfig({ id, root: join(plugins, id) }));
        console.log(`  ${id}: pages built in ${Math.round(performance.now() - start)} ms`);
      } catch (error) {
        failed.push(id);
        console.error(`  ${id}: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(4, availableParallelism())) }, work));
  if (failed.length > 0) {
    console.error(`The pages of ${failed.join(', ')} could not be built.`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll(process.argv.slice(2));
