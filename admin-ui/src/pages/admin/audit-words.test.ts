import { beforeAll, expect, it } from 'vitest';
import { addMessages, i18n } from '../../../sdk/i18n.ts';
import { en } from '../../locales/en.ts';
import { zhCN } from '../../locales/zh-CN.ts';
import { actionWords } from './audit-words.ts';

beforeAll(() => {
  i18n.global.mergeLocaleMessage('en', en);
  i18n.global.mergeLocaleMessage('zh-CN', zhCN);
  addMessages('fax', {
    en: { audited: { page: { resend: 'Page sent again' } } },
    'zh-CN': { audited: { page: { resend: '重发页面' } } },
  });
});

it.each([
  ['en', 'User created', 'Page sent again'],
  ['zh-CN', '新建用户', '重发页面'],
] as const)('[core-51] says in %s what was done, of the core and of a plugin', (locale, ofCore, ofPlugin) => {
  i18n.global.locale.value = locale;
  expect(actionWords({ plugin: 'core', action: 'user.create' })).toBe(ofCore);
  expect(actionWords({ plugin: 'fax', action: 'page.resend' })).toBe(ofPlugin);
});

it('leaves the code of an action that nobody has words for', () => {
  expect(actionWords({ plugin: 'fax', action: 'page.burn' })).toBe('page.burn');
  expect(actionWords({ plugin: 'core', action: 'moon.paint' })).toBe('moon.paint');
  expect(actionWords({ plugin: 'fax', action: 'user.create' })).toBe('user.create');
});
