import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PluginHooks } from '../../core/src/hooks/contract.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import type { NodeType } from '../../plugins/ivr/contract.ts';
import { copyFixture, createTestHost, FIXTURES, tempDir, writePlugin } from './plugin-host.support.ts';

const fixture = (...ids: string[]) => ids.map((id) => join(FIXTURES, id));

function declareCallEnded(hooks: {
  forPlugin(id: string, book: (undo: () => void) => () => void): PluginHooks;
}) {
  return hooks
    .forPlugin('core', (undo) => undo)
    .declare('call:ended', { kind: 'action', description: 'A call is over.' });
}

describe('a server with good and broken plugins', () => {
  it('[core-58] starts, with each broken plugin set aside by name and reason', async () => {
    const host = await createTestHost([FIXTURES]);
    declareCallEnded(host.hooks);
    await host.lifecycle.migrate(async (sets) =>
      sets.map(({ plugin }) =>
        plugin === 'half-migration'
          ? { plugin, status: 'blocked', applied: [], reason: 'The disk is full.', repair: null }
          : { plugin, status: 'done', applied: [] },
      ),
    );
    await host.setup();
    await host.lifecycle.start();

    expect(host.stateOf('good-neighbour')).toBe('started');
    expect(host.stateOf('throws-later')).toBe('started');
    const failures = Object.fromEntries(
      host.lifecycle.states.list().flatMap(({ id, failure }) => (failure ? [[id, failure]] : [])),
    );
    expect(failures).toEqual({
      'cyclic-a': { step: 'order', reason: 'cycle cyclic-a → cyclic-b → cyclic-a' },
      'cyclic-b': { step: 'order', reason: 'cycle cyclic-b → cyclic-a → cyclic-b' },
      'half-migration': { step: 'migrate', reason: 'The disk is full.' },
      'leans-on-broken': { step: 'setup', reason: 'depends on "throws-in-setup"' },
      'throws-in-setup': { step: 'setup', reason: 'the cable is not plugged in' },
      'wrong-engine': { step: 'verify', reason: 'needs core ^99.0.0, and this is 0.1.0' },
    });
  });

  it('takes back what a plugin registered before it threw', async () => {
    const host = await createTestHost(fixture('throws-in-setup', 'good-neighbour'));
    declareCallEnded(host.hooks);
    await host.setup();

    expect(host.registered.map(({ plugin, name }) => `${plugin} ${name}`)).toEqual([
      'good-neighbour GET /notes',
      'good-neighbour POST /notes',
    ]);
  });

  it('runs a plugin from a folder outside the workspace without an npm install', async () => {
    const host = await createTestHost([copyFixture('good-neighbour')]);
    declareCallEnded(host.hooks);
    await host.setup();

    expect(host.reasonOf('good-neighbour')).toBeUndefined();
    expect(host.registered).toHaveLength(2);
  });

  it('adds an IVR node of a third party where the ivr plugin is installed', async () => {
    const dir = tempDir();
    writePlugin(
      dir,
      'ivr',
      `globalThis.nodes = []; export default { setup(ctx) { ctx.provide({ plugin: 'ivr' }, () => ({ node: (type) => nodes.push(type) })); } };`,
    );
    const host = await createTestHost([...fixture('good-neighbour'), dir]);
    declareCallEnded(host.hooks);
    await host.setup();

    const [weather] = (globalThis as unknown as { nodes: NodeType[] }).nodes;
    expect(weather?.type).toBe('good-neighbour.weather');
    expect(weather?.step({ city: 'Xiamen' }, {}, { type: 'entered' }, {})).toMatchObject({
      do: { type: 'play', prompts: [{ text: 'It is fine weather in Xiamen.' }] },
    });
    expect(weather?.step({ city: 'Xiamen' }, {}, { type: 'played' }, {})).toEqual({ exit: 'next' });
  });

  it('goes on with a call when a plugin throws in its tap, and rests that tap after 20 errors', async () => {
    const host = await createTestHost(fixture('throws-later'));
    const ended = declareCallEnded(host.hooks);
    await host.setup();
    await host.gate.enable('tenant-1', 'throws-later');

    for (let call = 1; call <= 25; call += 1) {
      await scope.runAsSystem('tenant-1', `call-${call}`, () =>
        ended.run({ callId: `call-${call}`, outcome: 'answered' }),
      );
    }

    expect(host.circuits).toMatchObject([
      { point: 'hook:call:ended#throws-later', pluginId: 'throws-later', errors: 20 },
    ]);
  });

  it('stops in reverse order and leaves nothing registered', async () => {
    const host = await createTestHost(fixture('good-neighbour', 'throws-later'));
    declareCallEnded(host.hooks);
    await host.setup();
    await host.lifecycle.start();
    await host.lifecycle.stop();

    expect(host.registered).toEqual([]);
    expect(host.stateOf('good-neighbour')).toBe('stopped');
  });

  it('refuses to start at the first broken plugin when asked to abort, as in CI', async () => {
    await expect(
      createTestHost(fixture('wrong-engine'), { load: { onFailure: 'abort' } }),
    ).rejects.toMatchObject({
      code: 'PLUGIN_INVALID',
      message: 'Plugin "wrong-engine" failed (verify): needs core ^99.0.0, and this is 0.1.0',
    });
  });
});
