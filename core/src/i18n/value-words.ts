import { locales, type z } from 'zod';
import type { Locale } from './contract.ts';

const words = {
  'zh-CN': {
    needed: '请填写此项。',
    kind: '内容类型不正确。',
    form: '格式不正确。',
    email: '邮箱格式不正确。',
    oneOf: (values: string) => `只能是：${values}。`,
    atLeast: {
      string: (n: string) => `至少 ${n} 个字符。`,
      number: (n: string) => `不能小于 ${n}。`,
      array: (n: string) => `至少 ${n} 项。`,
    },
    atMost: {
      string: (n: string) => `最多 ${n} 个字符。`,
      number: (n: string) => `不能大于 ${n}。`,
      array: (n: string) => `最多 ${n} 项。`,
    },
    between: '、',
  },
  en: {
    needed: 'This is needed.',
    kind: 'This is not the kind of value that is expected.',
    form: 'This is not in the form that is expected.',
    email: 'This is not an email address.',
    oneOf: (values: string) => `This can only be: ${values}.`,
    atLeast: {
      string: (n: string) => `At least ${n} characters.`,
      number: (n: string) => `Not less than ${n}.`,
      array: (n: string) => `At least ${n}.`,
    },
    atMost: {
      string: (n: string) => `At most ${n} characters.`,
      number: (n: string) => `Not more than ${n}.`,
      array: (n: string) => `At most ${n}.`,
    },
    between: ', ',
  },
} as const;

const zodWords = { 'zh-CN': locales.zhCN().localeError, en: locales.en().localeError };

/** What is wrong with a value, for whoever filled it in; what no form can cause keeps the words of zod. */
export function valueWords(locale: Locale): z.core.$ZodErrorMap {
  const own = words[locale];
  return (issue) => {
    switch (issue.code) {
      case 'invalid_type':
        return issue.input === undefined || issue.input === null ? own.needed : own.kind;
      case 'too_small':
        if (issue.origin === 'string' && issue.minimum === 1) return own.needed;
        return own.atLeast[measured(issue.origin)](String(issue.minimum));
      case 'too_big':
        return own.atMost[measured(issue.origin)](String(issue.maximum));
      case 'invalid_format':
        return issue.format === 'email' ? own.email : own.form;
      case 'invalid_value':
        return own.oneOf(issue.values.map(String).join(own.between));
      case 'custom':
        // A refinement that counts for itself: `params: { maximum }`, in characters.
        return typeof issue.params?.maximum === 'number'
          ? own.atMost.string(String(issue.params.maximum))
          : own.form;
      default:
        return zodWords[locale](issue);
    }
  };
}

function measured(origin: string): 'string' | 'number' | 'array' {
  return origin === 'string' || origin === 'array' ? origin : 'number';
}
