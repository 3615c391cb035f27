import { QueryFailedError } from 'typeorm';
import { JackfieldError } from '../errors/index.ts';
import type { Table } from './define-entity.ts';
import { indexName } from './dialect.ts';

/** `rolledBack`: the server has undone the transaction; running it again may succeed. */
export type FailureKind = 'unique' | 'rolledBack' | 'unavailable' | 'other';

const ROLLED_BACK = new Set(['ER_LOCK_DEADLOCK', 'SQLITE_BUSY_SNAPSHOT', 'ER_CHECKREAD']);
const UNAVAILABLE = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_OPTION_PREVENTS_STATEMENT',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
]);
const UNIQUE = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY']);

interface DriverError {
  readonly code: string;
  readonly message: string;
}

function driverError(error: unknown): DriverError | null {
  const inner = innerError(error);
  if (!(inner instanceof Error) || !('code' in inner) || typeof inner.code !== 'string') return null;
  return { code: inner.code, message: inner.message };
}

export function failureKind(error: unknown): FailureKind {
  if (endsConnection(error)) return 'unavailable';
  const code = driverError(error)?.code;
  if (code === undefined) return 'other';
  if (UNIQUE.has(code)) return 'unique';
  if (ROLLED_BACK.has(code)) return 'rolledBack';
  return UNAVAILABLE.has(code) ? 'unavailable' : 'other';
}

/** mysql2 marks what ends a connection, also where it gives no code. */
function endsConnection(error: unknown): boolean {
  const inner = innerError(error);
  return inner instanceof Error && 'fatal' in inner && inner.fatal === true;
}

function innerError(error: unknown): unknown {
  return error instanceof QueryFailedError ? error.driverError : error;
}

/** What the drivers and TypeORM throw, as an error of ours. */
export function translateError(error: unknown, entity?: Table): JackfieldError {
  if (JackfieldError.is(error)) return error;
  const cause = safeCause(error);
  switch (failureKind(error)) {
    case 'unique': {
      const columns = entity ? conflictColumns(driverError(error)?.message ?? '', entity) : [];
      return new JackfieldError('CONFLICT', 'There is one with the same values already.', {
        cause,
        ...(columns.length > 0 ? { details: { columns } } : {}),
      });
    }
    case 'rolledBack':
    case 'unavailable':
      return new JackfieldError('UNAVAILABLE', 'The database cannot be reached or is too busy.', { cause });
    case 'other':
      return new JackfieldError('INTERNAL', undefined, { cause });
  }
}

/**
 * The errors of the drivers carry the statement with its values, and so would the log: only code and
 * message are kept, and not the message of a duplicate, which quotes the value.
 */
function safeCause(error: unknown): Error {
  const driver = driverError(error);
  if (!driver) return error instanceof Error ? error : new Error(String(error));
  const message = UNIQUE.has(driver.code) ? 'duplicate key' : driver.message;
  return Object.assign(new Error(`${driver.code}: ${message}`), { code: driver.code });
}

/**
 * Which columns clash, without the tenant. Both servers say so only in the message: MySQL names the index
 * (`for key 'table.index'`), SQLite the columns (`failed: table.a, table.b`). Empty when neither is found.
 */
function conflictColumns(message: string, entity: Table): string[] {
  const key = /for key '(?:[^'.]+\.)?([^']+)'/.exec(message)?.[1];
  const index = entity.indexes.find(
    (each) => each.unique && indexName(entity.table, each.columns, true) === key,
  );
  const listed = /constraint failed: (.+)$/
    .exec(message)?.[1]
    ?.split(', ')
    .map((path) => path.split('.').pop());
  const columns = key === 'PRIMARY' ? ['id'] : (index?.columns ?? listed ?? []);
  return columns.filter((name): name is string => name !== undefined && name !== 'tenantId');
}
