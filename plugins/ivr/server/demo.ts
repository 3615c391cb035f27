import type { PluginContext } from '@jackfield/core/sdk';
import type { DestinationRef, Prompt, TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Flow, FlowNode } from '../contract.ts';
import type { Flows } from './flows.ts';

const NAME = 'Hotline';
type Locale = 'zh-CN' | 'en';
const say = (locale: Locale, text: string): Prompt => ({ kind: 'text', text, locale });

/**
 * A menu of two levels, in the caller's language, that leads to the demo tenant's queues. Nothing is made when
 * there are no queues, or when the flow is there already.
 */
export async function seedDemoFlow(
  ctx: PluginContext,
  flows: Flows,
  telephony: Pick<TelephonyApi, 'destinationOptions'>,
): Promise<void> {
  const queues = (await telephony.destinationOptions()).filter(({ kind }) => kind === 'queue');
  const [first, second = first] = queues;
  if (!first || !second) {
    ctx.log.info('no queue to lead to: the demo flow is left out');
    return;
  }
  if ((await flows.published()).some(({ name }) => name === NAME)) return;
  const { row } = await flows.create(NAME, hotline(first, second), null);
  await flows.publish(row.id, row.revision, null);
}

function hotline(first: DestinationRef, second: DestinationRef): Flow {
  return {
    start: 'start',
    nodes: [
      node('start', 'start', '开始 Start', {}, { next: 'welcome' }),
      node(
        'welcome',
        'play',
        '欢迎 Welcome',
        { prompts: [say('zh-CN', '您好,欢迎致电。'), say('en', 'Hello, and welcome.')] },
        { next: 'language' },
      ),
      menu('language', '语言 Language', {
        prompts: [say('zh-CN', '中文服务请按 1。'), say('en', 'For English, press 2.')],
        timeout: [say('zh-CN', '没有收到您的按键。'), say('en', 'We did not get a key.')],
        wrong: [say('zh-CN', '按键有误。'), say('en', 'That is not one of the keys.')],
        options: { '1': ['中文', 'service-zh'], '2': ['English', 'service-en'] },
      }),
      menu('service-zh', '中文服务', {
        prompts: [say('zh-CN', '售前咨询请按 1,售后服务请按 2,返回上一级请按 9。')],
        timeout: [say('zh-CN', '没有收到您的按键。')],
        wrong: [say('zh-CN', '按键有误,请重新选择。')],
        options: { '1': ['售前咨询', 'first-zh'], '2': ['售后服务', 'second-zh'], '9': ['返回', 'back'] },
      }),
      menu('service-en', 'English service', {
        prompts: [say('en', 'For sales, press 1. For support, press 2. To go back, press 9.')],
        timeout: [say('en', 'We did not get a key.')],
        wrong: [say('en', 'That is not one of the keys. Please choose again.')],
        options: { '1': ['Sales', 'first-en'], '2': ['Support', 'second-en'], '9': ['Back', 'back'] },
      }),
      leave('first-zh', '转售前', first, say('zh-CN', '正在为您转接,请稍候。')),
      leave('second-zh', '转售后', second, say('zh-CN', '正在为您转接,请稍候。')),
      leave('first-en', 'To sales', first, say('en', 'We are putting you through. Please hold.')),
      leave('second-en', 'To support', second, say('en', 'We are putting you through. Please hold.')),
      node('back', 'back', '返回 Back', {}, {}),
    ],
  };
}

function node(
  id: string,
  type: string,
  label: string,
  config: Readonly<Record<string, unknown>>,
  next: Readonly<Record<string, string>>,
): FlowNode {
  return { id, type, label, config, next };
}

/** `options`: key → name and the node it leads to. */
function menu(
  id: string,
  label: string,
  spec: {
    readonly prompts: readonly Prompt[];
    readonly timeout: readonly Prompt[];
    readonly wrong: readonly Prompt[];
    readonly options: Readonly<Record<string, readonly [name: string, target: string]>>;
  },
): FlowNode {
  const options = Object.entries(spec.options);
  const config = {
    prompts: spec.prompts,
    options: options.map(([key, [name]]) => ({ key, name })),
    timeoutSec: 8,
    timeoutPrompts: spec.timeout,
    maxTimeouts: 2,
    wrongKeyPrompts: spec.wrong,
    maxErrors: 2,
  };
  return node(
    id,
    'menu',
    label,
    config,
    Object.fromEntries(options.map(([key, [, target]]) => [key, target])),
  );
}

function leave(id: string, label: string, { target }: DestinationRef, farewell: Prompt): FlowNode {
  return node(id, 'queue', label, { queueId: target.queueId, prompts: [farewell] }, {});
}
