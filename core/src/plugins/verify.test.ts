import { describe, expect, it } from 'vitest';
import type { PluginIdentity } from './identity.ts';
import { ManifestSchema, type PluginManifestInput } from './manifest.ts';
import { verifyPlugin } from './verify.ts';

const text = { 'zh-CN': '便签', en: 'Notes' };
function plugin(over: Partial<PluginManifestInput> = {}, version = '1.0.0'): PluginIdentity {
  const manifest = ManifestSchema.parse({
    id: 'notes',
    title: text,
    description: text,
    engines: { core: '^0.1.0' },
    ...over,
  });
  return { id: manifest.id, version, dir: '/plugins/notes', manifest };
}
function problems(subject: PluginIdentity, others: PluginIdentity[] = [], files?: string[]): string[] {
  return verifyPlugin(subject, {
    coreVersion: '0.1.4',
    installed: new Map([subject, ...others].map((each) => [each.id, each])),
    exists: (_, path) => files === undefined || files.includes(path),
  });
}

describe('verification', () => {
  it('passes a plugin that is in order', () => {
    expect(problems(plugin({ server: 'dist/server/index.js' }))).toEqual([]);
  });

  it('refuses a plugin for another core, naming both versions', () => {
    expect(problems(plugin({ engines: { core: '^1.0.0' } }))).toEqual([
      'needs core ^1.0.0, and this is 0.1.4',
    ]);
  });

  it('misses the files that were never built', () => {
    const ui = { entry: 'dist/ui/index.js', manifest: 'dist/ui/.vite/manifest.json' };
    expect(problems(plugin({ server: 'dist/server/index.js', ui }), [], ['dist/ui/index.js'])).toEqual([
      'server: there is no file dist/server/index.js',
      'ui.manifest: there is no file dist/ui/.vite/manifest.json',
    ]);
  });

  it('keeps permissions and tables under the name of the plugin', () => {
    const found = problems(
      plugin({
        id: 'sticky-notes',
        permissions: [{ key: 'crm:read', title: text, group: 'notes' }],
        data: { tables: ['sticky_notes_note', 'crm_customer'], retention: { sticky_notes_old: 30 } },
      }),
    );
    expect(found).toEqual([
      'permissions: "crm:read" must begin with "sticky-notes:"',
      'data.tables: "crm_customer" must begin with "sticky_notes_"',
      'data.retention: "sticky_notes_old" is not one of data.tables',
    ]);
  });

  it('finds a page whose permission nobody declares, and takes one of a plugin it requires', () => {
    const page = (permission: string) => ({
      path: `/${permission.length}`,
      title: text,
      component: 'Page',
      permission,
    });
    const ui = { entry: 'dist/ui/index.js' };
    expect(
      problems(
        plugin({
          ui,
          requires: { crm: '*' },
          contributes: { pages: [page('crm:read'), page('notes:read')] },
        }),
      ),
    ).toEqual(['contributes.pages: permission "notes:read" is not declared in permissions']);
  });

  it('wants uses to say what contributes implies', () => {
    const setting = {
      key: 'token',
      title: text,
      schema: { type: 'string' },
      default: '',
      level: 'tenant',
      secret: true,
    } as const;
    expect(problems(plugin({ contributes: { settings: [setting], jobs: [{ name: 'sweep' }] } }))).toEqual([
      'contributes.settings has a secret, so uses.secrets must be true',
      'names hooks or jobs, so "server" must name an entry',
    ]);
  });

  it('says which plugin it cannot stand beside', () => {
    const rival = plugin({ id: 'rival' }, '2.1.0');
    expect(problems(plugin({ conflicts: { rival: '^2.0.0' } }), [rival])).toEqual([
      'conflicts with "rival" ^2.0.0, and 2.1.0 is installed',
    ]);
    expect(problems(plugin({ conflicts: { rival: '^3.0.0' } }), [rival])).toEqual([]);
  });

  it('wants what it requires to run in its processes, and to be as constant as itself', () => {
    const worker = plugin({ id: 'worker', processes: ['worker'] });
    expect(
      problems(plugin({ requires: { worker: '*' }, scope: 'system', processes: ['web', 'worker'] }), [
        worker,
      ]),
    ).toEqual([
      'processes: requires "worker", which does not run in web',
      'scope: "system" cannot require "worker", which tenants switch on and off',
    ]);
  });

  it('finds a name that stands there twice', () => {
    expect(
      problems(plugin({ server: 'x.js', contributes: { jobs: [{ name: 'sweep' }, { name: 'sweep' }] } })),
    ).toEqual(['contributes.jobs: "sweep" stands there twice']);
  });
});
