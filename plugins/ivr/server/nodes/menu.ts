import { z } from '@jackfield/core/sdk';
import type { NodeStep, Variables } from '../../contract.ts';
import { fillPrompts, Key, Prompts, SomePrompts } from './fields.ts';
import { nodeType } from './node-type.ts';

const MenuConfig = z
  .object({
    prompts: SomePrompts,
    timeoutSec: z.number().int().min(1).max(60).default(5),
    timeoutPrompts: Prompts.default([]),
    wrongKeyPrompts: Prompts.default([]),
    /** One wrong key, or silence, more than this ends the call. */
    maxErrors: z.number().int().min(0).max(9).default(2),
    options: z
      .array(z.object({ key: Key, name: z.string().trim().min(1).max(40) }))
      .min(1)
      .max(12),
  })
  .refine(({ options }) => new Set(options.map(({ key }) => key)).size === options.length, {
    path: ['options'],
    message: 'each key once',
  });
type MenuConfig = z.output<typeof MenuConfig>;

/**
 * The key menu. Its exits are the keys. Each try plays what has to be said of the last one (nothing, "no
 * input", "no such key") and then the menu; keys count from the first word on.
 */
export const menu = nodeType({
  type: 'menu',
  title: { 'zh-CN': '按键菜单', en: 'Key menu' },
  icon: 'Grid',
  config: MenuConfig,
  exits: ({ options }) => options.map(({ key }) => key),
  step(config, memo, input, variables) {
    const errors = typeof memo.errors === 'number' ? memo.errors : 0;
    if (input.type !== 'collected') return ask(config, errors, memo.after, variables);
    const chosen = config.options.find(({ key }) => key === input.digits);
    if (chosen) return { exit: chosen.key, set: { lastKey: chosen.key } };
    const after = input.timedOut && input.digits === '' ? 'timeout' : 'wrong-key';
    if (errors >= config.maxErrors) return { hangup: true };
    return ask(config, errors + 1, after, variables);
  },
});

function ask(config: MenuConfig, errors: number, after: unknown, variables: Variables): NodeStep {
  const before =
    after === 'timeout' ? config.timeoutPrompts : after === 'wrong-key' ? config.wrongKeyPrompts : [];
  return {
    memo: { errors, ...(typeof after === 'string' ? { after } : {}) },
    do: {
      type: 'collect',
      prompts: fillPrompts([...before, ...config.prompts], variables),
      minDigits: 1,
      maxDigits: 1,
      timeoutMs: config.timeoutSec * 1000,
      // A menu may offer # as a key, so nothing ends the input but its length.
      terminators: '',
    },
  };
}
