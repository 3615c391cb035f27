import { describe, expect, it } from 'vitest';
import type { UiPlugin } from '../sdk/types.ts';
import { buildMenu, pagePath } from './menu.ts';
import { changesOf } from './pages/admin/audit-changes.ts';
import { permissionTree, withKeys } from './pages/admin/permission-tree.ts';
import { dependantsOf, missingFor } from './pages/admin/plugin-graph.ts';
import { changedSettings, fieldKind, type SettingItem, toField } from './pages/admin/setting-field.ts';
import { judgeSignal } from './signal.ts';

const both = (text: string) => ({ 'zh-CN': text, en: text });
const page = (path: string, section: string, order = 1, permission?: string) => ({
  path,
  title: both(path),
  component: 'X',
  menu: { section, order },
  ...(permission ? { permission } : {}),
});
const plugin = (id: string, pages: UiPlugin['pages']): UiPlugin => ({
  id,
  version: '1.0.0',
  title: both(id),
  entry: '/x.js',
  css: [],
  pages,
  slots: [],
  widgets: [],
});

describe('[core-04] the menu', () => {
  const core = [{ section: 'administration', path: '/admin/users', title: 'Users', icon: '', order: 900 }];
  const plugins = [
    plugin('reports', [page('/today', 'reports')]),
    plugin('crm', [
      page('/customers', 'customers', 2),
      page('/leads', 'customers', 1),
      page('/customers/:id', 'customers'),
      page('/secret', 'customers', 3, 'no'),
    ]),
    plugin('acd', [page('/queues', 'contact-centre'), page('/settings', 'admin')]),
    plugin('extra', [page('/x', 'own-section')]),
  ];
  const menu = buildMenu(
    core,
    plugins,
    (permission) => !permission,
    (_plugin, title) => title.en,
  );
  it('groups the pages of all plugins by section, the administration last', () => {
    expect(menu.map((section) => section.id)).toEqual([
      'customers',
      'telephony',
      'reports',
      'own-section',
      'administration',
    ]);
  });
  it('[core-58] shows in each section what the user may open, in order, without pages that need an id', () => {
    expect(menu[0]?.items.map((item) => item.path)).toEqual(['/p/crm/leads', '/p/crm/customers']);
    expect(menu.at(-1)?.items.map((item) => item.path)).toEqual(['/p/acd/settings', '/admin/users']);
  });
  it('gives each page an address under its plugin', () => {
    expect(pagePath('crm', '/')).toBe('/p/crm');
    expect(pagePath('crm', '/a/:id')).toBe('/p/crm/a/:id');
  });
});

describe('[core-54] the network signal', () => {
  it.each([
    [[], 'good'],
    [[40, 50, 60], 'good'],
    [[200, 210, 220], 'fair'],
    [[40, 50, 380], 'fair'],
    [[500, 600, 550], 'weak'],
    [[40, null, 50], 'weak'],
    [[40, 900, 60], 'weak'],
    [[40, null, null], 'none'],
    [[null], 'none'],
    [[null, null, 30, 40, 50, 60, 50], 'good'],
  ] as const)('of %j is %s', (probes, expected) => {
    expect(judgeSignal(probes)).toBe(expected);
  });
});

describe('the plugin switches', () => {
  const node = (id: string, requires: string[], enabled: boolean, scope: 'tenant' | 'system' = 'tenant') => ({
    id,
    requires: Object.fromEntries(requires.map((one) => [one, '*'])),
    enabled,
    scope,
  });
  const plugins = [
    node('interactions', [], true, 'system'),
    node('telephony', ['interactions'], false),
    node('acd', ['telephony'], false),
    node('ivr', ['telephony', 'acd'], false),
    node('crm', [], true),
  ];
  it('name what has to come on first, the deepest first', () => {
    expect(missingFor('ivr', plugins)).toEqual(['telephony', 'acd']);
    expect(missingFor('crm', plugins)).toEqual([]);
  });
  it('name what goes off too, through several steps', () => {
    const on = plugins.map((one) => ({ ...one, enabled: true }));
    expect(dependantsOf('telephony', on).sort()).toEqual(['acd', 'ivr']);
    expect(dependantsOf('telephony', plugins)).toEqual([]);
  });
  it('do not hang on a circle', () => {
    expect(missingFor('a', [node('a', ['b'], false), node('b', ['a'], false)])).toEqual(['b']);
  });
});

describe('the permissions of a role', () => {
  const permission = (key: string, group: string) => ({
    key,
    plugin: key.split(':')[0] ?? '',
    group,
    title: both(key),
  });
  it('[core-06] stand by plugin and group, the core first', () => {
    const tree = permissionTree([
      permission('crm:read', 'Customers'),
      permission('core:users', 'people'),
      permission('crm:write', 'Customers'),
      permission('crm:export', 'Export'),
    ]);
    expect(
      tree.map((branch) => [branch.plugin, branch.groups.map((group) => [group.group, group.items.length])]),
    ).toEqual([
      ['core', [['people', 1]]],
      [
        'crm',
        [
          ['Customers', 2],
          ['Export', 1],
        ],
      ],
    ]);
  });
  it('can be ticked together without doubling any', () => {
    expect(withKeys(['a', 'b'], ['b', 'c'], true)).toEqual(['a', 'b', 'c']);
    expect(withKeys(['a', 'b', 'c'], ['b', 'c'], false)).toEqual(['a']);
  });
});

describe('[core-51] the operation log', () => {
  it('shows the fields that differ', () => {
    expect(changesOf({ name: 'A', tags: [1] }, { name: 'B', tags: [1], x: true })).toEqual([
      { field: 'name', before: 'A', after: 'B' },
      { field: 'x', before: '–', after: 'true' },
    ]);
    expect(changesOf(null, null)).toEqual([]);
  });
});

describe('[core-25] a setting', () => {
  const setting = (
    schema: SettingItem['schema'],
    value: unknown,
    more: Partial<SettingItem> = {},
  ): SettingItem => ({
    key: 'k',
    title: both('K'),
    schema,
    level: 'tenant',
    secret: false,
    value,
    default: null,
    isSet: false,
    editable: true,
    ...more,
  });
  it('has the field that fits its schema', () => {
    const kinds = [
      setting({ type: 'boolean' }, true),
      setting({ type: 'string', enum: ['a'] }, 'a'),
      setting({ type: 'integer' }, 1),
      setting({ type: 'array', items: { type: 'string' } }, []),
      setting({ type: 'array', items: { type: 'object' } }, []),
      setting({ type: 'string' }, null, { secret: true }),
    ].map(fieldKind);
    expect(kinds).toEqual(['switch', 'choice', 'number', 'list', 'json', 'secret']);
  });
  it('is sent only when it was changed; an untouched secret never', () => {
    const settings = [
      setting({ type: 'integer' }, 1),
      setting({ type: 'string' }, null, { key: 's', secret: true }),
      setting({ type: 'object' }, { a: 1 }, { key: 'j' }),
    ];
    const fields = Object.fromEntries(settings.map((one) => [one.key, toField(one)]));
    expect(changedSettings(settings, fields)).toEqual({});
    expect(changedSettings(settings, { ...fields, k: 2, j: '{"a":2}' })).toEqual({ k: 2, j: { a: 2 } });
    expect(() => changedSettings(settings, { ...fields, j: '{' })).toThrow(SyntaxError);
  });
});
