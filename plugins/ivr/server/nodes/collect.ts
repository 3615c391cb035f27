import { z } from '@jackfield/core/sdk';
import { fillPrompts, label, SomePrompts, variable } from './fields.ts';
import { nodeType } from './node-type.ts';

/** Keys into a variable; too few of them, or none, leave by `timeout`. */
export const collect = nodeType({
  type: 'collect',
  title: { 'zh-CN': '收集按键', en: 'Collect keys' },
  icon: 'EditPen',
  config: z
    .object({
      prompts: SomePrompts,
      variable: z
        .string()
        .regex(/^[A-Za-z]\w{0,31}$/, 'a letter, then letters, digits and _')
        .meta(
          label('存入变量', 'Kept as variable', {
            'zh-CN': `之后可写作 ${variable('名称')}`,
            en: `Written ${variable('name')} in later nodes`,
          }),
        ),
      minDigits: z.number().int().min(1).max(32).default(1).meta(label('最少位数', 'Fewest keys')),
      maxDigits: z.number().int().min(1).max(32).default(16).meta(label('最多位数', 'Most keys')),
      timeoutSec: z
        .number()
        .int()
        .min(1)
        .max(60)
        .default(5)
        .meta(label('等待按键（秒）', 'Waits for a key (seconds)')),
      terminator: z.enum(['#', '*', '']).default('#').meta(label('结束键', 'Key that ends the input')),
    })
    .refine(({ minDigits, maxDigits }) => minDigits <= maxDigits, {
      path: ['maxDigits'],
      message: 'not less than the fewest',
    }),
  exits: () => ['next', 'timeout'],
  step(config, _memo, input, variables) {
    if (input.type === 'collected') {
      const enough = input.digits.length >= config.minDigits;
      return enough ? { exit: 'next', set: { [config.variable]: input.digits } } : { exit: 'timeout' };
    }
    return {
      do: {
        type: 'collect',
        prompts: fillPrompts(config.prompts, variables),
        minDigits: config.minDigits,
        maxDigits: config.maxDigits,
        timeoutMs: config.timeoutSec * 1000,
        terminators: config.terminator,
      },
    };
  },
});
