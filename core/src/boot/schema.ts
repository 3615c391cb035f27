import type { Logger } from 'pino';
import { type Database, openDatabase } from '../data/database.ts';
import { checkEntities } from '../data/define-entity.ts';
import { coreMigrationsFolder, loadMigrations } from '../data/migration-files.ts';
import { migrationBlocked, runMigrations } from '../data/migrations.ts';
import { checkSchema } from '../data/schema-check.ts';
import { JackfieldError } from '../errors/index.ts';
import type { PluginLifecycle } from '../plugins/index.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { coreEntities } from './core-entities.ts';

export interface SchemaDeps {
  readonly config: Config;
  readonly lifecycle: PluginLifecycle;
  readonly coreVersion: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Collects the entities of all plugins, opens the database and brings its tables up to date. A plugin whose
 * entities or migrations are at fault is quarantined; the core's own must work.
 */
export async function openSchema(deps: SchemaDeps): Promise<Database> {
  const { config, lifecycle, clock, log } = deps;
  lifecycle.checkEntities(checkEntities);
  const database = await openDatabase({
    url: config.databaseUrl,
    dataDir: config.dataDir,
    entities: [
      { plugin: 'core', entities: coreEntities },
      ...lifecycle.plugins().map(({ plugin, entities }) => ({ plugin: plugin.id, entities })),
    ],
    log,
    clock,
  });
  try {
    await migrate(database, deps);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function migrate(database: Database, { lifecycle, coreVersion, clock }: SchemaDeps): Promise<void> {
  const core = {
    plugin: 'core',
    version: coreVersion,
    migrations: await loadMigrations(coreMigrationsFolder()),
  };
  await lifecycle.migrate(async (sets) => {
    const [own, ...outcomes] = await runMigrations(database, [core, ...sets], { clock });
    if (own?.status === 'blocked') throw migrationBlocked(own);
    return outcomes;
  });
  for (const [plugin, gap] of await checkSchema(database)) {
    if (plugin === 'core') throw new JackfieldError('MIGRATION_BLOCKED', gap);
    if (lifecycle.states.isUp(plugin)) lifecycle.states.quarantine(plugin, 'migrate', gap);
  }
}
