import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '@intlify/core-base';
import { describe, expect, it } from 'vitest';
import { en as shellEn } from '../../src/locales/en.ts';
import { zhCN as shellZh } from '../../src/locales/zh-CN.ts';
import { ApiError } from '../api/api-error.ts';
import { errorText } from '../error-text.ts';
import { i18n, initialLocale } from '../i18n.ts';
import { en } from './en.ts';
import { zhCN } from './zh-CN.ts';

type Tree = { readonly [key: string]: string | Tree };
const leaves = (tree: Tree, prefix = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string'
      ? [[`${prefix}${key}`, value]]
      : typeof value === 'object' && value !== null
        ? leaves(value, `${prefix}${key}.`)
        : [],
  );
const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe.each([
  ['the sdk', en, zhCN],
  ['the shell', shellEn, shellZh],
])('[core-52] the texts of %s', (_name, english, chinese) => {
  const [a, b] = [new Map(leaves(english)), new Map(leaves(chinese))];
  it('have the same keys in both languages', () => {
    expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
  });
  it('have no empty text and the same values in both', () => {
    for (const [key, text] of a) {
      expect(text.trim(), key).not.toBe('');
      expect(b.get(key)?.trim(), key).not.toBe('');
      expect(names(b.get(key) ?? ''), key).toEqual(names(text));
    }
  });
  it('can be compiled: no sign that vue-i18n takes for its own', () => {
    for (const [key, text] of [...a, ...b]) {
      const errors: unknown[] = [];
      compile(text, { locale: 'en', key, onError: (error: unknown) => errors.push(error) } as never);
      expect(errors, key).toEqual([]);
    }
  });
});

it('[core-52] Chinese texts are punctuated as Chinese, of plugins too', () => {
  const plugins = join(import.meta.dirname, '../../../plugins');
  const texts = readdirSync(plugins, { withFileTypes: true })
    .filter((one) => one.isDirectory() && existsSync(join(plugins, one.name, 'plugin.json')))
    .flatMap(({ name }): [string, string][] => {
      const read = (file: string): Tree => JSON.parse(readFileSync(join(plugins, name, file), 'utf8'));
      const ofManifest = leaves(read('plugin.json')).filter(([key]) => key.endsWith('.zh-CN'));
      const file = 'locales/zh-CN.json';
      return [...ofManifest, ...(existsSync(join(plugins, name, file)) ? leaves(read(file)) : [])];
    });
  const western = /[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]/;
  expect([...texts, ...leaves(zhCN), ...leaves(shellZh)].filter(([, text]) => western.test(text))).toEqual(
    [],
  );
});

describe('the text of an error', () => {
  it('is what the server says the code means', () => {
    const gone = new ApiError('CALL_ENDED', 410, 'internal words', { title: '通话已结束。' });
    expect(errorText(gone)).toBe('通话已结束。');
  });
  it('has the detail too where only that tells what is in the way', () => {
    const taken = new ApiError('CONFLICT', 409, '“amy” is taken.', { title: 'Conflict.' });
    expect(errorText(taken)).toBe('Conflict. “amy” is taken.');
  });
  it('is the browser’s own when no server answered, and never empty', () => {
    i18n.global.locale.value = 'en';
    expect(errorText(new ApiError('NETWORK', 0, ''))).toBe(en.errors.NETWORK);
    expect(errorText(new Error('x is undefined'))).toBe(en.errors.UNEXPECTED);
  });
});

describe('the language at the start', () => {
  it('is the stored one, else the browser’s, else Chinese', () => {
    expect(initialLocale('en', ['zh-CN'])).toBe('en');
    expect(initialLocale(null, ['fr', 'en-US'])).toBe('en');
    expect(initialLocale(null, ['zh-TW'])).toBe('zh-CN');
    expect(initialLocale('xx', ['fr'])).toBe('zh-CN');
  });
});
