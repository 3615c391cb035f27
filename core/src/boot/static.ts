import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Http } from '../http/index.ts';
import { type PluginStates, uiFolder, uiPrefix } from '../plugins/index.ts';

/** Root of the checkout or installation; this file is core/src/boot or core/dist/src/boot. */
export const installation = resolve(
  dirname(fileURLToPath(import.meta.url)),
  import.meta.url.endsWith('.ts') ? '../../..' : '../../../..',
);

const CspFile = z.object({ scriptHashes: z.array(z.string()) });

/** The shell at `/`, and the pages of each plugin that is up below `/ui/p/<id>/<version>`. */
export async function serveUi(http: Http, states: PluginStates): Promise<void> {
  const shell = join(installation, 'admin-ui/dist');
  if (existsSync(shell)) {
    http.serveStatic('/', shell, { fallback: 'index.html' });
    http.serveStatic('/assets', join(shell, 'assets'), { immutable: true });
    const csp = CspFile.parse(JSON.parse(await readFile(join(shell, 'csp.json'), 'utf8')));
    http.allowScripts(csp.scriptHashes);
  }
  for (const { id, plugin } of states.list()) {
    const folder = plugin && states.isUp(id) ? uiFolder(plugin) : null;
    if (plugin && folder) http.serveStatic(uiPrefix(plugin), folder, { immutable: true });
  }
}
