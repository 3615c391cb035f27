import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readConfig } from '../boot/config.ts';
import { coreVersion } from '../boot/server.ts';
import { installation } from '../boot/static.ts';
import { discoverPlugins } from '../plugins/discover.ts';
import { entryPath } from '../plugins/entry.ts';
import type { PluginIdentity } from '../plugins/index.ts';
import { verifyPlugin } from '../plugins/verify.ts';
import { type Command, type Terminal, UsageError } from './command.ts';
import { checkImports } from './plugin-imports.ts';
import { tryPlugin } from './plugin-trial.ts';

export const pluginCheck: Command = {
  name: 'plugin check',
  usage: '<dir>',
  summary: 'Looks for faults in a plugin, without touching your data.',
  help: [
    'Reads plugin.json and package.json, follows the imports of server, migrations and pages, and looks for copies',
    'of modules that pages share with the host. Then a server of its own, in an empty folder and on a free port,',
    'starts with the plugin and with those it needs: entities, migrations, tables, setup and start.',
    'The plugins it needs are looked for in this installation and in PLUGIN_DIRS.',
  ].join('\n'),
  arity: [1, 1],
  async run({ args: [folder = ''] }, terminal) {
    const dir = resolve(terminal.cwd, folder);
    if (!existsSync(join(dir, 'plugin.json'))) throw new UsageError(`There is no plugin.json in ${dir}.`);
    const { found, refused } = await discoverPlugins([dir]);
    const [plugin] = found;
    const problems = plugin
      ? await problemsOf(plugin, terminal)
      : refused.flatMap(({ reason }) => reason.split('; '));
    if (plugin && problems.length === 0) {
      terminal.out(`${plugin.id} ${plugin.version} is in order.`);
      return 0;
    }
    for (const problem of problems) terminal.err(problem);
    return 1;
  },
};

async function problemsOf(plugin: PluginIdentity, { env, mode }: Terminal): Promise<string[]> {
  const { pluginDirs } = readConfig(env);
  const others = await discoverPlugins([join(installation, 'plugins'), ...pluginDirs]);
  const installed = new Map([...others.found, plugin].map((each) => [each.id, each]));
  const problems = [
    ...verifyPlugin(plugin, {
      coreVersion: await coreVersion(),
      installed,
      exists: ({ dir }, path) => existsSync(entryPath(dir, path, mode)),
    }),
    ...(await checkImports(plugin, mode)),
  ];
  // A trial of what is known to be broken would only say the same again, and less of it.
  return problems.length > 0 ? problems : tryPlugin(plugin, installed, mode);
}
