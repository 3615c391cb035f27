import { JackfieldError } from '../errors/index.ts';
import { encodeOperand, refuse } from './codec.ts';
import type { Column } from './contract.ts';

type Columns = ReadonlyMap<string, Column<unknown, boolean>>;

/** Collects the named parameters of one statement. */
export interface Parameters {
  add(value: unknown): string;
  readonly values: Record<string, unknown>;
}

export function createParameters(): Parameters {
  const values: Record<string, unknown> = {};
  let count = 0;
  return {
    values,
    add(value) {
      count += 1;
      values[`p${count}`] = value;
      return `p${count}`;
    },
  };
}

export interface WhereOptions {
  readonly columns: Columns;
  /** The quoted name of a column, with its table where the statement needs it. */
  column(name: string): string;
  readonly parameters: Parameters;
  /** A condition that is `undefined`: left out, or refused because the statement changes or picks rows. */
  readonly undefinedMeans: 'any' | 'fault';
}

/** More would pass the limit of SQLite on parameters in one statement. */
const MAX_IN = 10_000;

/** Conditions joined by AND; an empty list means every row. */
export function whereConditions(where: Readonly<Record<string, unknown>>, options: WhereOptions): string[] {
  const conditions: string[] = [];
  for (const [name, wanted] of Object.entries(where)) {
    if (wanted === undefined) {
      if (options.undefinedMeans === 'fault') throw undefinedFault(name);
      continue;
    }
    if (name === '$or') {
      conditions.push(anyOf(wanted, options));
      continue;
    }
    const column = options.columns.get(name);
    if (!column) throw refuse(name, 'is no column');
    if (wanted === null) conditions.push(`${options.column(name)} IS NULL`);
    else if (isRecord(wanted)) conditions.push(...comparisons(name, column, wanted, options));
    else conditions.push(compare(name, column, '=', wanted, options));
  }
  return conditions;
}

/** Whether the text occurs in one of the columns, whatever the case. */
export function searchCondition(term: string, names: readonly string[], options: WhereOptions): string {
  const found = names.map((name) => {
    const column = options.columns.get(name);
    if (!column) throw refuse(name, 'is no column');
    return contains(name, column, term, options);
  });
  return found.length > 0 ? `(${found.join(' OR ')})` : '1 = 0';
}

function anyOf(alternatives: unknown, options: WhereOptions): string {
  if (!Array.isArray(alternatives)) throw refuse('$or', 'must be a list');
  const branches = alternatives.map((each: unknown) => {
    if (!isRecord(each)) throw refuse('$or', 'must be a list of conditions');
    const conditions = whereConditions(each, options);
    return conditions.length > 0 ? `(${conditions.join(' AND ')})` : '1 = 1';
  });
  return branches.length > 0 ? `(${branches.join(' OR ')})` : '1 = 0';
}

function comparisons(
  name: string,
  column: Column<unknown, boolean>,
  wanted: Readonly<Record<string, unknown>>,
  options: WhereOptions,
): string[] {
  const quoted = options.column(name);
  return Object.entries(wanted).flatMap(([operator, value]) => {
    if (value === undefined) {
      if (options.undefinedMeans === 'fault') throw undefinedFault(name);
      return [];
    }
    switch (operator) {
      case 'eq':
        return [compare(name, column, '=', value, options)];
      case 'ne': {
        const different = compare(name, column, '<>', value, options);
        return [column.nullable ? `(${different} OR ${quoted} IS NULL)` : different];
      }
      case 'gt':
        return [compare(name, column, '>', value, options)];
      case 'gte':
        return [compare(name, column, '>=', value, options)];
      case 'lt':
        return [compare(name, column, '<', value, options)];
      case 'lte':
        return [compare(name, column, '<=', value, options)];
      case 'in':
        return [isOneOf(name, column, value, options)];
      case 'contains':
        return [contains(name, column, value, options)];
      case 'startsWith':
        return [startsWith(name, column, value, options)];
      case 'isNull':
        return [`${quoted} IS ${value === true ? '' : 'NOT '}NULL`];
      default:
        throw refuse(name, `cannot be compared by "${operator}"`);
    }
  });
}

function compare(
  name: string,
  column: Column<unknown, boolean>,
  operator: string,
  value: unknown,
  options: WhereOptions,
): string {
  return `${options.column(name)} ${operator} :${options.parameters.add(encodeOperand(name, column, value))}`;
}

function isOneOf(
  name: string,
  column: Column<unknown, boolean>,
  values: unknown,
  options: WhereOptions,
): string {
  if (!Array.isArray(values)) throw refuse(name, 'must be compared with a list');
  if (values.length === 0) return '1 = 0';
  if (values.length > MAX_IN) throw refuse(name, `can be compared with ${MAX_IN} values at most`);
  const encoded = values.map((value: unknown) => encodeOperand(name, column, value));
  return `${options.column(name)} IN (:...${options.parameters.add(encoded)})`;
}

function contains(
  name: string,
  column: Column<unknown, boolean>,
  value: unknown,
  options: WhereOptions,
): string {
  const pattern = `%${likeLiteral(textOperand(name, column, value))}%`;
  return `LOWER(${options.column(name)}) LIKE LOWER(:${options.parameters.add(pattern)}) ESCAPE '!'`;
}

/** As a range: LIKE with ESCAPE uses no index on SQLite. Nothing real sorts after the last code point. */
function startsWith(
  name: string,
  column: Column<unknown, boolean>,
  value: unknown,
  options: WhereOptions,
): string {
  const prefix = textOperand(name, column, value);
  const quoted = options.column(name);
  const from = options.parameters.add(prefix);
  const to = options.parameters.add(`${prefix}\u{10FFFF}`);
  return `(${quoted} >= :${from} AND ${quoted} < :${to})`;
}

function textOperand(name: string, column: Column<unknown, boolean>, value: unknown): string {
  const operand = encodeOperand(name, column, value);
  if (typeof operand !== 'string') throw refuse(name, 'is not text');
  return operand;
}

/** `!` rather than a backslash, which MySQL reads twice. */
function likeLiteral(value: string): string {
  return value.replace(/[!%_]/g, '!$&');
}

function undefinedFault(name: string): JackfieldError {
  return new JackfieldError('VALIDATION_FAILED', `The condition on "${name}" is undefined.`, {
    details: { column: name },
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
