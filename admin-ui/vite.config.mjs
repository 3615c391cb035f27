import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { importMapPlugin } from './vite/import-map.mjs';
import { sharedNames } from './vite/shared-modules.mjs';
import { themePlugin } from './vite/theme-css.mjs';

const root = import.meta.dirname;
/** The core that answers /api, /ui and the socket during `npm run dev -w admin-ui`. */
const server = process.env.JACKFIELD_URL ?? 'http://localhost:3000';

export default defineConfig({
  root,
  plugins: [
    vue(),
    themePlugin(resolve(root, '../themes/jackfield/theme.json')),
    importMapPlugin({ folder: resolve(root, 'src/shared') }),
  ],
  define: {
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'true',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  },
  optimizeDeps: {
    include: [
      ...sharedNames.filter((name) => !name.startsWith('@jackfield/')),
      'element-plus/es/locale/lang/zh-cn',
      'element-plus/es/locale/lang/en',
      'socket.io-client',
    ],
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // The Content-Security-Policy allows no inline script and no data: font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { input: { index: resolve(root, 'index.html') } },
  },
  server: {
    proxy: {
      '/api': server,
      '/ui/p': server,
      '/healthz': server,
      '/socket.io': { target: server, ws: true },
    },
  },
});
