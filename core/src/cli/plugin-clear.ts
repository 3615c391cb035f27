import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../boot/config.ts';
import { openBootMarker } from '../plugins/boot-marker.ts';
import { type Command, UsageError } from './command.ts';

export const pluginClear: Command = {
  name: 'plugin clear',
  usage: '<id>',
  summary: 'Lets a plugin start again that crashed the process.',
  help: [
    'A plugin whose code was running when the process died is left out at the next start. Fix it, clear it,',
    'and start the server again. DATA_DIR must be set as it is for the server.',
  ].join('\n'),
  arity: [1, 1],
  async run({ args: [id = ''] }, { env, out }) {
    const file = join(readConfig(env).dataDir, 'boot-marker.json');
    if (!existsSync(file)) throw new UsageError(`There is no ${file}; is DATA_DIR set as for the server?`);
    const marker = openBootMarker(file);
    const entry = marker.crashed.find(({ plugin }) => plugin === id);
    if (!entry) {
      const others = marker.crashed.map(({ plugin }) => plugin).join(', ');
      out(`"${id}" is not set aside${others ? `; these are: ${others}` : ', and no other plugin is'}.`);
      return 0;
    }
    marker.clear(id);
    out(`"${id}" ${entry.version}, which crashed in ${entry.step}, starts again with the server.`);
    return 0;
  },
};
