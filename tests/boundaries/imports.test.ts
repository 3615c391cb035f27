import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, ROOT, readImports, readSources } from './imports.ts';
import { coreUnit, cycles, isTest, refuseCoreImport, refusePluginImport, violations } from './rules.ts';

const plugins = readdirSync(join(ROOT, 'plugins'), { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
);
const core = readSources('core');

/**
 * Files that are a unit of their own: small ones at the bottom which share a folder with something that stands
 * on nearly everything, and the list of the core's routes, which is part of the composition. A new entry here
 * is a file that would be better off in another folder.
 */
const ALONE = new Set([
  'core/src/auth/mask.ts',
  'core/src/boot/clock.ts',
  'core/src/http/core-routes.ts',
  'core/src/http/paging.ts',
  'core/src/i18n/locale.ts',
  'core/src/tenants/scope.ts',
]);

describe('what may be imported', () => {
  it.each(plugins.map(({ name }) => name))('plugin %s imports only what is public', (id) => {
    expect(violations(readSources(`plugins/${id}`), refusePluginImport)).toEqual([]);
  });

  it('the core knows no plugin, and its test kit is for tests', () => {
    expect(core.length).toBeGreaterThan(50);
    expect(violations(core, refuseCoreImport)).toEqual([]);
  });

  it('nothing that is not a test imports the test kit', () => {
    const others = ['plugins', 'admin-ui', 'migrations', 'scripts'].flatMap((folder) => readSources(folder));
    const outside = others.filter(({ path }) => !isTest(path));
    const found = violations(outside, (_, { specifier }) =>
      specifier.includes('test-kit') ? 'is for tests only' : null,
    );
    expect(found).toEqual([]);
  });

  it('the folders of the core do not import each other in circles', () => {
    expect(cycles(core, (path) => coreUnit(path, ALONE))).toEqual([]);
  });
});

describe('the check itself', () => {
  const imported = (specifier: string): Import => ({ specifier, typeOnly: false, line: 1 });

  it('sees every way to import', () => {
    const text = `import a from 'a';
import type { B } from 'b';
export { c } from 'c';
export type * from 'd';
let e: import('e').E;
const f = await import('f');
const g = require('g');
import './h.css';
// import 'comment';
const text = "import 'string'";`;
    expect(readImports('x.ts', text)).toEqual([
      { specifier: 'a', typeOnly: false, line: 1 },
      { specifier: 'b', typeOnly: true, line: 2 },
      { specifier: 'c', typeOnly: false, line: 3 },
      { specifier: 'd', typeOnly: true, line: 4 },
      { specifier: 'e', typeOnly: true, line: 5 },
      { specifier: 'f', typeOnly: false, line: 6 },
      { specifier: 'g', typeOnly: false, line: 7 },
      { specifier: './h.css', typeOnly: false, line: 8 },
    ]);
  });

  it('reads both scripts of a Vue file, by their lines in it', () => {
    const text = `<template><p>import 'no'</p></template>\n<script lang="ts">\nimport 'a';\n</script>\n<script setup lang="ts">\nimport 'b';\n</script>`;
    expect(readImports('x.vue', text).map(({ specifier, line }) => [specifier, line])).toEqual([
      ['a', 3],
      ['b', 6],
    ]);
  });

  it.each([
    '@jackfield/core/sdk',
    '@jackfield/admin-ui/sdk',
    '@jackfield/plugin-telephony/contract',
    'zod',
    'node:fs',
    './routes/calls.ts',
    '../contract.ts',
  ])('lets a plugin import %s', (specifier) => {
    expect(refusePluginImport('plugins/ivr/server/index.ts', imported(specifier))).toBeNull();
  });

  it.each([
    '@jackfield/core',
    '@jackfield/core/dist/src/data/database.js',
    '@jackfield/core/test-kit',
    '@jackfield/plugin-telephony',
    '@jackfield/plugin-telephony/server',
    '@jackfield/admin-ui/src/app',
    '../../telephony/contract.ts',
    '../../../core/src/sdk/index.ts',
    '/etc/passwd',
  ])('stops a plugin that imports %s', (specifier) => {
    expect(refusePluginImport('plugins/ivr/server/index.ts', imported(specifier))).not.toBeNull();
  });

  it.each([
    '@jackfield/plugin-ivr/contract',
    '../../../plugins/ivr/contract.ts',
    '../../test-kit/fake-clock.ts',
  ])('stops the core from importing %s', (specifier) => {
    expect(refuseCoreImport('core/src/http/server.ts', imported(specifier))).not.toBeNull();
  });

  it('prints a circle with the imports that make it, and takes no notice of types', () => {
    const file = (path: string, specifier: string, typeOnly = false) => ({
      path,
      imports: [{ specifier, typeOnly, line: 1 }],
    });
    const unit = (path: string) => coreUnit(path, new Set());
    const a = file('core/src/a/x.ts', '../b/y.ts');
    expect(cycles([a, file('core/src/b/y.ts', '../a/x.ts')], unit)).toEqual([
      'a → b → a (core/src/a/x.ts → ../b/y.ts; core/src/b/y.ts → ../a/x.ts)',
    ]);
    expect(cycles([a, file('core/src/b/y.ts', '../a/x.ts', true)], unit)).toEqual([]);
    expect(cycles([a, file('core/src/b/y.test.ts', '../a/x.ts')], unit)).toEqual([]);
  });
});
