// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how an author writes a variable
import { describe, expect, it } from 'vitest';
import type { NodeInput, Variables } from '../../contract.ts';
import { begin, step } from '../interpreter/step.ts';
import { builtInNodes } from './index.ts';

const types = new Map(builtInNodes.map((type) => [type.type, type]));
const text = (words: string) => ({ kind: 'text', text: words });
const keys = (digits: string): NodeInput => ({ type: 'collected', digits, timedOut: digits === '' });
const none = keys('');

/** One node that hangs up by whatever exit it takes, and what it does with each input. */
function run(type: string, config: unknown, inputs: readonly NodeInput[] = [], variables: Variables = {}) {
  const exits = { next: 'left', timeout: 'timed-out', '1': 'one', '2': 'two', '#': 'hash' };
  const ends = Object.values(exits).map((id) => ({
    id,
    type: 'play',
    label: id,
    config: { prompts: [text(`at ${id} with \${lastKey}\${pin}`)] },
    next: {},
  }));
  const flow = { start: 'it', nodes: [{ id: 'it', type, label: 'It', config, next: exits }, ...ends] };
  const steps = [step(flow, types, begin(flow, variables), { type: 'entered' })];
  for (const input of inputs) {
    const last = steps.at(-1);
    if (last) steps.push(step(flow, types, last.state, input));
  }
  return steps.map(({ action }) => (action.type === 'do' ? action.action : action));
}
const last = <T>(list: readonly T[]): T | undefined => list.at(-1);

const menu = {
  prompts: [text('Press 1 or 2.')],
  timeoutSec: 7,
  timeoutPrompts: [text('No key came.')],
  maxTimeouts: 1,
  wrongKeyPrompts: [text('No such key.')],
  maxErrors: 2,
  options: [
    { key: '1', name: 'Sales' },
    { key: '2', name: 'Support' },
    { key: '#', name: 'Operator' },
  ],
};

describe('the key menu', () => {
  it('[ivr-14] says its prompt and waits for one key', () => {
    expect(run('menu', menu)).toMatchObject([
      { type: 'collect', prompts: [text('Press 1 or 2.')], minDigits: 1, maxDigits: 1 },
    ]);
  });

  it('[ivr-15] waits the seconds it is set to', () => {
    expect(run('menu', menu)).toMatchObject([{ timeoutMs: 7_000 }]);
    expect(types.get('menu')?.config.safeParse({ ...menu, timeoutSec: 0 }).success).toBe(false);
  });

  it('[ivr-16] says the timeout prompt when no key came, and asks again', () => {
    expect(last(run('menu', menu, [none]))).toMatchObject({
      type: 'collect',
      prompts: [text('No key came.'), text('Press 1 or 2.')],
    });
  });

  it('[ivr-17] says the wrong-key prompt when the key is none of its options, and asks again', () => {
    expect(last(run('menu', menu, [keys('7')]))).toMatchObject({
      type: 'collect',
      prompts: [text('No such key.'), text('Press 1 or 2.')],
    });
  });

  it('[ivr-18] hangs up when wrong keys exceed the maximum, and not before', () => {
    expect(last(run('menu', menu, [keys('7'), keys('8')]))).toMatchObject({ type: 'collect' });
    expect(last(run('menu', menu, [keys('7'), keys('8'), keys('9')]))).toEqual({ type: 'hangup' });
  });

  it('counts silence apart from wrong keys', () => {
    expect(last(run('menu', menu, [none, keys('7'), keys('8')]))).toMatchObject({ type: 'collect' });
    expect(last(run('menu', menu, [none, none]))).toEqual({ type: 'hangup' });
  });

  it('[ivr-05] [ivr-19] takes the branch of the key that was pressed', () => {
    expect(last(run('menu', menu, [keys('2')]))).toMatchObject({ prompts: [text('at two with 2')] });
    expect(last(run('menu', menu, [keys('7'), keys('#')]))).toMatchObject({
      prompts: [text('at hash with #')],
    });
  });

  it('refuses two options on one key', () => {
    const twice = { ...menu, options: [menu.options[0], menu.options[0]] };
    expect(types.get('menu')?.config.safeParse(twice).success).toBe(false);
  });
});

describe('what is said', () => {
  it('[ivr-04] plays texts and audio in their order and goes on', () => {
    const prompts = [text('Hello.'), { kind: 'audio', audioId: 'a1' }];
    expect(run('play', { prompts }, [{ type: 'played' }])).toMatchObject([
      { type: 'play', prompts },
      { prompts: [text('at left with')] },
    ]);
  });

  it('[ivr-36] [ivr-37] reads a number digit by digit or as a quantity', () => {
    expect(run('say-number', { value: '1003', as: 'quantity', locale: 'en' })).toEqual([
      { type: 'play', prompts: [{ kind: 'quantity', value: '1003', locale: 'en' }] },
    ]);
    expect(run('say-number', { value: '1003' })).toMatchObject([{ prompts: [{ kind: 'digits' }] }]);
  });

  it('[ivr-38] [ivr-39] [ivr-40] puts variables into texts and numbers', () => {
    const variables = { orders: '12', city: '上海' };
    expect(run('play', { prompts: [text('Hello ${city}.')] }, [], variables)).toMatchObject([
      { prompts: [text('Hello 上海.')] },
    ]);
    expect(run('say-number', { value: '${orders}', as: 'quantity' }, [], variables)).toMatchObject([
      { prompts: [{ kind: 'quantity', value: '12' }] },
    ]);
  });

  it('says nothing, and goes on, where a variable is not set', () => {
    expect(run('say-number', { value: '${orders}' })).toMatchObject([{ prompts: [text('at left with')] }]);
  });

  it('does not read out what every object has', () => {
    expect(run('play', { prompts: [text('Hello ${constructor}')] })).toMatchObject([
      { prompts: [text('Hello')] },
    ]);
  });
});

describe('keys into a variable', () => {
  const config = { prompts: [text('Your PIN?')], variable: 'pin', minDigits: 4, maxDigits: 6 };

  it('[ivr-42] keeps what was typed for later nodes', () => {
    expect(last(run('collect', config, [keys('4711')]))).toMatchObject({
      prompts: [text('at left with 4711')],
    });
  });

  it('leaves by `timeout` when too few keys came', () => {
    expect(last(run('collect', config, [keys('47')]))).toMatchObject({
      prompts: [text('at timed-out with')],
    });
  });
});

describe('ways out of a flow', () => {
  it('[ivr-11] begins at the start, which needs no settings', () => {
    expect(types.get('start')?.config.safeParse({}).success).toBe(true);
    expect(run('start', {})).toMatchObject([{ prompts: [text('at left with')] }]);
  });

  it.each([
    ['queue', { queueId: 'q1' }, { kind: 'queue', target: { queueId: 'q1' } }],
    ['voicemail', { target: { boxId: 'b1' } }, { kind: 'voicemail', target: { boxId: 'b1' } }],
    ['number', { number: '+86 10 1234 5678' }, { kind: 'number', target: { number: '+86 10 1234 5678' } }],
    [
      'destination',
      { kind: 'extension', target: { number: '8001' } },
      { kind: 'extension', target: { number: '8001' } },
    ],
  ])('[ivr-06] [ivr-07] %s leads to its destination', (type, config, expected) => {
    expect(run(type, config)).toEqual([{ type: 'goto', destination: expected }]);
    expect(types.get(type)?.destinations?.(config)).toEqual([expected]);
  });

  it('[ivr-08] hangs up', () => {
    expect(run('hangup', {})).toEqual([{ type: 'hangup' }]);
  });

  it('says what is to be said before the call leaves', () => {
    expect(
      run('queue', { queueId: 'q1', prompts: [text('One moment.')] }, [{ type: 'played' }]),
    ).toMatchObject([{ type: 'play', prompts: [text('One moment.')] }, { type: 'goto' }]);
  });
});
