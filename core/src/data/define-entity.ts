import { JackfieldError } from '../errors/index.ts';
import type { BaseRow, Column, ColumnMap, ColumnsOf, EntityDefinition, TenantRow } from './contract.ts';

/** An entity without its types: what the machinery under the repos works with. */
export type Table = Pick<EntityDefinition, 'table' | 'scope' | 'columns' | 'indexes'>;

type Simplify<T> = { [K in keyof T]: T[K] } & {};
type EntityScope = 'tenant' | 'system';
type OptionalKeys<M extends ColumnMap> = {
  [K in keyof M]: M[K] extends { readonly nullable: true } | { readonly $default?: true } ? K : never;
}[keyof M];

export type RowFor<M extends ColumnMap, S extends EntityScope> = Simplify<
  (S extends 'tenant' ? TenantRow : BaseRow) & ColumnsOf<M>
>;
/** Nullable columns and columns with a default may be left out. */
export type InsertFor<M extends ColumnMap> = Simplify<
  { readonly id?: string } & { readonly [K in Exclude<keyof M, OptionalKeys<M>>]: ColumnsOf<M>[K] } & {
    readonly [K in OptionalKeys<M>]?: ColumnsOf<M>[K];
  }
>;

export interface EntitySpec<M extends ColumnMap, S extends EntityScope> {
  readonly table: string;
  /** `tenant` unless given. */
  readonly scope?: S;
  readonly columns: M;
  readonly indexes?: readonly {
    readonly columns: readonly ((keyof M & string) | 'id' | 'createdAt' | 'updatedAt')[];
    readonly unique?: boolean;
  }[];
}

/** InnoDB, row format DYNAMIC: bytes of one index, and of a row without its long texts. */
const MAX_INDEX_BYTES = 3072;
const MAX_ROW_BYTES = 65_535;
const MAX_INDEX_COLUMNS = 16;
const MAX_NAME = 64;

const ID_COLUMN: Column<string> = { kind: 'id', nullable: false };
const TIME_COLUMN: Column<number> = { kind: 'time', nullable: false };

/**
 * Describes a table. Adds `id` (ULID), `tenantId` (also first in every index), `createdAt`, `updatedAt`.
 * Throws PLUGIN_INVALID when MySQL could not hold it, so that a table that works on SQLite works there too.
 */
export function defineEntity<M extends ColumnMap, S extends EntityScope = 'tenant'>(
  spec: EntitySpec<M, S>,
): EntityDefinition<RowFor<M, S>, InsertFor<M>> {
  const scope: EntityScope = spec.scope ?? 'tenant';
  checkNames(spec.table, scope, spec.columns);
  const lead = scope === 'tenant' ? ['tenantId'] : [];
  const indexes = new Map<string, { columns: readonly string[]; unique: boolean }>();
  const add = (columns: readonly string[], unique: boolean) =>
    indexes.set(
      `${unique}:${columns.join()}`,
      Object.freeze({ columns: Object.freeze([...columns]), unique }),
    );
  // Every list of a tenant's rows is read in the order of their ids unless it says otherwise.
  if (scope === 'tenant') add(['tenantId', 'id'], false);
  for (const [name, column] of Object.entries(spec.columns)) if (column.unique) add([...lead, name], true);
  for (const index of spec.indexes ?? []) add([...lead, ...index.columns], index.unique ?? false);

  const entity: Table = Object.freeze({
    table: spec.table,
    scope,
    columns: Object.freeze({ ...spec.columns }),
    indexes: Object.freeze([...indexes.values()]),
  });
  checkSizes(entity);
  return entity as EntityDefinition<RowFor<M, S>, InsertFor<M>>;
}

const everyColumn = new WeakMap<Table, ReadonlyMap<string, Column<unknown, boolean>>>();

/** All columns in the order of the table, with those `defineEntity` adds. */
export function allColumns(entity: Table): ReadonlyMap<string, Column<unknown, boolean>> {
  let columns = everyColumn.get(entity);
  if (!columns) {
    columns = new Map<string, Column<unknown, boolean>>([
      ['id', ID_COLUMN],
      ...(entity.scope === 'tenant' ? ([['tenantId', ID_COLUMN]] as const) : []),
      ...Object.entries(entity.columns),
      ['createdAt', TIME_COLUMN],
      ['updatedAt', TIME_COLUMN],
    ]);
    everyColumn.set(entity, columns);
  }
  return columns;
}

/** The tables of a plugin begin with this. A dash in the id becomes `_`, as it would need quoting in SQL. */
export function tablePrefix(pluginId: string): string {
  return `${pluginId.replaceAll('-', '_')}_`;
}

/**
 * Whether these may be the entities of that plugin; returns what is wrong, empty when nothing is.
 * `systemTables`: the plugin is of `scope: system`, or the core.
 */
export function checkEntities(
  pluginId: string,
  entities: readonly Table[],
  options: { readonly systemTables: boolean },
): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  const prefix = tablePrefix(pluginId);
  for (const entity of entities) {
    if (!entity.table.startsWith(prefix)) {
      problems.push(`Table ${entity.table} of plugin ${pluginId} must begin with ${prefix}.`);
    }
    if (seen.has(entity.table)) problems.push(`Table ${entity.table} is defined twice.`);
    seen.add(entity.table);
    if (entity.scope === 'system' && !options.systemTables) {
      problems.push(`Table ${entity.table} has scope "system", but plugin ${pluginId} has not.`);
    }
  }
  return problems;
}

function invalid(table: string, problem: string): JackfieldError {
  return new JackfieldError('PLUGIN_INVALID', `Entity ${table}: ${problem}`, { details: { table } });
}

function checkNames(table: string, scope: EntityScope, columns: ColumnMap): void {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(table)) {
    throw invalid(table, 'the table name must be snake_case with the plugin in front.');
  }
  if (table.length > MAX_NAME) throw invalid(table, `the table name is longer than ${MAX_NAME} characters.`);
  // A system table may keep the tenant as an ordinary, even nullable, column: the outbox and the audit do.
  const added = ['id', 'createdAt', 'updatedAt', ...(scope === 'tenant' ? ['tenantId'] : [])];
  const seen = new Map(added.map((name) => [name.toLowerCase(), name]));
  for (const [name, column] of Object.entries(columns)) {
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name) || name.length > MAX_NAME) {
      throw invalid(table, `column "${name}" must be camelCase and at most ${MAX_NAME} characters.`);
    }
    if (name in {}) throw invalid(table, `column "${name}" has the name of a method of every object.`);
    const twin = seen.get(name.toLowerCase());
    // MySQL does not tell column names apart by case.
    if (twin !== undefined) {
      throw invalid(
        table,
        added.includes(twin)
          ? `column "${name}" is added by defineEntity.`
          : `columns "${twin}" and "${name}" differ only in case.`,
      );
    }
    seen.set(name.toLowerCase(), name);
    checkColumn(table, name, column);
  }
}

function checkColumn(table: string, name: string, column: Column<unknown, boolean>): void {
  if (column.kind === 'text' && !(Number.isInteger(column.length) && (column.length ?? 0) > 0)) {
    throw invalid(table, `column "${name}" needs a length of at least 1.`);
  }
  const tooLong = column.values?.find((value) => value.length > (column.length ?? 0));
  if (tooLong !== undefined) throw invalid(table, `"${tooLong}" is too long for column "${name}".`);
}

function checkSizes(entity: Table): void {
  const columns = allColumns(entity);
  let row = 0;
  for (const column of columns.values()) row += storedBytes(column) ?? 12;
  if (row > MAX_ROW_BYTES) {
    throw invalid(entity.table, `a row may take ${row} bytes, MySQL allows ${MAX_ROW_BYTES}; use longText.`);
  }
  for (const index of entity.indexes) {
    const label = `index (${index.columns.join(', ')})`;
    if (new Set(index.columns).size !== index.columns.length) {
      throw invalid(entity.table, `${label} names a column twice.`);
    }
    if (index.columns.length > MAX_INDEX_COLUMNS) {
      throw invalid(entity.table, `${label} has more than ${MAX_INDEX_COLUMNS} columns.`);
    }
    let bytes = 0;
    for (const name of index.columns) {
      const column = columns.get(name);
      if (!column) throw invalid(entity.table, `${label} names "${name}", which is no column.`);
      const size = storedBytes(column);
      if (size === null) throw invalid(entity.table, `${label}: "${name}" is too long a text for an index.`);
      bytes += size;
    }
    if (bytes > MAX_INDEX_BYTES) {
      throw invalid(entity.table, `${label} takes ${bytes} bytes, MySQL allows ${MAX_INDEX_BYTES}.`);
    }
  }
}

/** Bytes in a MySQL row, at four for a character; null for what is stored outside of the row. */
function storedBytes(column: Column<unknown, boolean>): number | null {
  switch (column.kind) {
    case 'id':
      return 26 * 4;
    case 'text':
      return (column.length ?? 0) * 4;
    case 'int':
      return 4;
    case 'bool':
      return 1;
    case 'bigint':
    case 'time':
      return 8;
    case 'longtext':
    case 'json':
      return null;
  }
}
