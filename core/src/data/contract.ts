/**
 * The data contract.
 *
 * Who calls: plugins, through `ctx.repo(Entity)` and `ctx.tx(fn)`; nobody sees the DataSource.
 * Order: within `ctx.tx` all repos of that async flow share one transaction; a nested `tx` joins it. Events
 *   published inside are delivered only after it commits.
 *   `tx` runs `fn` again, once, when the database chose it as the victim of a deadlock, so `fn` does nothing
 *   but data work. A nested `tx` that throws dooms the whole transaction, even if the throw is caught.
 * May fail: NOT_FOUND, CONFLICT (unique key, stale version), TENANT_REQUIRED, VALIDATION_FAILED (a value of
 *   the wrong kind or too long, an unknown column), BAD_REQUEST (cursor, sort or limit of a page request),
 *   FORBIDDEN (a table of another plugin), UNAVAILABLE (connection lost, locked too long); else INTERNAL.
 * After a crash: what was committed is there, and its events are still delivered.
 * A tenant never sees: rows of another tenant. The condition is added to every read and write from the
 *   scope; there is no way to leave it out, only `acrossTenants`, which needs `uses.acrossTenants` in plugin.json.
 */

/** Column kinds; both databases store the same bytes. */
export type ColumnKind = 'id' | 'text' | 'longtext' | 'int' | 'bigint' | 'bool' | 'time' | 'json';

export interface Column<T, Null extends boolean = false, Default extends boolean = boolean> {
  readonly kind: ColumnKind;
  /** Characters, for `text`. */
  readonly length?: number;
  readonly nullable: Null;
  readonly unique?: boolean;
  /** Written when the column is left out of an insert; also in the table, for rows that are there already. */
  readonly default?: T;
  /** The only values accepted on write, for `oneOf`. */
  readonly values?: readonly string[];
  /** Types only; never set. */
  readonly $type?: T;
  readonly $default?: Default;
}

export type ColumnMap = Readonly<Record<string, Column<unknown, boolean>>>;
export type ValueOf<C> = C extends Column<infer T, infer N> ? (N extends true ? T | null : T) : never;
export type ColumnsOf<M extends ColumnMap> = { -readonly [K in keyof M]: ValueOf<M[K]> };

/** What every row has. Times are milliseconds since 1970, UTC. */
export interface BaseRow {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}
export interface TenantRow extends BaseRow {
  readonly tenantId: string;
}

export interface EntityDefinition<Row extends BaseRow = BaseRow, Insert = InsertOf<Row>> {
  /** Table name: `<plugin>_<thing>`, the core's own `core_<thing>`. */
  readonly table: string;
  /** `system` rows belong to no tenant; only the core and `scope: system` plugins may have them. */
  readonly scope: 'tenant' | 'system';
  readonly columns: ColumnMap;
  /** The tenant comes first in each, added by `defineEntity`. */
  readonly indexes: readonly { readonly columns: readonly string[]; readonly unique: boolean }[];
  /** Types only; never set. */
  readonly $row?: Row;
  readonly $insert?: Insert;
}
export type RowOf<E> = E extends { readonly $row?: infer R } ? NonNullable<R> : never;
export type InsertRowOf<E> = E extends { readonly $insert?: infer I } ? NonNullable<I> : never;

/** Several in one object must all hold. Text is compared byte for byte on both databases, so case counts. */
export type Comparison<T> = {
  readonly eq?: T;
  /** Also matches null: "anything but this". */
  readonly ne?: T;
  readonly gt?: T;
  readonly gte?: T;
  readonly lt?: T;
  readonly lte?: T;
  readonly in?: readonly T[];
  /** Substring, case-insensitive; `%` and `_` in it are literal. */
  readonly contains?: string;
  /** Prefix, case-sensitive, served by an index. */
  readonly startsWith?: string;
  readonly isNull?: boolean;
};
/**
 * All conditions must hold, and one of `$or` where it is given. `null` means "is null". A condition that is
 * `undefined` is left out by `find`, `page` and `count`, so that optional filters pass straight through;
 * `findOne`, `updateWhere` and `deleteWhere` refuse it, since there it would reach rows nobody meant.
 */
export type Where<Row> = {
  readonly [K in keyof Row]?: Row[K] | Comparison<NonNullable<Row[K]>>;
} & { readonly $or?: readonly Where<Row>[] };
export type OrderBy<Row> = { readonly [K in keyof Row]?: 'asc' | 'desc' };

/** What a list route takes. `cursor` is opaque and comes from the page before. */
export interface PageRequest {
  readonly cursor?: string | undefined;
  /** 1–200, 50 unless given; more is taken as 200. */
  readonly limit?: number | undefined;
  /** A sortable column, `-` in front for descending. */
  readonly sort?: string | undefined;
  /** Searched in the columns the route declares. */
  readonly search?: string | undefined;
}
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
  /** Present on the first page only; stops counting at 10,000. */
  readonly total?: number;
}
export interface PageOptions<Row> {
  readonly where?: Where<Row>;
  readonly sortable: readonly (keyof Row & string)[];
  readonly searchable?: readonly (keyof Row & string)[];
  /** As `sort` of the request; `-id` unless given, which is newest first. */
  readonly defaultSort?: string;
}

export type NewRow<Row extends BaseRow> = Omit<Row, 'createdAt' | 'updatedAt' | 'tenantId' | 'id'> & {
  readonly id?: string;
};

/** What may be changed of a row: all but its id, its tenant and its times. */
export type PatchOf<Insert> = { readonly [K in keyof Insert as K extends 'id' ? never : K]?: Insert[K] };

export interface Repo<Row extends BaseRow, Insert = InsertOf<Row>> {
  /** NOT_FOUND if there is none (or it is another tenant's). */
  get(id: string): Promise<Row>;
  /** The oldest that matches. */
  findOne(where: Where<Row>): Promise<Row | null>;
  /** At most `limit` rows, 1,000 unless given and 10,000 at the most; oldest first unless ordered. */
  find(where?: Where<Row>, options?: { orderBy?: OrderBy<Row>; limit?: number }): Promise<Row[]>;
  page(request: PageRequest, options: PageOptions<Row>): Promise<Page<Row>>;
  count(where?: Where<Row>): Promise<number>;
  /** Nullable columns and columns with a default may be left out. CONFLICT on a unique key. */
  insert(values: Insert): Promise<Row>;
  /** All or none. */
  insertMany(values: readonly Insert[]): Promise<Row[]>;
  /** NOT_FOUND if there is none. What is `undefined` in the patch stays as it is. */
  update(id: string, patch: PatchOf<Insert>): Promise<Row>;
  /** Rows matched; for compare-and-set (`where` names the state expected). */
  updateWhere(where: Where<Row>, patch: PatchOf<Insert>): Promise<number>;
  /** NOT_FOUND if there is none. */
  delete(id: string): Promise<void>;
  deleteWhere(where: Where<Row>): Promise<number>;
}
/** Columns that may be null may be left out too. */
export type InsertOf<Row extends BaseRow> = {
  readonly [K in keyof NewRow<Row> as null extends NewRow<Row>[K] ? never : K]: NewRow<Row>[K];
} & { readonly [K in keyof NewRow<Row> as null extends NewRow<Row>[K] ? K : never]?: NewRow<Row>[K] };

export interface PluginData {
  repo<Row extends BaseRow, Insert>(entity: EntityDefinition<Row, Insert>): Repo<Row, Insert>;
  tx<T>(fn: () => Promise<T>): Promise<T>;
  /** Runs `fn` with repos that see all tenants; refused unless plugin.json declares `uses.acrossTenants`. */
  acrossTenants<T>(fn: () => Promise<T>): Promise<T>;
}

/**
 * One step of a schema. MySQL commits each DDL statement by itself, so a migration is a list of steps that
 * can each be run again: `createTable` and friends look first. The ledger names the step that was left.
 */
export interface MigrationSchema {
  /**
   * The table and its indexes. The entity is a literal written in the migration itself, never the one the
   * plugin works with: that one changes with the next version, and what this migration did must not.
   */
  createTable(entity: EntityDefinition): Promise<void>;
  /** Nullable or with a default, since there may be rows. */
  addColumn(table: string, name: string, column: Column<unknown, boolean>): Promise<void>;
  /** Puts the tenant first, as `defineEntity` does, unless `scope` is `system`. */
  addIndex(
    table: string,
    columns: readonly string[],
    options?: { unique?: boolean; scope?: 'tenant' | 'system' },
  ): Promise<void>;
  dropIndex(
    table: string,
    columns: readonly string[],
    options?: { scope?: 'tenant' | 'system' },
  ): Promise<void>;
  /** Data changes; must be safe to run twice. Parameters are `?` on both databases, and names are quoted "so". */
  sql(statement: string, parameters?: readonly unknown[]): Promise<void>;
}
export interface Migration {
  /** Names its steps and nothing else: it is also called with a schema that only notes them, for the checksum. */
  up(schema: MigrationSchema): Promise<void>;
}
