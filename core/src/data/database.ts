import type { DataSource } from 'typeorm';
import { type Clock, systemClock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { BaseRow, EntityDefinition, PluginData, Repo } from './contract.ts';
import { type DatabaseAddress, openDataSource, parseDatabaseUrl } from './data-source.ts';
import type { DialectName } from './dialect.ts';
import { createGate } from './gate.ts';
import { createIds } from './ids.ts';
import { createRepo } from './repo.ts';
import { createSession, type Session } from './session.ts';

export interface PluginEntities {
  /** Plugin id, or `core`. */
  readonly plugin: string;
  readonly entities: readonly EntityDefinition[];
}

/** The part of pino's logger that is used here. */
export interface DatabaseLog {
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface DatabaseOptions {
  /** DATABASE_URL; see `parseDatabaseUrl`. */
  readonly url?: string | undefined;
  readonly dataDir: string;
  readonly entities: readonly PluginEntities[];
  readonly log?: DatabaseLog;
  readonly clock?: Clock;
  /** Connections to MySQL, 10 unless given. SQLite has one. */
  readonly poolSize?: number;
}

/** How long a statement waits for a transaction of another flow, as InnoDB does for a row. */
const MAX_GATE_WAIT_MS = 30_000;

/** The one owner of the connection. Plugins get the `PluginData` of `withData`, never this. */
export interface Database {
  readonly address: DatabaseAddress;
  readonly dialect: DialectName;
  readonly entities: readonly PluginEntities[];
  readonly session: Session;
  /** For migrations and the schema check alone; everybody else goes through repos. */
  readonly dataSource: DataSource;
  /** UNAVAILABLE when the database does not answer. */
  ping(): Promise<void>;
  /** Waits for nothing: callers have stopped by then. Safe to call twice. */
  close(): Promise<void>;
  /**
   * The data of one plugin. `repo` gives FORBIDDEN for a table that is not the plugin's; `acrossTenants` is
   * FORBIDDEN unless allowed here.
   */
  withData(pluginId: string, options?: { readonly acrossTenants?: boolean }): PluginData;
}

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const clock = options.clock ?? systemClock;
  const address = parseDatabaseUrl(options.url, options.dataDir);
  const dialect = address.dialect;
  const owners = new Map<string, string>();
  for (const { plugin, entities } of options.entities) {
    for (const entity of entities) owners.set(entity.table, plugin);
  }
  const dataSource = await openDataSource(address, {
    entities: options.entities.flatMap((each) => each.entities),
    poolSize: options.poolSize ?? 10,
    onConnectionError: (error) => options.log?.warn({ err: error }, 'a database connection failed'),
  });
  let open = true;
  const session = createSession({
    dataSource,
    dialect,
    gate: dialect === 'sqlite' ? createGate(clock, MAX_GATE_WAIT_MS) : null,
    isOpen: () => open,
    onCallbackError: (error) => options.log?.error({ err: error }, 'work after a commit failed'),
  });
  const newId = createIds(clock);

  return {
    address,
    dialect,
    entities: options.entities,
    session,
    dataSource,
    async ping() {
      await session.outsideTransaction(() => session.run((manager) => manager.query('SELECT 1')));
    },
    async close() {
      if (!open) return;
      open = false;
      await dataSource.destroy();
    },
    withData(pluginId, allowed = {}) {
      const repos = new Map<string, unknown>();
      return {
        repo<Row extends BaseRow, Insert>(entity: EntityDefinition<Row, Insert>): Repo<Row, Insert> {
          if (owners.get(entity.table) !== pluginId) {
            throw new JackfieldError('FORBIDDEN', `Table ${entity.table} is not one of plugin ${pluginId}.`, {
              details: { table: entity.table, plugin: pluginId },
            });
          }
          const known =
            repos.get(entity.table) ?? createRepo(entity, { pluginId, session, dialect, clock, newId });
          repos.set(entity.table, known);
          return known as Repo<Row, Insert>;
        },
        tx: (fn) => session.tx(fn),
        async acrossTenants(fn) {
          if (!allowed.acrossTenants) {
            throw new JackfieldError('FORBIDDEN', `Plugin ${pluginId} does not declare uses.acrossTenants.`);
          }
          return session.runAcross(pluginId, fn);
        },
      };
    },
  };
}
