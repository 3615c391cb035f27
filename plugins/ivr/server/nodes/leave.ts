import { z } from '@jackfield/core/sdk';
import type { DestinationRef } from '@jackfield/plugin-telephony/contract';
import { FarewellPrompts, field, label, sayThen } from './fields.ts';
import { nodeType } from './node-type.ts';

const Target = z.record(z.string().max(64), z.unknown());

const toQueue = (queueId: string): DestinationRef => ({ kind: 'queue', target: { queueId } });
export const queue = nodeType({
  type: 'queue',
  title: { 'zh-CN': '转队列', en: 'To a queue' },
  icon: 'User',
  config: z.object({
    queueId: z
      .string()
      .min(1)
      .max(26)
      .meta(field({ widget: 'queue', label: { 'zh-CN': '队列', en: 'Queue' } })),
    prompts: FarewellPrompts,
  }),
  exits: () => [],
  destinations: ({ queueId }) => [toQueue(queueId)],
  step: ({ queueId, prompts }, _memo, input, variables) =>
    sayThen(prompts, variables, input, { goto: toQueue(queueId) }),
});

/** Any destination a plugin offers: an extension, another flow, a queue. */
export const destination = nodeType({
  type: 'destination',
  title: { 'zh-CN': '转其他目的地', en: 'To another destination' },
  icon: 'Right',
  config: z
    .object({
      kind: z.string().min(1).max(32).meta(label('目的地', 'Destination')),
      target: Target.meta(label('目的地', 'Destination')),
      prompts: FarewellPrompts,
    })
    .meta(field({ widget: 'destination', label: { 'zh-CN': '目的地', en: 'Destination' } })),
  exits: () => [],
  destinations: ({ kind, target }) => [{ kind, target }],
  step: ({ kind, target, prompts }, _memo, input, variables) =>
    sayThen(prompts, variables, input, { goto: { kind, target } }),
});

export const externalNumber = nodeType({
  type: 'number',
  title: { 'zh-CN': '转外线号码', en: 'To a phone number' },
  icon: 'Phone',
  config: z.object({
    number: z
      .string()
      .trim()
      .regex(/^\+?[0-9 ()-]{3,32}$/, 'digits, with + in front for another country')
      .meta(label('号码', 'Number')),
    prompts: FarewellPrompts,
  }),
  exits: () => [],
  destinations: ({ number }) => [{ kind: 'number', target: { number } }],
  step: ({ number, prompts }, _memo, input, variables) =>
    sayThen(prompts, variables, input, { goto: { kind: 'number', target: { number } } }),
});

/** To the box of whatever plugin offers the destination `voicemail`; without one the flow cannot be published. */
export const voicemail = nodeType({
  type: 'voicemail',
  title: { 'zh-CN': '转语音信箱', en: 'To voicemail' },
  icon: 'Message',
  config: z.object({
    target: Target.meta(
      field({ widget: 'destination', destinationKind: 'voicemail', label: { 'zh-CN': '信箱', en: 'Box' } }),
    ),
    prompts: FarewellPrompts,
  }),
  exits: () => [],
  destinations: ({ target }) => [{ kind: 'voicemail', target }],
  step: ({ target, prompts }, _memo, input, variables) =>
    sayThen(prompts, variables, input, { goto: { kind: 'voicemail', target } }),
});

export const hangup = nodeType({
  type: 'hangup',
  title: { 'zh-CN': '挂机', en: 'Hang up' },
  icon: 'SwitchButton',
  config: z.object({ prompts: FarewellPrompts }),
  exits: () => [],
  step: ({ prompts }, _memo, input, variables) => sayThen(prompts, variables, input, { hangup: true }),
});

export const backToParent = nodeType({
  type: 'back',
  title: { 'zh-CN': '返回上一级', en: 'Back one level' },
  icon: 'Back',
  config: z.object({}),
  exits: () => [],
  step: () => ({ back: 'parent' }),
});

export const backToTop = nodeType({
  type: 'top',
  title: { 'zh-CN': '返回主菜单', en: 'Back to the top' },
  icon: 'Top',
  config: z.object({}),
  exits: () => [],
  step: () => ({ back: 'top' }),
});
