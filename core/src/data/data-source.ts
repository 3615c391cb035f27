import path from 'node:path';
import mysql from 'mysql2';
import { DataSource } from 'typeorm';
import { JackfieldError } from '../errors/index.ts';
import type { EntityDefinition } from './contract.ts';
import { toEntitySchema } from './entity-schema.ts';

/** Where the data is. */
export type DatabaseAddress =
  | { readonly dialect: 'sqlite' /** `:memory:` or a path. */; readonly file: string }
  | {
      readonly dialect: 'mysql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

/**
 * Reads DATABASE_URL: `mysql://user:password@host:3306/name` (also `mariadb://`), `sqlite:/path/to/file`,
 * `sqlite::memory:`; without one, SQLite in `<dataDir>/jackfield.sqlite`. Throws INTERNAL for another.
 */
export function parseDatabaseUrl(url: string | undefined, dataDir: string): DatabaseAddress {
  if (!url) return { dialect: 'sqlite', file: path.join(dataDir, 'jackfield.sqlite') };
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
    if (file) return { dialect: 'sqlite', file: file === ':memory:' ? file : path.resolve(dataDir, file) };
  }
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const database = parsed?.pathname.slice(1);
  if (!parsed || !database || !['mysql:', 'mariadb:'].includes(parsed.protocol)) {
    throw new JackfieldError(
      'INTERNAL',
      'DATABASE_URL must be mysql://user:password@host:port/database or sqlite:<file>.',
    );
  }
  return {
    dialect: 'mysql',
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port ? Number(parsed.port) : 3306,
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(database),
  };
}

export interface DataSourceOptions {
  readonly entities: readonly EntityDefinition[];
  readonly poolSize: number;
  onConnectionError(error: Error): void;
}

/** Opens and connects. The schema is the business of migrations: nothing is ever synchronised. */
export async function openDataSource(
  address: DatabaseAddress,
  options: DataSourceOptions,
): Promise<DataSource> {
  const entities = options.entities.map((entity) => toEntitySchema(entity, address.dialect));
  const dataSource =
    address.dialect === 'sqlite'
      ? new DataSource({
          type: 'better-sqlite3',
          database: address.file,
          entities,
          synchronize: false,
          logging: false,
          timeout: 5_000,
          prepareDatabase: prepareSqlite,
        })
      : new DataSource({
          type: 'mysql',
          host: address.host,
          port: address.port,
          username: address.user,
          password: address.password,
          database: address.database,
          entities,
          synchronize: false,
          logging: false,
          charset: 'utf8mb4',
          timezone: 'Z',
          connectTimeout: 5_000,
          poolSize: options.poolSize,
          driver: withSessionSettings(options.onConnectionError),
        });
  return dataSource.initialize();
}

interface SqliteHandle {
  pragma(sql: string): unknown;
  function(name: string, options: { deterministic: boolean }, fn: (value: unknown) => unknown): unknown;
}

function prepareSqlite(database: SqliteHandle): void {
  database.pragma('journal_mode = WAL');
  // With WAL this keeps the file whole after a crash; the last commits may be lost only if the machine dies.
  database.pragma('synchronous = NORMAL');
  // SQLite lowers ASCII only; a search must find "É" by "é", as it does on MySQL.
  database.function('lower', { deterministic: true }, (value) =>
    typeof value === 'string' ? value.toLowerCase() : value,
  );
}

/** Every connection of the pool, before its first statement: the settings must not depend on the server's. */
const SESSION_SETTINGS = [
  // Strict, as SQLite's STRICT tables are; and names in "double quotes", so that one SQL text serves both.
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', time_zone = '+00:00'",
  // A statement sees what is committed, so that a compare-and-set is decided on the present row.
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

function withSessionSettings(onError: (error: Error) => void): typeof mysql {
  return {
    ...mysql,
    createPool(config: mysql.PoolOptions | string) {
      const pool = mysql.createPool(typeof config === 'string' ? { uri: config } : config);
      pool.on('connection', (connection) => {
        for (const statement of SESSION_SETTINGS) {
          connection.query(statement, (error) => {
            if (!error) return;
            onError(error);
            connection.destroy();
          });
        }
      });
      return pool;
    },
  };
}
