import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeClock, fakeClock } from '../../test-kit/fake-clock.ts';
import { JackfieldError } from '../errors/index.ts';
import { createCircuits } from '../plugins/circuit.ts';
import type { ActionHook, DecideHook, FilterHook, NotifyHook } from './contract.ts';
import { createHooks, type HookRegistry } from './hooks.ts';
import type { TapTiming } from './tap-runner.ts';

declare module './contract.ts' {
  interface HookCatalog {
    'test:ended': ActionHook<{ readonly id: string }>;
    'test:label': FilterHook<string>;
    'test:route': DecideHook<{ readonly to: string }, string>;
    'test:seen': NotifyHook<number>;
  }
}

const keep = (undo: () => void) => undo;

let clock: FakeClock;
let inactive: Set<string>;
let logged: { plugin: string; hook: string }[];
let timings: TapTiming[];
let hooks: HookRegistry;

beforeEach(() => {
  clock = fakeClock();
  inactive = new Set();
  logged = [];
  timings = [];
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line)) });
  hooks = createHooks({
    isActive: (id) => !inactive.has(id),
    circuits: createCircuits({ clock }),
    clock,
    log,
    onTiming: (timing) => timings.push(timing),
  });
});

const of = (plugin: string) => hooks.forPlugin(plugin, keep);
const ended = (onError?: 'isolate' | 'fail') =>
  of('host').declare('test:ended', {
    kind: 'action',
    description: 'It ended.',
    ...(onError ? { onError } : {}),
  });
const label = (check?: (value: string) => boolean) =>
  of('host').declare('test:label', { kind: 'filter', description: 'A label.', ...(check ? { check } : {}) });
const route = () => of('host').declare('test:route', { kind: 'decide', description: 'Where to.' });
const boom = () => {
  throw new Error('boom');
};

describe('an action hook', () => {
  it('calls its taps one after the other, by order band and then in plugin order', async () => {
    const hook = ended();
    const calls: string[] = [];
    const tap = (name: string) => async () => {
      calls.push(`${name} begins`);
      await Promise.resolve();
      calls.push(`${name} ends`);
    };
    of('a').on('test:ended', tap('a'), { order: 100 });
    of('b').on('test:ended', tap('b'));
    of('c').on('test:ended', tap('c'), { order: -100 });
    of('d').on('test:ended', tap('d'));
    await hook.run({ id: '1' });
    expect(calls).toEqual(['c', 'b', 'd', 'a'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('goes on after a tap that throws, and logs who it was', async () => {
    const hook = ended();
    const calls: string[] = [];
    of('bad').on('test:ended', boom);
    of('good').on('test:ended', ({ id }) => {
      calls.push(id);
    });
    await hook.run({ id: '1' });
    expect(calls).toEqual(['1']);
    expect(logged).toMatchObject([{ plugin: 'bad', hook: 'test:ended' }]);
  });

  it('gives the error to the caller and calls nobody else when the hook says fail', async () => {
    const hook = ended('fail');
    const calls: string[] = [];
    of('bad').on('test:ended', boom);
    of('next').on('test:ended', ({ id }) => {
      calls.push(id);
    });
    await expect(hook.run({ id: '1' })).rejects.toMatchObject({
      code: 'PLUGIN_ERROR',
      details: { plugin: 'bad', hook: 'test:ended' },
      cause: { message: 'boom' },
    });
    expect(calls).toEqual([]);
  });

  it('waits for a tap no longer than its time', async () => {
    const hook = ended();
    const calls: string[] = [];
    of('slow').on('test:ended', () => new Promise(() => {}), { timeoutMs: 200 });
    of('next').on('test:ended', ({ id }) => {
      calls.push(id);
    });
    const run = hook.run({ id: '1' });
    await clock.advance(199);
    expect(calls).toEqual([]);
    await clock.advance(1);
    await run;
    expect(calls).toEqual(['1']);
    expect(timings.map(({ plugin, outcome }) => [plugin, outcome])).toEqual([
      ['slow', 'timeout'],
      ['next', 'ok'],
    ]);
  });

  it('gives a tap five seconds when it does not say', async () => {
    const hook = ended('fail');
    of('slow').on('test:ended', () => new Promise(() => {}));
    const run = expect(hook.run({ id: '1' })).rejects.toThrow('failed in hook');
    await clock.advance(5_000);
    await run;
    expect(clock.pending()).toBe(0);
  });
});

describe('a filter hook', () => {
  it('hands each tap what the former returned, and keeps the value when a tap returns nothing', async () => {
    const hook = label();
    of('a').on('test:label', (text) => `${text} a`);
    of('b').on('test:label', () => {});
    of('c').on('test:label', (text) => `${text} c`);
    expect(await hook.run('x')).toBe('x a c');
  });

  it('returns the value as it came when nobody taps it', async () => {
    expect(await label().run('x')).toBe('x');
  });

  it('drops the value of a tap that throws or returns what the hook does not accept', async () => {
    const hook = label((value) => typeof value === 'string');
    of('a').on('test:label', (text) => `${text} a`);
    of('bad').on('test:label', (() => 7) as never);
    of('worse').on('test:label', boom);
    of('c').on('test:label', (text) => `${text} c`);
    expect(await hook.run('x')).toBe('x a c');
    expect(logged.map(({ plugin }) => plugin)).toEqual(['bad', 'worse']);
  });
});

describe('a decide hook', () => {
  it('ends with the first opinion and asks nobody after it', async () => {
    const hook = route();
    of('a').on('test:route', () => undefined);
    of('b').on('test:route', () => 'queue');
    of('c').on('test:route', boom);
    expect(await hook.run({ to: '1' })).toBe('queue');
  });

  it('is undefined when nobody has an opinion', async () => {
    const hook = route();
    of('a').on('test:route', () => undefined);
    expect(await hook.run({ to: '1' })).toBeUndefined();
  });

  it('fails by default, and a refusal reaches the caller as it was thrown without counting as a fault', async () => {
    const hook = route();
    of('guard').on('test:route', () => {
      throw new JackfieldError('FORBIDDEN');
    });
    for (let call = 0; call < 30; call += 1) {
      await expect(hook.run({ to: '1' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(new Set(timings.map(({ outcome }) => outcome))).toEqual(new Set(['refused']));
  });

  it('says no while the circuit of a tap is open: a veto that cannot be asked is not consent', async () => {
    const hook = route();
    of('bad').on('test:route', boom);
    for (let call = 0; call < 20; call += 1) await hook.run({ to: '1' }).catch(() => {});
    await expect(hook.run({ to: '1' })).rejects.toMatchObject({ code: 'PLUGIN_CIRCUIT_OPEN' });
  });
});

describe('a notify hook', () => {
  it('calls all at once and does not let one hold up or break another', async () => {
    const hook = of('host').declare('test:seen', { kind: 'notify', description: 'Seen.' });
    const calls: string[] = [];
    let release = () => {};
    of('waits').on('test:seen', async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      calls.push('waits');
    });
    of('bad').on('test:seen', boom);
    of('quick').on('test:seen', () => {
      calls.push('quick');
    });
    const run = hook.run(1);
    await clock.advance(0);
    expect(calls).toEqual(['quick']);
    release();
    await run;
    expect(calls).toEqual(['quick', 'waits']);
  });
});

describe('a hook and the tenant', () => {
  it('skips a tap whose plugin is not active in the scope, and calls it again when it is', async () => {
    const hook = label();
    of('a').on('test:label', (text) => `${text} a`);
    inactive.add('a');
    expect(await hook.run('x')).toBe('x');
    inactive.delete('a');
    expect(await hook.run('x')).toBe('x a');
  });
});

describe('the circuit of a tap', () => {
  it('opens after 20 errors within a minute, rests five minutes, and closes by itself', async () => {
    const hook = ended();
    let calls = 0;
    of('bad').on('test:ended', () => {
      calls += 1;
      boom();
    });
    for (let call = 0; call < 25; call += 1) await hook.run({ id: '1' });
    expect(calls).toBe(20);
    await clock.advance(5 * 60_000 - 1);
    await hook.run({ id: '1' });
    expect(calls).toBe(20);
    await clock.advance(1);
    await hook.run({ id: '1' });
    expect(calls).toBe(21);
  });
});

describe('registering', () => {
  it('may tap before the hook is declared', async () => {
    of('early').on('test:label', (text) => `${text} early`);
    expect(await label().run('x')).toBe('x early');
  });

  it('names the taps on hooks that nobody declares, except those of a plugin that is only down', () => {
    of('a').on('test:label', () => {});
    of('b').on('test:ended', () => {});
    expect(hooks.freeze(new Set(['test:ended']))).toEqual([{ plugin: 'a', hook: 'test:label' }]);
  });

  it('refuses a second declaration, naming the first', () => {
    label();
    expect(() => of('other').declare('test:label', { kind: 'filter', description: 'Mine.' })).toThrow(
      'declared by "host" already',
    );
  });

  it('is over once the server runs', () => {
    hooks.freeze(new Set());
    expect(() => of('late').on('test:label', () => {})).toThrow(
      'Plugin "late" may tap hook "test:label" only in setup.',
    );
    expect(() => label()).toThrow('only in setup');
  });

  it('is undone by the function it returns', async () => {
    const hook = label();
    const undo = of('a').on('test:label', (text) => `${text} a`);
    of('b').on('test:label', (text) => `${text} b`);
    expect(await hook.run('x')).toBe('x a b');
    undo();
    expect(await hook.run('x')).toBe('x b');
    expect(hook.isUsed()).toBe(true);
  });

  it('tells a hot path whether anybody listens', () => {
    const hook = label();
    expect(hook.isUsed()).toBe(false);
    const undo = of('a').on('test:label', () => {});
    expect(hook.isUsed()).toBe(true);
    undo();
    expect(hook.isUsed()).toBe(false);
  });

  it('is described for the hook reference', () => {
    label();
    of('b').on('test:label', () => {}, { order: 100 });
    of('a').on('test:label', () => {}, { order: -100 });
    expect(hooks.describe()).toEqual([
      {
        name: 'test:label',
        kind: 'filter',
        plugin: 'host',
        description: 'A label.',
        onError: 'isolate',
        taps: [
          { plugin: 'a', order: -100 },
          { plugin: 'b', order: 100 },
        ],
      },
    ]);
  });
});
