import { z } from '@jackfield/core/sdk';
import { fillPrompts, SomePrompts } from './fields.ts';
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
  step(config, _memo, input, variables) {
    if (input.type === 'played') return { exit: 'next' };
    return { do: { type: 'play', prompts: fillPrompts(config.prompts, variables) } };
  },
});

/** A fixed number or a variable, digit by digit or as a quantity. */
export const sayNumber = nodeType({
  type: 'say-number',
  title: { 'zh-CN': '播报数字', en: 'Say a number' },
  icon: 'Tickets',
  config: z.object({
    value: z.string().min(1).max(64).describe('digits, or ${variable}'),
    as: z.enum(['digits', 'quantity']).default('digits'),
    locale: z.enum(['zh-CN', 'en']).optional(),
  }),
  exits: () => ['next'],
  step({ value, as, locale }, _memo, input, variables) {
    if (input.type === 'played') return { exit: 'next' };
    const prompt = { kind: as, value, ...(locale ? { locale } : {}) };
    return { do: { type: 'play', prompts: fillPrompts([prompt], variables) } };
  },
});
