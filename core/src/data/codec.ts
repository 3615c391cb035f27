import { JackfieldError } from '../errors/index.ts';
import type { Column } from './contract.ts';

type AnyColumn = Column<unknown, boolean>;
/** What both drivers take as a parameter. */
export type Scalar = string | number | null;

const ID_LENGTH = 26;
const MAX_INT = 2 ** 31 - 1;

/**
 * A value on its way into a column. VALIDATION_FAILED when it is of another kind or too long: SQLite would
 * take it and MySQL would not, and an object handed to the MySQL driver would turn into SQL.
 */
export function encode(name: string, column: AnyColumn, value: unknown): Scalar {
  if (value === null || value === undefined) {
    if (!column.nullable) throw refuse(name, 'must not be null');
    return null;
  }
  if (column.kind === 'json') return encodeJson(name, value);
  const scalar = encodeOperand(name, column, value);
  if (typeof scalar !== 'string') return scalar;
  const max = column.kind === 'id' ? ID_LENGTH : column.length;
  // Code points, as MySQL counts them; a string of at most `max` units needs no counting.
  if (max !== undefined && scalar.length > max && [...scalar].length > max) {
    throw refuse(name, `must have at most ${max} characters`, { max });
  }
  if (column.values && !column.values.includes(scalar)) {
    throw refuse(name, `must be one of ${column.values.join(', ')}`);
  }
  return scalar;
}

/** A value that a column is compared with: of the right kind, but as long as it likes. */
export function encodeOperand(name: string, column: AnyColumn, value: unknown): string | number {
  switch (column.kind) {
    case 'id':
    case 'text':
    case 'longtext':
      if (typeof value !== 'string') throw refuse(name, 'must be text');
      return value;
    case 'int':
      if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > MAX_INT) {
        throw refuse(name, 'must be a whole number of 32 bits');
      }
      return value;
    case 'bigint':
    case 'time':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
        throw refuse(name, 'must be a whole number');
      }
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw refuse(name, 'must be true or false');
      return value ? 1 : 0;
    case 'json':
      throw refuse(name, 'holds JSON and can only be compared with null');
  }
}

/** A value as it comes from either driver. TypeORM gives MySQL's BIGINT as a string. */
export function decode(column: AnyColumn, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (column.kind) {
    case 'bool':
      return Boolean(Number(value));
    case 'bigint':
    case 'time':
    case 'int':
      return Number(value);
    case 'json':
      return JSON.parse(String(value));
    case 'id':
    case 'text':
    case 'longtext':
      return value;
  }
}

export function refuse(
  column: string,
  problem: string,
  details: Record<string, unknown> = {},
): JackfieldError {
  return new JackfieldError('VALIDATION_FAILED', `"${column}" ${problem}.`, {
    details: { column, ...details },
  });
}

function encodeJson(name: string, value: unknown): string {
  const encoded: string | undefined = JSON.stringify(value);
  if (encoded === undefined) throw refuse(name, 'cannot be written as JSON');
  return encoded;
}
