import { z } from '@jackfield/core/sdk';
import { nodeType } from './node-type.ts';

export const queue = nodeType({
  type: 'queue',
  title: { 'zh-CN': '转队列', en: 'To a queue' },
  icon: 'User',
  config: z.object({ queueId: z.string().min(1).max(26) }),
  exits: () => [],
  step: ({ queueId }) => ({ goto: { kind: 'queue', target: { queueId } } }),
});

/** Any destination a plugin offers: an extension, a number, a voicemail box, another flow. */
export const destination = nodeType({
  type: 'destination',
  title: { 'zh-CN': '转其他目的地', en: 'To another destination' },
  icon: 'Right',
  config: z.object({ kind: z.string().min(1).max(32), target: z.record(z.string(), z.unknown()) }),
  exits: () => [],
  step: ({ kind, target }) => ({ goto: { kind, target } }),
});

export const voicemail = nodeType({
  type: 'voicemail',
  title: { 'zh-CN': '转语音信箱', en: 'To voicemail' },
  icon: 'Message',
  config: z.object({ boxId: z.string().min(1).max(26) }),
  exits: () => [],
  step: ({ boxId }) => ({ goto: { kind: 'voicemail', target: { boxId } } }),
});

export const hangup = nodeType({
  type: 'hangup',
  title: { 'zh-CN': '挂机', en: 'Hang up' },
  icon: 'SwitchButton',
  config: z.object({}),
  exits: () => [],
  step: () => ({ hangup: true }),
});
