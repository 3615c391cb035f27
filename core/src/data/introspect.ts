import type { DialectName } from './dialect.ts';

/** Runs one statement with `?` parameters and gives its rows. */
export interface Statements {
  query(statement: string, parameters?: readonly unknown[]): Promise<unknown>;
}

/** Column names of a table, empty when there is no such table. */
export async function tableColumns(
  statements: Statements,
  dialect: DialectName,
  table: string,
): Promise<Set<string>> {
  return names(
    dialect === 'mysql'
      ? await statements.query(
          'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
          [table],
        )
      : await statements.query('SELECT name FROM pragma_table_info(?)', [table]),
  );
}

export async function tableIndexes(
  statements: Statements,
  dialect: DialectName,
  table: string,
): Promise<Set<string>> {
  return names(
    dialect === 'mysql'
      ? await statements.query(
          'SELECT DISTINCT INDEX_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
          [table],
        )
      : await statements.query('SELECT name FROM pragma_index_list(?)', [table]),
  );
}

/** Byte order, and trailing blanks count, as on SQLite. */
export async function binaryCollation(statements: Statements, dialect: DialectName): Promise<string> {
  if (dialect === 'sqlite') return 'BINARY';
  const rows = await statements.query('SELECT VERSION() AS name');
  const [version] = names(rows);
  return version?.includes('MariaDB') ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
}

function names(rows: unknown): Set<string> {
  const found = new Set<string>();
  if (!Array.isArray(rows)) return found;
  for (const row of rows as readonly unknown[]) {
    if (typeof row === 'object' && row !== null && 'name' in row) found.add(String(row.name));
  }
  return found;
}
