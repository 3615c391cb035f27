import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifestJsonSchema, type PluginManifestInput, parseManifest } from './manifest.ts';

const minimal: PluginManifestInput = {
  id: 'notes',
  title: { 'zh-CN': '便签', en: 'Notes' },
  description: { 'zh-CN': '便签', en: 'Notes' },
  engines: { core: '^0.1.0' },
};
const problemsOf = (json: unknown) => {
  const result = parseManifest(json);
  return result.ok ? [] : result.problems;
};

describe('plugin.json', () => {
  it('needs only an id, a title, a description and the core it was written for', () => {
    const result = parseManifest(minimal);
    expect(result).toMatchObject({
      ok: true,
      manifest: {
        scope: 'tenant',
        processes: ['web', 'worker', 'telephony'],
        requires: {},
        contributes: { pages: [], hooks: [] },
        uses: { telephony: false, files: false, acrossTenants: false, hooks: [] },
        data: { tables: [], retention: {} },
      },
    });
  });

  it('refuses a key it does not know, by name and place', () => {
    const page = { path: '/', title: minimal.title, component: 'Page', permision: 'notes:read' };
    expect(problemsOf({ ...minimal, contributes: { pages: [page] }, colour: 'red' })).toEqual([
      'unknown key "permision" in contributes.pages[0]',
      'unknown key "colour" in plugin.json',
    ]);
  });

  it('names the place of every wrong value at once', () => {
    const problems = problemsOf({ ...minimal, id: 'Notes', engines: { core: 'newest' }, scope: 'global' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['id', 'engines.core', 'scope']);
  });

  it.each(['notes-', '-notes', '9notes', 'no_tes', 'a'.repeat(25), 'core'])('refuses the id %s', (id) => {
    expect(problemsOf({ ...minimal, id })).toHaveLength(1);
  });

  it.each(['/etc/passwd', '../other/index.js', 'dist/../../x.js', 'C:\\x.js'])(
    'keeps the entry inside its folder: %s',
    (server) => {
      expect(problemsOf({ ...minimal, server })[0]).toMatch(/^server: must/);
    },
  );

  it('knows who speaks each language', () => {
    expect(problemsOf({ ...minimal, title: { en: 'Notes' } })[0]).toMatch(/^title\.zh-CN:/);
  });

  it('is published as a JSON Schema for editors (UPDATE_PLUGIN_SCHEMA=1 writes it anew)', () => {
    const file = new URL('../../plugin.schema.json', import.meta.url);
    if (process.env.UPDATE_PLUGIN_SCHEMA) writeFileSync(file, JSON.stringify(manifestJsonSchema(), null, 2));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(manifestJsonSchema());
  });
});
