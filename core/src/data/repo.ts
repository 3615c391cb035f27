import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import { scope } from '../tenants/scope.ts';
import { decode, encode, refuse, type Scalar } from './codec.ts';
import type {
  BaseRow,
  EntityDefinition,
  OrderBy,
  Page,
  PageOptions,
  PageRequest,
  Repo,
  Where,
} from './contract.ts';
import { allColumns, type Table } from './define-entity.ts';
import { type DialectName, quoteName } from './dialect.ts';
import { afterPosition, decodeCursor, encodeCursor, pageLimit, pageSort, type Sort } from './paging.ts';
import type { Session } from './session.ts';
import {
  createParameters,
  type Parameters,
  searchCondition,
  type WhereOptions,
  whereConditions,
} from './where.ts';

type Values = Readonly<Record<string, unknown>>;
type Stored = Record<string, Scalar>;

const DEFAULT_FIND = 1_000;
const MAX_FIND = 10_000;
const MAX_TOTAL = 10_000;
/** One INSERT: SQLite takes 32,766 parameters, MySQL 16 MB. */
const MAX_INSERT_PARAMETERS = 16_000;
const MAX_INSERT_ROWS = 500;
const ALIAS = 't';

export interface RepoOptions {
  readonly pluginId: string;
  readonly session: Session;
  readonly dialect: DialectName;
  readonly clock: Clock;
  newId(): string;
}

/** A repo over one table. Every statement it builds goes through `conditions`, which adds the tenant. */
export function createRepo<Row extends BaseRow, Insert>(
  entity: EntityDefinition<Row, Insert>,
  options: RepoOptions,
): Repo<Row, Insert> {
  const { session, clock } = options;
  const definition: Table = entity;
  const columns = allColumns(definition);
  const names = [...columns.keys()];
  const quote = (name: string) => quoteName(options.dialect, name);
  const aliased = (name: string) => `${quote(ALIAS)}.${quote(name)}`;

  /** Null: rows of all tenants, or of none. Read when a method is called, not when its turn comes. */
  function tenantOfReads(): string | null {
    return entity.scope === 'system' || session.isAcross(options.pluginId) ? null : scope.tenantId();
  }

  function conditions(
    tenantId: string | null,
    where: Where<Row>,
    target: Omit<WhereOptions, 'columns'>,
  ): string[] {
    const own =
      tenantId === null ? [] : [`${target.column('tenantId')} = :${target.parameters.add(tenantId)}`];
    return [...own, ...whereConditions(where, { columns, ...target })];
  }

  function select(manager: EntityManager, filters: readonly string[], parameters: Parameters) {
    const query = manager.createQueryBuilder().select([]).from(entity.table, ALIAS);
    for (const name of names) query.addSelect(aliased(name), name);
    return withFilters(query, filters, parameters);
  }

  async function read(query: SelectQueryBuilder<ObjectLiteral>): Promise<Row[]> {
    const rows = await query.getRawMany<Record<string, unknown>>();
    return rows.map(toRow);
  }

  function toRow(stored: Values): Row {
    const row: Record<string, unknown> = {};
    for (const [name, column] of columns) row[name] = decode(column, stored[name]);
    return row as unknown as Row;
  }

  async function list(
    where: Where<Row>,
    undefinedMeans: WhereOptions['undefinedMeans'],
    orderBy: OrderBy<Row>,
    limit: number,
  ): Promise<Row[]> {
    const parameters = createParameters();
    const filters = conditions(tenantOfReads(), where, { column: aliased, parameters, undefinedMeans });
    const order = Object.entries(orderBy).filter(([, direction]) => direction !== undefined);
    for (const [name] of order) if (!columns.has(name)) throw refuse(name, 'is no column');
    return session.run((manager) => {
      const query = select(manager, filters, parameters).limit(limit);
      for (const [name, direction] of order)
        query.addOrderBy(aliased(name), direction === 'desc' ? 'DESC' : 'ASC');
      if (!order.some(([name]) => name === 'id')) query.addOrderBy(aliased('id'), 'ASC');
      return read(query);
    }, definition);
  }

  async function get(id: string): Promise<Row> {
    const [row] = await list({ id } as Where<Row>, 'fault', {}, 1);
    if (!row) throw notFound(entity.table, id);
    return row;
  }

  async function count(where: Where<Row> = {}): Promise<number> {
    const parameters = createParameters();
    const filters = conditions(tenantOfReads(), where, {
      column: aliased,
      parameters,
      undefinedMeans: 'any',
    });
    return session.run((manager) => countRows(manager, filters, parameters), definition);
  }

  async function countRows(
    manager: EntityManager,
    filters: readonly string[],
    parameters: Parameters,
    cap?: number,
  ): Promise<number> {
    const some = withFilters(
      manager.createQueryBuilder().select('1', 'one').from(entity.table, ALIAS),
      filters,
      parameters,
    );
    if (cap !== undefined) some.limit(cap);
    const counted = await manager
      .createQueryBuilder()
      .select('COUNT(*)', 'n')
      .from(`(${some.getQuery()})`, 'counted')
      .setParameters(parameters.values)
      .getRawOne<{ n: number | string }>();
    return Number(counted?.n ?? 0);
  }

  async function page(request: PageRequest, how: PageOptions<Row>): Promise<Page<Row>> {
    const limit = pageLimit(request.limit);
    const sort = pageSort(request, how, columns);
    const parameters = createParameters();
    const target: WhereOptions = { columns, column: aliased, parameters, undefinedMeans: 'any' };
    const filters = conditions(tenantOfReads(), how.where ?? {}, target);
    const term = request.search?.trim();
    if (term) filters.push(searchCondition(term, how.searchable ?? [], target));
    const here =
      request.cursor === undefined
        ? filters
        : [...filters, afterPosition(sort, decodeCursor(request.cursor, sort), aliased, parameters)];

    return session.run(async (manager) => {
      const rows = await read(sorted(select(manager, here, parameters), sort, aliased).limit(limit + 1));
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      const nextCursor = last
        ? encodeCursor(sort, { value: (last as unknown as Values)[sort.name], id: last.id })
        : null;
      if (request.cursor !== undefined) return { items, nextCursor };
      const total =
        nextCursor === null ? items.length : await countRows(manager, filters, parameters, MAX_TOTAL);
      return { items, nextCursor, total };
    }, definition);
  }

  function newRow(values: Values): Stored {
    refuseUnknown(values);
    const now = clock.now();
    const stored: Stored = {};
    for (const [name, column] of columns) {
      const added = addedValue(name, values, now);
      const value = added ?? values[name] ?? (values[name] === undefined ? column.default : null);
      stored[name] = encode(name, column, value);
    }
    return stored;
  }

  /** Of the columns that `defineEntity` adds; undefined for the others. */
  function addedValue(name: string, values: Values, now: number): unknown {
    if (name === 'id') return values[name] ?? options.newId();
    if (name === 'createdAt' || name === 'updatedAt') return now;
    return name === 'tenantId' && entity.scope === 'tenant' ? scope.tenantId() : undefined;
  }

  function patchOf(patch: Values): Stored {
    refuseUnknown(patch);
    if (patch.id !== undefined) throw refuse('id', 'cannot be changed');
    const stored: Stored = {};
    for (const [name, value] of Object.entries(patch)) {
      const column = columns.get(name);
      if (column && value !== undefined) stored[name] = encode(name, column, value);
    }
    return { ...stored, updatedAt: clock.now() };
  }

  function refuseUnknown(values: Values): void {
    for (const name of Object.keys(values)) {
      if (name === 'id' || Object.hasOwn(entity.columns, name)) continue;
      throw refuse(name, columns.has(name) ? 'is set by the server' : 'is no column');
    }
  }

  async function insertMany(list: readonly Insert[]): Promise<Row[]> {
    // The type of an insert is made of columns alone; the compiler cannot see that through its parameter.
    const rows = list.map((values) => newRow(values as Values));
    const size = Math.min(MAX_INSERT_ROWS, Math.floor(MAX_INSERT_PARAMETERS / names.length));
    const write = async () => {
      for (let start = 0; start < rows.length; start += size) {
        const chunk = rows.slice(start, start + size);
        await session.run(
          (manager) =>
            manager
              .createQueryBuilder()
              .insert()
              .into(entity.table)
              .values(chunk)
              .updateEntity(false)
              .callListeners(false)
              .execute(),
          definition,
        );
      }
    };
    if (rows.length <= size) await write();
    else await session.tx(write);
    return rows.map(toRow);
  }

  async function updateWhere(where: Where<Row>, patch: Values): Promise<number> {
    const parameters = createParameters();
    const target = { column: quote, parameters, undefinedMeans: 'fault' } as const;
    const filters = conditions(tenantOfReads(), where, target);
    const stored = patchOf(patch);
    return session.run(async (manager) => {
      const query = manager.createQueryBuilder().update(entity.table).set(stored).callListeners(false);
      const result = await withFilters(query, filters, parameters).execute();
      return result.affected ?? 0;
    }, definition);
  }

  async function deleteWhere(where: Where<Row>): Promise<number> {
    const parameters = createParameters();
    const target = { column: quote, parameters, undefinedMeans: 'fault' } as const;
    const filters = conditions(tenantOfReads(), where, target);
    return session.run(async (manager) => {
      const query = manager.createQueryBuilder().delete().from(entity.table).callListeners(false);
      const result = await withFilters(query, filters, parameters).execute();
      return result.affected ?? 0;
    }, definition);
  }

  return {
    get,
    async findOne(where) {
      const [row] = await list(where, 'fault', {}, 1);
      return row ?? null;
    },
    async find(where = {}, { orderBy = {}, limit = DEFAULT_FIND } = {}) {
      // TypeORM takes a limit of 0 for none at all.
      if (!Number.isInteger(limit) || limit < 1) throw refuse('limit', 'must be a whole number from 1');
      return list(where, 'any', orderBy, Math.min(limit, MAX_FIND));
    },
    page,
    count,
    async insert(values) {
      const [row] = await insertMany([values]);
      if (!row) throw new JackfieldError('INTERNAL');
      return row;
    },
    insertMany,
    async update(id, patch) {
      if ((await updateWhere({ id } as Where<Row>, patch as Values)) === 0) throw notFound(entity.table, id);
      return get(id);
    },
    updateWhere: async (where, patch) => updateWhere(where, patch as Values),
    async delete(id) {
      if ((await deleteWhere({ id } as Where<Row>)) === 0) throw notFound(entity.table, id);
    },
    deleteWhere,
  };
}

function withFilters<Query extends { where(sql: string, parameters: Record<string, unknown>): Query }>(
  query: Query,
  filters: readonly string[],
  parameters: Parameters,
): Query {
  return filters.length > 0 ? query.where(filters.join(' AND '), parameters.values) : query;
}

function sorted(
  query: SelectQueryBuilder<ObjectLiteral>,
  sort: Sort,
  quote: (name: string) => string,
): SelectQueryBuilder<ObjectLiteral> {
  const direction = sort.descending ? 'DESC' : 'ASC';
  query.addOrderBy(quote(sort.name), direction);
  return sort.name === 'id' ? query : query.addOrderBy(quote('id'), direction);
}

function notFound(table: string, id: string): JackfieldError {
  return new JackfieldError('NOT_FOUND', 'There is no such record.', { details: { table, id } });
}
