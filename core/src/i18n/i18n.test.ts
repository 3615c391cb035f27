import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorCatalog } from '../errors/index.ts';
import { scope } from '../tenants/scope.ts';
import { errorText } from './errors.ts';
import { negotiateLocale } from './locale.ts';
import { createI18n } from './plugin-i18n.ts';

describe('the language of a reader', () => {
  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en-GB, zh;q=0.9', 'en'],
    ['fr, zh-Hant-TW;q=0.4, en;q=0.6', 'en'],
    ['en;q=0, zh', 'zh-CN'],
    ['fr, *;q=0.1', 'en'],
    ['nonsense;;q=x', 'en'],
    [undefined, 'en'],
  ])('of Accept-Language: %s is %s', (header, locale) => {
    expect(negotiateLocale(header, 'en')).toBe(locale);
  });
});

describe('errors', () => {
  it('have a Chinese and an English text each', () => {
    for (const code of Object.keys(errorCatalog)) {
      expect([code, errorText(code, 'zh-CN')]).toEqual([code, expect.stringMatching(/[\u4e00-\u9fff]/)]);
      expect([code, errorText(code, 'en')]).toEqual([code, expect.stringMatching(/^[\x20-\x7e]+$/)]);
    }
  });
});

describe("a plugin's texts", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jackfield-i18n-'));
    mkdirSync(join(directory, 'locales'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (locale: string, texts: unknown) =>
    writeFileSync(
      join(directory, 'locales', `${locale}.json`),
      typeof texts === 'string' ? texts : JSON.stringify(texts),
    );

  it('are those of the language of the scope, with values filled in', () => {
    write('zh-CN', { queue: { full: '{name}已满（{count}）' } });
    write('en', { 'queue.full': '{name} is full ({count}, {missing})' });
    const { t } = createI18n().i18nFor('acd', directory);
    const values = { name: 'Sales', count: 3 };
    const inEnglish = {
      tenantId: null,
      actor: { kind: 'anonymous' },
      requestId: '',
      locale: 'en-GB',
    } as const;
    expect(t('queue.full', values)).toBe('Sales已满（3）');
    expect(scope.run(inEnglish, () => t('queue.full', values))).toBe('Sales is full (3, {missing})');
    expect(t('queue.full', values, 'en')).toBe('Sales is full (3, {missing})');
  });

  it('fall back to Chinese, English and the key, and are counted as missing', () => {
    write('zh-CN', { a: '甲' });
    write('en', { b: 'B' });
    const i18n = createI18n();
    const { t } = i18n.i18nFor('acd', directory);
    expect([t('a', {}, 'en'), t('b', {}, 'zh-CN'), t('c', {}, 'en'), t('c', {}, 'en')]).toEqual([
      '甲',
      'B',
      'c',
      'c',
    ]);
    expect(Object.fromEntries(i18n.missing())).toEqual({ 'acd/en/a': 1, 'acd/zh-CN/b': 1, 'acd/en/c': 2 });
  });

  it('are refused with the name of the file when it is not JSON, and may be absent', () => {
    expect(createI18n().i18nFor('acd', join(directory, 'nowhere')).t('x')).toBe('x');
    write('en', '{');
    expect(() => createI18n().i18nFor('acd', directory)).toThrow('locales/en.json');
  });
});
