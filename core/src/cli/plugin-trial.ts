import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../boot/config.ts';
import { startServer } from '../boot/server.ts';
import type { EntryMode, PluginIdentity } from '../plugins/index.ts';

/**
 * Starts a server in an empty folder with the plugin and those it stands on, and stops it again. Nothing of the
 * operator's environment is used: not the database, not the switch. Returns why the plugin did not come up.
 */
export async function tryPlugin(
  plugin: PluginIdentity,
  installed: ReadonlyMap<string, PluginIdentity>,
  mode: EntryMode,
): Promise<string[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'jackfield-check-'));
  try {
    const server = await startServer({
      config: readConfig({
        PORT: '0',
        HOST: '127.0.0.1',
        DATA_DIR: dataDir,
        DEMO: 'off',
        LOG_LEVEL: 'silent',
      }),
      mode,
      log: pino({ level: 'silent' }),
      pluginDirs: [...standsOn(plugin, installed)].map(({ dir }) => dir),
    });
    const status = server.plugins().find(({ dir }) => dir === plugin.dir);
    await server.stop();
    if (status?.failure) return [`${status.failure.step}: ${status.failure.reason}`];
    return status ? [] : ['The server did not find the plugin.'];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The plugin, and all it requires or may use, directly or not, as far as they are there. */
function standsOn(
  plugin: PluginIdentity,
  installed: ReadonlyMap<string, PluginIdentity>,
  seen = new Set<PluginIdentity>(),
): Set<PluginIdentity> {
  if (seen.has(plugin)) return seen;
  seen.add(plugin);
  for (const id of Object.keys({ ...plugin.manifest.requires, ...plugin.manifest.optional })) {
    const other = installed.get(id);
    if (other) standsOn(other, installed, seen);
  }
  return seen;
}
