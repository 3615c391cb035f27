import type { Column } from './contract.ts';
import { allColumns, type Table } from './define-entity.ts';
import { type DialectName, indexName, quoteName } from './dialect.ts';

type AnyColumn = Column<unknown, boolean>;

/**
 * The text of one DDL statement. SQLite tables are STRICT, so that both databases refuse the same values.
 * `collation` is for MySQL: byte order without padding, which has another name on each of the two servers.
 */
export function createTableSql(table: Table, dialect: DialectName, collation: string): string {
  const quote = (name: string) => quoteName(dialect, name);
  const columns = [...allColumns(table)].map(([name, column]) => columnSql(name, column, dialect, 'create'));
  const body = [...columns, `PRIMARY KEY (${quote('id')})`].join(', ');
  const suffix =
    dialect === 'mysql'
      ? `ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`
      : 'STRICT';
  return `CREATE TABLE ${quote(table.table)} (${body}) ${suffix}`;
}

export function addColumnSql(table: string, name: string, column: AnyColumn, dialect: DialectName): string {
  return `ALTER TABLE ${quoteName(dialect, table)} ADD COLUMN ${columnSql(name, column, dialect, 'alter')}`;
}

export function addIndexSql(
  table: string,
  columns: readonly string[],
  unique: boolean,
  dialect: DialectName,
): string {
  const quote = (name: string) => quoteName(dialect, name);
  const list = columns.map(quote).join(', ');
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quote(indexName(table, columns, unique))} ON ${quote(table)} (${list})`;
}

export function dropIndexSql(table: string, index: string, dialect: DialectName): string {
  return `DROP INDEX ${quoteName(dialect, index)}${dialect === 'mysql' ? ` ON ${quoteName(dialect, table)}` : ''}`;
}

function columnSql(name: string, column: AnyColumn, dialect: DialectName, use: 'create' | 'alter'): string {
  const parts = [quoteName(dialect, name), typeSql(column, dialect), column.nullable ? 'NULL' : 'NOT NULL'];
  if (column.default !== undefined && (use === 'alter' || !isLong(column))) {
    parts.push(`DEFAULT ${defaultSql(column, dialect)}`);
  }
  return parts.join(' ');
}

function typeSql(column: AnyColumn, dialect: DialectName): string {
  switch (column.kind) {
    case 'id':
      return dialect === 'mysql' ? 'CHAR(26)' : 'TEXT';
    case 'text':
      return dialect === 'mysql' ? `VARCHAR(${column.length})` : 'TEXT';
    case 'longtext':
    case 'json':
      return dialect === 'mysql' ? 'LONGTEXT' : 'TEXT';
    case 'int':
      return dialect === 'mysql' ? 'INT' : 'INTEGER';
    case 'bool':
      return dialect === 'mysql' ? 'TINYINT' : 'INTEGER';
    case 'bigint':
    case 'time':
      return dialect === 'mysql' ? 'BIGINT' : 'INTEGER';
  }
}

/** MySQL takes the default of a long text only as an expression, SQLite a new column's only as a literal. */
function defaultSql(column: AnyColumn, dialect: DialectName): string {
  const value = column.kind === 'json' ? JSON.stringify(column.default) : column.default;
  const literal =
    typeof value === 'string'
      ? quoteText(value, dialect)
      : String(typeof value === 'boolean' ? +value : value);
  return isLong(column) && dialect === 'mysql' ? `(${literal})` : literal;
}

function quoteText(value: string, dialect: DialectName): string {
  const doubled = value.replaceAll("'", "''");
  return `'${dialect === 'mysql' ? doubled.replaceAll('\\', '\\\\') : doubled}'`;
}

function isLong(column: AnyColumn): boolean {
  return column.kind === 'longtext' || column.kind === 'json';
}
