import { createHash } from 'node:crypto';

/** `mysql` stands for MySQL 8 and MariaDB 10.6 or newer. */
export type DialectName = 'sqlite' | 'mysql';

const MAX_INDEX_NAME = 64;

/** The same on both databases; SQLite wants it unique in the whole file. */
export function indexName(table: string, columns: readonly string[], unique: boolean): string {
  const name = `${unique ? 'uq' : 'ix'}_${table}_${columns.join('_')}`;
  if (name.length <= MAX_INDEX_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10);
  return `${name.slice(0, MAX_INDEX_NAME - hash.length - 1)}_${hash}`;
}

/** Names reach SQL only through here; what could end the quote never does. */
export function quoteName(dialect: DialectName, name: string): string {
  if (!/^\w+$/.test(name)) throw new TypeError(`"${name}" cannot be a name in the database`);
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`;
}
