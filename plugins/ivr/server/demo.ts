import type { PluginContext } from '@jackfield/core/sdk';
import type { DestinationRef, Prompt, TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Flow, FlowNode } from '../contract.ts';
import type { Flows } from './flows.ts';

const NAME = 'Hotline';
type Locale = 'zh-CN' | 'en';
const say = (locale: Locale, text: string): Prompt => ({ kind: 'text', text, locale });

/**
 * A menu of two levels, in Chinese and English, that leads to the demo tenant's queues, and to its voicemail where there
 * is one. Nothing is made when there are no queues, or when the flow is there already.
 */
export async function seedDemoFlow(
  ctx: PluginContext,
  flows: Flows,
  telephony: Pick<TelephonyApi, 'destinationOptions'>,
): Promise<void> {
  const options = await telephony.destinationOptions();
  const queues = options.filter(({ kind }) => kind === 'queue');
  const box = options.find(({ kind }) => kind === 'voicemail') ?? null;
  // The demo's queues by their names, in either language; any two will do.
  const sales = queues.find(({ label }) => /销售|sales/i.test(label)) ?? queues[0];
  const support = queues.find((queue) => queue !== sales) ?? sales;
  if (!sales || !support) {
    ctx.log.info('no queue to lead to: the demo flow is left out');
    return;
  }
  if ((await flows.published()).some(({ name }) => name === NAME)) return;
  const { row } = await flows.create(NAME, hotline(sales, support, box), null);
  await flows.publish(row.id, row.revision, null);
}

/**
 * One key leads to an agent: who calls for help must not have to walk through a house first. English is a second
 * level, with a way back.
 */
function hotline(sales: DestinationRef, support: DestinationRef, box: DestinationRef | null): Flow {
  return {
    start: 'start',
    nodes: [
      node('start', 'start', '开始 Start', {}, { next: 'main' }),
      menu('main', '主菜单 Main menu', {
        prompts: [
          say('zh-CN', '您好，欢迎致电。销售咨询请按 1，客户服务请按 2。'),
          ...(box ? [say('zh-CN', '留言请按 0。')] : []),
          say('en', 'For service in English, press 3.'),
        ],
        timeout: [say('zh-CN', '没有收到您的按键。')],
        wrong: [say('zh-CN', '按键有误，请重新选择。')],
        options: {
          '1': ['销售咨询', 'sales'],
          '2': ['客户服务', 'support'],
          '3': ['English', 'english'],
          ...(box ? { '0': ['留言', 'message'] } : {}),
        },
      }),
      menu('english', 'English service', {
        prompts: [
          say('en', 'For sales, press 1. For support, press 2. To go back, press 9.'),
          ...(box ? [say('en', 'To leave a message, press 0.')] : []),
        ],
        timeout: [say('en', 'We did not get a key.')],
        wrong: [say('en', 'That is not one of the keys. Please choose again.')],
        options: {
          '1': ['Sales', 'sales'],
          '2': ['Support', 'support'],
          '9': ['Back', 'back'],
          ...(box ? { '0': ['Message', 'message'] } : {}),
        },
      }),
      leave('sales', '销售 Sales', sales),
      leave('support', '客服 Support', support),
      node('back', 'back', '返回 Back', {}, {}),
      ...(box ? [node('message', 'voicemail', '留言 Message', { target: box.target }, {})] : []),
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

function leave(id: string, label: string, { target }: DestinationRef): FlowNode {
  return node(id, 'queue', label, { queueId: target.queueId }, {});
}
