import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../core/src/data/database.ts';
import { JackfieldError } from '../../core/src/errors/index.ts';
import { testDatabases } from '../../core/test-kit/databases.ts';
import { Customer, inTenant, type Opened, openTables } from './data-fixture.ts';

const NAMES = ['Ann', 'Bo', 'Cy', 'Di'] as const;

/** What a hostile or careless caller may pass: own and foreign ids, tenants, operators, empty conditions. */
const name = fc.constantFrom(...NAMES);
const where = fc.oneof(
  fc.constant({}),
  fc.record({ name }),
  fc.record({ tenantId: fc.constantFrom('a', 'b') }),
  fc.record({ tenantId: fc.constant({ in: ['a', 'b'] }) }),
  fc.record({ tenantId: fc.constant({ ne: 'b' }) }),
  fc.record({ level: fc.record({ gte: fc.integer({ min: -5, max: 5 }) }) }),
  fc.record({ name: fc.record({ contains: fc.constantFrom('', 'n', '%', "' OR 1=1 -- ") }) }),
  fc.record({ $or: fc.constant([{ tenantId: 'a' }, { level: { gte: -9 } }, {}]) }),
  fc.record({ id: fc.constant('FOREIGN') }),
  fc.record({ id: fc.constant({ in: ['FOREIGN'] }) }),
);
const patch = fc.oneof(
  fc.record({ level: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ tenantId: fc.constant('a'), level: fc.constant(1) }),
  fc.record({ id: fc.constant('FOREIGN') }),
  fc.record({ name }),
);
const sort = fc.constantFrom('name', '-level', 'id', undefined);
const operation = fc.oneof(
  fc.record({ do: fc.constant('get' as const) }),
  fc.record({
    do: fc.constantFrom('findOne' as const, 'find' as const, 'count' as const, 'deleteWhere' as const),
    where,
  }),
  fc.record({ do: fc.constant('page' as const), where, sort, search: fc.constantFrom('n', '', '_') }),
  fc.record({ do: fc.constant('insert' as const), name, id: fc.constantFrom('FOREIGN', undefined) }),
  fc.record({ do: fc.constant('insertAs' as const), name, tenantId: fc.constant('a') }),
  fc.record({ do: fc.constant('insertMany' as const), names: fc.array(name, { maxLength: 3 }) }),
  fc.record({ do: fc.constantFrom('update' as const), patch }),
  fc.record({ do: fc.constant('updateWhere' as const), where, patch }),
  fc.record({ do: fc.constant('delete' as const) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

describe.each(testDatabases())('tenants on $name', (kind) => {
  let opened: Opened;
  let database: Database;
  beforeAll(async () => {
    opened = await openTables(kind);
    database = opened.database;
  });
  afterAll(() => opened.close());
  const repo = () => database.withData('crm').repo(Customer);

  /** Puts an id of tenant A where the operation says FOREIGN. */
  const aim = <T>(value: T, foreign: string): T =>
    JSON.parse(JSON.stringify(value).replaceAll('FOREIGN', foreign));

  /** Runs it as tenant B; gives every row that it showed. */
  async function attack(op: Operation, foreign: string): Promise<readonly { tenantId: string }[]> {
    switch (op.do) {
      case 'get':
        return [await repo().get(foreign)];
      case 'findOne': {
        const row = await repo().findOne(aim(op.where, foreign) as never);
        return row ? [row] : [];
      }
      case 'find':
        return repo().find(aim(op.where, foreign) as never);
      case 'count':
        expect(await repo().count(aim(op.where, foreign) as never)).toBeLessThanOrEqual(await repo().count());
        return [];
      case 'page': {
        const rows = [];
        let cursor: string | undefined;
        do {
          const page = await repo().page(
            { sort: op.sort, search: op.search, cursor, limit: 2 },
            { where: aim(op.where, foreign) as never, sortable: ['name', 'level'], searchable: ['name'] },
          );
          rows.push(...page.items);
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        return rows;
      }
      case 'insert':
        return [await repo().insert(aim({ name: op.name, id: op.id }, foreign))];
      case 'insertAs':
        return [await repo().insert({ name: op.name, tenantId: op.tenantId } as never)];
      case 'insertMany':
        return repo().insertMany(op.names.map((each) => ({ name: each })));
      case 'update':
        return [await repo().update(foreign, aim(op.patch, foreign) as never)];
      case 'updateWhere':
        await repo().updateWhere(aim(op.where, foreign) as never, aim(op.patch, foreign) as never);
        return [];
      case 'delete':
        await repo().delete(foreign);
        return [];
      case 'deleteWhere':
        await repo().deleteWhere(aim(op.where, foreign) as never);
        return [];
    }
  }

  it('I9: no operation of tenant B shows, changes or removes a row of tenant A', async () => {
    const rows = await inTenant('a', () =>
      repo().insertMany(NAMES.map((each, level) => ({ name: each, level, extra: { tags: [each] } }))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 1, maxLength: 12 }),
        fc.nat(3),
        async (operations, pick) => {
          const foreign = rows[pick]?.id ?? '';
          await inTenant('b', async () => {
            for (const op of operations) {
              try {
                for (const row of await attack(op, foreign)) expect(row.tenantId).toBe('b');
              } catch (error) {
                // Refusals are fine; an INTERNAL would be SQL that broke.
                if (!JackfieldError.is(error)) throw error;
                expect(['NOT_FOUND', 'CONFLICT', 'VALIDATION_FAILED']).toContain(error.code);
              }
            }
            await repo().deleteWhere({});
          });
          expect(await inTenant('a', () => repo().find())).toEqual(rows);
        },
      ),
      { seed: 20260101, numRuns: 150 },
    );
  });

  it('answers an id of another tenant as if it did not exist', async () => {
    const { id } = await inTenant('c', () => repo().insert({ name: 'Ann' }));
    const same = async (attempt: (id: string) => Promise<unknown>) => {
      const failures = await Promise.all(
        [id, 'none'].map((each) =>
          attempt(each).then(
            () => null,
            (error: unknown) => (JackfieldError.is(error) ? [error.code, error.message] : error),
          ),
        ),
      );
      expect(failures[0]).toEqual(failures[1]);
      expect(failures[0]).toContain('NOT_FOUND');
    };
    await inTenant('b', async () => {
      await same((each) => repo().get(each));
      await same((each) => repo().update(each, { level: 1 }));
      await same((each) => repo().delete(each));
    });
  });

  it('keeps flows of two tenants apart that run at once, in and out of transactions', async () => {
    const work = (tenant: string, i: number) =>
      inTenant(tenant, async () => {
        const write = () => repo().insert({ name: `${tenant}${i}` });
        const row = i % 2 === 0 ? await write() : await database.withData('crm').tx(write);
        expect(row.tenantId).toBe(tenant);
        expect((await repo().find()).every((each) => each.tenantId === tenant)).toBe(true);
      });
    await Promise.all(Array.from({ length: 40 }, (_, i) => work(i % 4 < 2 ? 'x' : 'y', i)));
    expect(await inTenant('x', () => repo().count())).toBe(20);
  });
});
