// One import map for host and plugins, in development and production alike.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { sharedModules } from './shared-modules.mjs';

/** The CSP hash that lets exactly this inline text run (the policy wants it in quotes). @param {string} text */
export function cspHash(text) {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

/**
 * Bare name → address of the built file.
 * @param {Record<string, { type: string, isEntry?: boolean, facadeModuleId?: string | null }>} bundle
 * @param {string} folder absolute path of src/shared
 * @param {string} base the host's public base, with a slash at its end
 */
export function importMapOf(bundle, folder, base) {
  const imports = {};
  for (const [name, file] of Object.entries(sharedModules)) {
    const source = resolve(folder, file);
    const built = Object.entries(bundle).find(
      ([, chunk]) =>
        chunk.type === 'chunk' &&
        chunk.isEntry &&
        chunk.facadeModuleId &&
        resolve(chunk.facadeModuleId) === source,
    );
    if (!built) throw new Error(`the bundle has no entry for the shared module ${name} (${source})`);
    imports[name] = base + built[0];
  }
  return { imports };
}

/**
 * Adds the shared modules as inputs, writes the import map as the first thing in <head>, and writes
 * `csp.json` ({ scriptHashes: string[] }) for the server's Content-Security-Policy.
 * @param {{ folder: string }} options absolute path of src/shared
 */
export function importMapPlugin({ folder }) {
  let base = '/';
  let inline = '';
  return {
    name: 'jackfield:import-map',
    config: () => ({
      build: {
        rolldownOptions: {
          preserveEntrySignatures: 'exports-only',
          input: Object.fromEntries(
            Object.values(sharedModules).map((file) => [
              `shared-${file.replace(/\.ts$/, '')}`,
              resolve(folder, file),
            ]),
          ),
        },
      },
    }),
    configResolved(config) {
      base = config.base;
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, context) {
        const map = context.bundle
          ? importMapOf(context.bundle, folder, base)
          : {
              imports: Object.fromEntries(
                Object.entries(sharedModules).map(([name, file]) => [name, `${base}src/shared/${file}`]),
              ),
            };
        const text = JSON.stringify(map);
        inline = text;
        return [{ tag: 'script', attrs: { type: 'importmap' }, children: text, injectTo: 'head-prepend' }];
      },
    },
    // After the page has been written: the hash is of exactly what stands in it.
    generateBundle: {
      order: 'post',
      handler() {
        if (inline === '') this.error('index.html was not written, so its import map has no hash');
        this.emitFile({
          type: 'asset',
          fileName: 'csp.json',
          source: `${JSON.stringify({ scriptHashes: [cspHash(inline)] })}\n`,
        });
      },
    },
  };
}
