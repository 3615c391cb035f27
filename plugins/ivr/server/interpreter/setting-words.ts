import { type Locale, z } from '@jackfield/core/sdk';

type Words = z.core.$ZodErrorMap;

/** zod's words are about types; an author who left a field empty is told that. */
function words(zod: Words, empty: { readonly text: string; readonly list: string }): Words {
  return (issue) => {
    const missing = issue.code === 'too_small' && issue.minimum === 1;
    if (missing && issue.origin === 'string') return empty.text;
    if (missing && issue.origin === 'array') return empty.list;
    if (issue.code === 'invalid_type' && issue.input === undefined) return empty.text;
    return zod(issue);
  };
}

/** What is wrong with a setting, for its author. */
export const settingWords: Readonly<Record<Locale, Words>> = {
  'zh-CN': words(z.locales.zhCN().localeError, { text: '请填写。', list: '请至少添加一项。' }),
  en: words(z.locales.en().localeError, { text: 'Fill this in.', list: 'Add at least one.' }),
};
