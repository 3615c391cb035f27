import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Database } from './database.ts';
import type { Statements } from './introspect.ts';

const POLL_MS = 50;

/**
 * Runs `work` while no other process migrates this database; UNAVAILABLE after `waitMs`. Both locks end with
 * the process that holds them, so a crash leaves none behind. On MySQL the statements go over the connection
 * that holds the lock: losing it ends the migration as well.
 */
export async function withMigrationLock<T>(
  database: Database,
  options: { readonly waitMs: number; readonly clock: Clock },
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  return database.address.dialect === 'mysql'
    ? withServerLock(database, database.address.database, options.waitMs, work)
    : withFileLock(database, database.address.file, options, work);
}

async function withServerLock<T>(
  database: Database,
  name: string,
  waitMs: number,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  // Locks are global to the server and their names have 64 characters at most.
  const lock = `jackfield:${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
  const runner = database.dataSource.createQueryRunner();
  const statements: Statements = { query: (sql, parameters = []) => runner.query(sql, [...parameters]) };
  try {
    const rows = await statements.query('SELECT GET_LOCK(?, ?) AS got', [lock, Math.ceil(waitMs / 1000)]);
    if (!Array.isArray(rows) || Number(rows[0]?.got) !== 1) throw busy();
    try {
      return await work(statements);
    } finally {
      // Fails only when the connection is gone, and the lock with it.
      await statements.query('SELECT RELEASE_LOCK(?)', [lock]).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}

async function withFileLock<T>(
  database: Database,
  file: string,
  options: { readonly waitMs: number; readonly clock: Clock },
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  const statements: Statements = {
    query: (sql, parameters = []) => database.session.run((manager) => manager.query(sql, [...parameters])),
  };
  if (file === ':memory:') return work(statements);
  // A lock on the database itself would stop the migration too, so an empty one beside it is locked.
  const lock = new Sqlite(`${file}.migration-lock`, { timeout: 0 });
  try {
    const deadline = options.clock.now() + options.waitMs;
    while (!tryLock(lock)) {
      if (options.clock.now() >= deadline) throw busy();
      await options.clock.sleep(POLL_MS);
    }
    return await work(statements);
  } finally {
    lock.close();
  }
}

function tryLock(lock: Sqlite.Database): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}

function busy(): JackfieldError {
  return new JackfieldError('UNAVAILABLE', 'Another process is migrating the database.');
}
