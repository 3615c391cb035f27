import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mysql from 'mysql2/promise';
import type { Database } from '../src/data/database.ts';
import { createSchemaSteps } from '../src/data/schema-steps.ts';

/** An empty database of its own for one test or suite. `url` is a DATABASE_URL. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}
export interface DatabaseKind {
  readonly name: 'sqlite' | 'mariadb';
  open(): Promise<TestDatabase>;
}

/**
 * The databases that a suite runs on: `describe.each(testDatabases())('on $name', ({ open }) => …)`. SQLite
 * always, as a file; MariaDB when JACKFIELD_TEST_MYSQL says where (`mysql://root@127.0.0.1:<port>`).
 */
export function testDatabases(): DatabaseKind[] {
  const server = process.env.JACKFIELD_TEST_MYSQL;
  return [
    { name: 'sqlite', open: openSqliteFile },
    ...(server ? [{ name: 'mariadb' as const, open: () => openOnServer(server) }] : []),
  ];
}

/** Makes the tables of all entities as they are now, without migrations: for tests of what stands on them. */
export async function createTables(database: Database): Promise<void> {
  const steps = createSchemaSteps({
    dialect: database.dialect,
    statements: {
      query: (sql, parameters = []) => database.session.run((manager) => manager.query(sql, [...parameters])),
    },
    onStep: async () => undefined,
  });
  for (const { entities } of database.entities) {
    for (const entity of entities) await steps.createTable(entity);
  }
}

async function openSqliteFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jackfield-sqlite-'));
  return {
    url: `sqlite:${path.join(folder, 'test.sqlite')}`,
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function openOnServer(server: string): Promise<TestDatabase> {
  const name = `jackfield_test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS \`${name}\``) };
}

async function onServer(server: string, statement: string): Promise<void> {
  const connection = await mysql.createConnection(server);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
