import { JackfieldError } from '../errors/index.ts';
import { encodeOperand } from './codec.ts';
import type { Column, PageRequest } from './contract.ts';
import type { Parameters } from './where.ts';

type Columns = ReadonlyMap<string, Column<unknown, boolean>>;

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

export interface Sort {
  readonly name: string;
  readonly column: Column<unknown, boolean>;
  readonly descending: boolean;
}

/** Where the page before ended: the value of the sorted column and the id of its last row. */
export interface Position {
  readonly value: unknown;
  readonly id: string;
}

export function pageLimit(limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1) throw badRequest('limit', 'must be a whole number from 1');
  return Math.min(limit, MAX_LIMIT);
}

/** BAD_REQUEST for a column that is not declared as sortable. `id` always is: it stands for the age. */
export function pageSort(
  request: PageRequest,
  options: { readonly sortable: readonly string[]; readonly defaultSort?: string | undefined },
  columns: Columns,
): Sort {
  const wanted = request.sort ?? options.defaultSort ?? '-id';
  const descending = wanted.startsWith('-');
  const name = descending ? wanted.slice(1) : wanted;
  const column = columns.get(name);
  const allowed = name === 'id' || wanted === options.defaultSort || options.sortable.includes(name);
  if (!column || !allowed) throw badRequest('sort', `cannot be "${name}"`);
  if (column.kind === 'json' || column.kind === 'longtext') {
    throw new JackfieldError('INTERNAL', `"${name}" cannot be sorted by.`);
  }
  return { name, column, descending };
}

export function encodeCursor(sort: Sort, position: Position): string {
  return Buffer.from(JSON.stringify([sortKey(sort), position.value, position.id])).toString('base64url');
}

/** BAD_REQUEST for anything but a cursor of a page with this sort. */
export function decodeCursor(cursor: string, sort: Sort): Position {
  const broken = badRequest('cursor', 'does not belong to this list');
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw broken;
  }
  if (!Array.isArray(parsed) || parsed.length !== 3) throw broken;
  const [key, value, id]: unknown[] = parsed;
  if (key !== sortKey(sort) || typeof id !== 'string') throw broken;
  if (value === null) {
    if (!sort.column.nullable) throw broken;
    return { value, id };
  }
  try {
    encodeOperand(sort.name, sort.column, value);
  } catch {
    throw broken;
  }
  return { value, id };
}

/**
 * The rows after `position`. Null sorts before every value on both databases. Equal values go by id, so that
 * no row is shown twice or never, also when rows come and go between two pages.
 */
export function afterPosition(
  sort: Sort,
  position: Position,
  quote: (name: string) => string,
  parameters: Parameters,
): string {
  const operator = sort.descending ? '<' : '>';
  const beyondId = `${quote('id')} ${operator} :${parameters.add(position.id)}`;
  if (sort.name === 'id') return beyondId;
  const column = quote(sort.name);
  if (position.value === null) {
    const sameValue = `(${column} IS NULL AND ${beyondId})`;
    return sort.descending ? sameValue : `(${sameValue} OR ${column} IS NOT NULL)`;
  }
  const value = parameters.add(encodeOperand(sort.name, sort.column, position.value));
  const beyond = `${column} ${operator} :${value} OR (${column} = :${value} AND ${beyondId})`;
  return sort.descending && sort.column.nullable ? `(${beyond} OR ${column} IS NULL)` : `(${beyond})`;
}

function sortKey(sort: Sort): string {
  return `${sort.descending ? '-' : ''}${sort.name}`;
}

function badRequest(field: string, problem: string): JackfieldError {
  return new JackfieldError('BAD_REQUEST', `"${field}" ${problem}.`, { details: { field } });
}
