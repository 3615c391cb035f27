import { z } from '@jackfield/core/sdk';
import type { Prompt } from '@jackfield/plugin-telephony/contract';
import { label, SomePrompts, sayThen, variable } from './fields.ts';
import { nodeType } from './node-type.ts';

export const start = nodeType({
  type: 'start',
  title: { 'zh-CN': '开始', en: 'Start' },
  icon: 'VideoPlay',
  config: z.object({}),
  exits: () => ['next'],
  step: () => ({ exit: 'next' }),
});

export const play = nodeType({
  type: 'play',
  title: { 'zh-CN': '放音', en: 'Play' },
  icon: 'Microphone',
  config: z.object({ prompts: SomePrompts }),
  exits: () => ['next'],
  step: (config, _memo, input, variables) => sayThen(config.prompts, variables, input, { exit: 'next' }),
});

/** A fixed number or a variable, digit by digit or as a quantity. */
export const sayNumber = nodeType({
  type: 'say-number',
  title: { 'zh-CN': '播报数字', en: 'Say a number' },
  icon: 'Tickets',
  config: z.object({
    value: z
      .string()
      .trim()
      .min(1)
      .max(64)
      .meta(
        label('数字', 'Number', {
          'zh-CN': `数字或变量，如 ${variable('caller')}`,
          en: `Digits, or a variable such as ${variable('caller')}`,
        }),
      ),
    as: z.enum(['digits', 'quantity']).default('digits').meta(label('读法', 'Read as')),
    locale: z.enum(['zh-CN', 'en']).optional().meta(label('语言', 'Language')),
  }),
  exits: () => ['next'],
  step({ value, as, locale }, _memo, input, variables) {
    const prompt: Prompt = { kind: as, value, ...(locale ? { locale } : {}) };
    return sayThen([prompt], variables, input, { exit: 'next' });
  },
});
