import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stalePlugins } from '../../scripts/build-plugin-ui.mjs';
import { cspHash, importMapOf } from './import-map.mjs';
import { copiesOfShared } from './plugin-ui.mjs';
import { sharedModules } from './shared-modules.mjs';
import { contrast, mix, themeCss } from './theme-css.mjs';

describe('the import map', () => {
  const folder = '/host/src/shared';
  const bundle = Object.fromEntries(
    Object.values(sharedModules).map((file) => [
      `assets/${file}-abc.js`,
      { type: 'chunk', isEntry: true, facadeModuleId: resolve(folder, file) },
    ]),
  );
  it('leads every shared name to its built file', () => {
    const { imports } = importMapOf(bundle, folder, '/');
    expect(Object.keys(imports)).toEqual(Object.keys(sharedModules));
    expect(imports).toMatchObject({
      vue: '/assets/vue.ts-abc.js',
      '@jackfield/admin-ui/sdk': '/assets/sdk.ts-abc.js',
    });
  });
  it('stops the build when a shared module has no file', () => {
    expect(() => importMapOf({}, folder, '/')).toThrow('no entry for the shared module vue');
  });
  it('is allowed by its hash alone', () => {
    expect(cspHash('{}')).toBe(`sha256-${createHash('sha256').update('{}').digest('base64')}`);
  });
});

describe('the bundle of a plugin', () => {
  it('is refused with a copy of a shared module in it', () => {
    expect(
      copiesOfShared([
        '/x/node_modules/vue/dist/vue.js',
        '/x/node_modules/@vue/runtime-core/dist/a.js',
        '/x/admin-ui/sdk/index.ts',
      ]),
    ).toHaveLength(3);
    expect(
      copiesOfShared([
        '/x/node_modules/jssip/a.js',
        '/x/node_modules/vue-flow/a.js',
        '/x/node_modules/@vueuse/core/a.js',
        '/x/plugins/crm/ui/index.ts',
      ]),
    ).toEqual([]);
  });

  const dir = mkdtempSync(join(tmpdir(), 'jackfield-ui-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  it('is built only when a source is newer, and never for a plugin without pages', () => {
    const write = (path: string, at: number) => {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), '');
      utimesSync(join(dir, path), at, at);
    };
    write('fresh/ui/index.ts', 1_000);
    write('fresh/dist/ui/manifest.json', 2_000_000_000_000 / 1_000);
    utimesSync(join(dir, 'fresh/ui'), 1_000, 1_000);
    write('new/ui/index.ts', 1_000);
    write('server-only/server/index.ts', 1_000);
    expect(stalePlugins(dir)).toEqual(['new']);
    write('fresh/ui/pages/List.vue', 2_100_000_000);
    expect(stalePlugins(dir).sort()).toEqual(['fresh', 'new']);
    expect(stalePlugins(dir, { force: true, only: ['fresh'] })).toEqual(['fresh']);
  });
});

describe('[core-55] the theme', () => {
  const theme = JSON.parse(
    readFileSync(new URL('../../themes/jackfield/theme.json', import.meta.url), 'utf8'),
  );
  it.each(['light', 'dark'])('keeps WCAG AA for every text in %s', (mode) => {
    const c = theme[mode];
    const grounds = [c.surface, c.page, c.raised, c.sunken];
    for (const text of [
      'text',
      'textMuted',
      'textFaint',
      'link',
      'primary',
      'success',
      'warning',
      'danger',
      'info',
    ]) {
      for (const ground of grounds)
        expect(contrast(c[text], ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
    // Tags and alerts: the colour on its own faint ground.
    for (const text of ['primary', 'success', 'warning', 'danger', 'info'])
      expect(contrast(c[text], mix(c[text], c.surface, 0.9)), `${text} tag`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(c.onPrimary, c.primary)).toBeGreaterThanOrEqual(4.5);
    expect(
      contrast(c.onPrimary, mix(c.primary, mode === 'dark' ? '#ffffff' : '#000000', 0.18)),
    ).toBeGreaterThanOrEqual(4.5);
    for (const text of ['navText', 'navMuted'])
      expect(contrast(c[text], c.navSurface), text).toBeGreaterThanOrEqual(4.5);
    expect(contrast(c.onNavActive, c.navActive)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(c.focus, c.surface)).toBeGreaterThanOrEqual(3);
  });
  it('has the same tokens in light and dark', () => {
    expect(Object.keys(theme.dark)).toEqual(Object.keys(theme.light));
    expect(theme.charts.dark).toHaveLength(theme.charts.light.length);
  });
  it('becomes variables of ours and of Element Plus', () => {
    const css = themeCss(theme);
    expect(css).toContain(`--jf-nav-surface: ${theme.light.navSurface};`);
    expect(css).toContain(`--el-color-primary: ${theme.dark.primary};`);
    expect(css).toMatch(/html\.dark \{[\s\S]*--jf-chart-1/);
  });
});
