/** The plugins of this repository and the fixtures, as the loader sees them before anything is built. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import core from '../../core/package.json' with { type: 'json' };
import { discoverPlugins } from '../../core/src/plugins/discover.ts';
import { orderPlugins } from '../../core/src/plugins/order.ts';
import { verifyPlugin } from '../../core/src/plugins/verify.ts';
import { FIXTURES } from './plugin-host.support.ts';

const workspace = await discoverPlugins([join(FIXTURES, '../../../plugins')]);
const installed = new Map(workspace.found.map((plugin) => [plugin.id, plugin]));

describe('the plugins of this repository', () => {
  it('are all found, none refused', () => {
    expect(workspace.refused).toEqual([]);
  });

  it('can all be ordered', () => {
    const { refused } = orderPlugins(
      workspace.found.map(({ id, version, manifest }) => ({
        id,
        version,
        requires: manifest.requires,
        optional: manifest.optional,
      })),
    );
    expect(refused).toEqual([]);
  });

  it('lie in a folder of their own name and pass verification', () => {
    const problems = workspace.found.flatMap((plugin) => [
      ...(plugin.dir.endsWith(`/${plugin.id}`) ? [] : [`${plugin.id} lies in ${plugin.dir}`]),
      ...verifyPlugin(plugin, { coreVersion: core.version, installed, exists: () => true }).map(
        (problem) => `${plugin.id}: ${problem}`,
      ),
    ]);
    expect(problems).toEqual([]);
  });
});

describe('the fixtures', () => {
  it('break in the step they are named for, not in plugin.json', async () => {
    const { found, refused } = await discoverPlugins([FIXTURES]);
    expect(refused).toEqual([]);
    expect(found.map(({ id }) => id)).toContain('good-neighbour');
  });
});
