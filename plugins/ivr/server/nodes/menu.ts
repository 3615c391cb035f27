import { z } from '@jackfield/core/sdk';
import type { Memo, NodeStep, Variables } from '../../contract.ts';
import { field, fillPrompts, Key, label, Prompts, SomePrompts } from './fields.ts';
import { nodeType } from './node-type.ts';

const MenuConfig = z
  .object({
    prompts: SomePrompts,
    options: z
      .array(z.object({ key: Key, name: z.string().trim().min(1).max(40).meta(label('分支名称', 'Name')) }))
      .min(1)
      .max(12)
      .meta(label('选项', 'Options')),
    timeoutSec: z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(5)
      .meta(label('超时时间（秒）', 'Waits for a key (seconds)')),
    timeoutPrompts: Prompts.default([]).meta(
      field({ widget: 'prompts', label: { 'zh-CN': '超时播放', en: 'Said when no key comes' } }),
    ),
    /** One more than this ends the call. */
    maxTimeouts: z
      .number()
      .int()
      .min(0)
      .max(9)
      .default(2)
      .meta(label('最大超时数', 'Most times without a key')),
    wrongKeyPrompts: Prompts.default([]).meta(
      field({ widget: 'prompts', label: { 'zh-CN': '错误播放', en: 'Said after a wrong key' } }),
    ),
    /** One more than this ends the call. */
    maxErrors: z.number().int().min(0).max(9).default(2).meta(label('最大错误数', 'Most wrong keys')),
  })
  .refine(({ options }) => new Set(options.map(({ key }) => key)).size === options.length, {
    path: ['options'],
    message: 'each key once',
  });
type MenuConfig = z.output<typeof MenuConfig>;

interface Tries {
  readonly errors: number;
  readonly timeouts: number;
  readonly after: 'timeout' | 'wrong-key' | null;
}

/**
 * The key menu. Its exits are the keys. Each try plays what has to be said of the last one (nothing, "no
 * input", "no such key") and then the menu; keys count from the first word on.
 */
export const menu = nodeType({
  type: 'menu',
  title: { 'zh-CN': '按键菜单', en: 'Key menu' },
  icon: 'Grid',
  level: true,
  config: MenuConfig,
  exits: ({ options }) => options.map(({ key }) => key),
  exitTitles: ({ options }) =>
    Object.fromEntries(
      options.map(({ key, name }) => [key, { 'zh-CN': `${key} ${name}`, en: `${key} ${name}` }]),
    ),
  step(config, memo, input, variables) {
    const tries = readTries(memo);
    if (input.type !== 'collected') return ask(config, tries, variables);
    const chosen = config.options.find(({ key }) => key === input.digits);
    if (chosen) return { exit: chosen.key, set: { lastKey: chosen.key } };
    if (input.digits === '') {
      if (tries.timeouts >= config.maxTimeouts) return { hangup: true };
      return ask(config, { ...tries, timeouts: tries.timeouts + 1, after: 'timeout' }, variables);
    }
    if (tries.errors >= config.maxErrors) return { hangup: true };
    return ask(config, { ...tries, errors: tries.errors + 1, after: 'wrong-key' }, variables);
  },
});

function readTries({ errors, timeouts, after }: Memo): Tries {
  return {
    errors: typeof errors === 'number' ? errors : 0,
    timeouts: typeof timeouts === 'number' ? timeouts : 0,
    after: after === 'timeout' || after === 'wrong-key' ? after : null,
  };
}

function ask(config: MenuConfig, tries: Tries, variables: Variables): NodeStep {
  const before = { timeout: config.timeoutPrompts, 'wrong-key': config.wrongKeyPrompts, none: [] }[
    tries.after ?? 'none'
  ];
  return {
    memo: { ...tries },
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
