// How a plugin's pages are built: one ES module that leaves the host's modules to the host.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { sharedNames } from './shared-modules.mjs';

/** A file of Vue itself, or of another shared module, as the bundler names it. */
const sharedFile =
  /[\\/]node_modules[\\/](?:@vue[\\/](?:runtime-core|runtime-dom|reactivity|shared)|vue|vue-router|pinia|vue-i18n|element-plus)[\\/]/;

/** The shared modules of which a copy is in the bundle. @param {Iterable<string>} moduleIds */
export function copiesOfShared(moduleIds) {
  return [...moduleIds].filter((id) => sharedFile.test(id) || /[\\/]admin-ui[\\/]sdk[\\/]/.test(id)).sort();
}

/** Fails the build when a shared module got into the bundle: two Vues in one page break in ways hard to find. */
function noCopies(pluginId) {
  return {
    name: 'jackfield:no-copies',
    generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap((chunk) =>
        chunk.type === 'chunk' ? Object.keys(chunk.modules) : [],
      );
      const copies = copiesOfShared(ids);
      if (copies.length > 0) {
        this.error(
          `plugin ${pluginId}: the bundle holds a copy of a module that the host shares. Import it by its bare name ` +
            `(${sharedNames.join(', ')}), not by a path below it:\n  ${copies.slice(0, 5).join('\n  ')}`,
        );
      }
    },
  };
}

/**
 * Vite configuration of a plugin: `ui/index.ts` → `dist/ui/index.js`, with `manifest.json` from which the server reads
 * the style sheets.
 * @param {{ id: string, root: string, watch?: boolean }} options `root` is the plugin's folder
 */
export function pluginUiConfig({ id, root, watch = false }) {
  const entry = resolve(root, 'ui/index.ts');
  if (!existsSync(entry)) throw new Error(`plugin ${id} has no ui/index.ts`);
  return {
    root,
    configFile: false,
    base: './',
    publicDir: false,
    logLevel: 'warn',
    plugins: [vue(), noCopies(id)],
    // The library mode leaves this to whoever bundles the library; here nobody does.
    define: {
      'process.env.NODE_ENV': JSON.stringify('production'),
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
    },
    build: {
      target: 'es2022',
      outDir: resolve(root, 'dist/ui'),
      emptyOutDir: true,
      sourcemap: true,
      manifest: 'manifest.json',
      assetsInlineLimit: 0,
      cssCodeSplit: true,
      modulePreload: false,
      ...(watch ? { watch: {} } : {}),
      lib: { entry, formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: {
        external: sharedNames,
        output: {
          entryFileNames: 'index.js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          assetFileNames: 'assets/[name]-[hash][extname]',
        },
      },
    },
  };
}
