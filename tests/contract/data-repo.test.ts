import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../core/src/data/database.ts';
import { testDatabases } from '../../core/test-kit/databases.ts';
import { fakeClock } from '../../core/test-kit/fake-clock.ts';
import { Customer, inTenant, Notice, type Opened, openTables, Ticket } from './data-fixture.ts';

const NOW = Date.UTC(2026, 0, 1);

describe.each(testDatabases())('a repo on $name', (kind) => {
  const clock = fakeClock(NOW);
  let opened: Opened;
  let database: Database;
  beforeAll(async () => {
    opened = await openTables(kind, { clock });
    database = opened.database;
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    for (const tenant of ['a', 'b']) await inTenant(tenant, () => customers().deleteWhere({}));
    await notices().deleteWhere({});
  });

  const customers = () => database.withData('crm').repo(Customer);
  const notices = () => database.withData('crm').repo(Notice);
  const names = (rows: readonly { name: string }[]) => rows.map((row) => row.name);

  describe('writing', () => {
    it('fills in what was left out and gives back exactly what it then reads', () =>
      inTenant('a', async () => {
        const row = await customers().insert({ name: 'Ann' });
        expect(row).toEqual({
          id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
          tenantId: 'a',
          name: 'Ann',
          phone: null,
          level: 3,
          spent: 0,
          vip: false,
          seenAt: null,
          ownerId: null,
          status: 'open',
          notes: '',
          extra: null,
          createdAt: NOW,
          updatedAt: NOW,
        });
        expect(await customers().get(row.id)).toEqual(row);
      }));

    it('keeps every kind of value unchanged', () =>
      inTenant('a', async () => {
        const values = {
          name: '王小明 😀 ',
          phone: '+8613800138000',
          level: -(2 ** 31) + 1,
          spent: Number.MAX_SAFE_INTEGER,
          vip: true,
          seenAt: NOW + 0.0,
          ownerId: '01JADE',
          status: 'won' as const,
          notes: `it's "quoted" \\ back\u0000 :p1 ? ${'x'.repeat(70_000)}`,
          extra: { tags: ['å', "'", '\\'] },
        };
        const { id } = await customers().insert(values);
        expect(await customers().get(id)).toMatchObject(values);
      }));

    it('gives ids in the order of insertion, also within one millisecond', () =>
      inTenant('a', async () => {
        const rows = await customers().insertMany(Array.from({ length: 50 }, (_, i) => ({ name: `n${i}` })));
        const ids = rows.map((row) => row.id);
        expect(ids).toEqual(ids.toSorted());
        expect(names(await customers().find())).toEqual(rows.map((row) => row.name));
      }));

    it('changes only what the patch names, and the time of the change', () =>
      inTenant('a', async () => {
        const row = await customers().insert({ name: 'Ann', phone: '1' });
        await clock.advance(1_000);
        const changed = await customers().update(row.id, { level: 9, phone: undefined });
        expect(changed).toEqual({ ...row, level: 9, updatedAt: row.updatedAt + 1_000 });
        expect(await customers().update(row.id, { phone: null })).toMatchObject({ phone: null, level: 9 });
      }));

    it('counts the rows that a compare-and-set matched, changed or not', () =>
      inTenant('a', async () => {
        const { id } = await customers().insert({ name: 'Ann' });
        expect(await customers().updateWhere({ id, status: 'open' }, { status: 'open' })).toBe(1);
        expect(await customers().updateWhere({ id, status: 'open' }, { status: 'won' })).toBe(1);
        expect(await customers().updateWhere({ id, status: 'open' }, { status: 'lost' })).toBe(0);
        expect(await customers().get(id)).toMatchObject({ status: 'won' });
      }));

    it('answers NOT_FOUND for a row that is not there', () =>
      inTenant('a', async () => {
        const missing = { code: 'NOT_FOUND', details: { table: 'crm_customer', id: 'none' } };
        await expect(customers().get('none')).rejects.toMatchObject(missing);
        await expect(customers().update('none', { level: 1 })).rejects.toMatchObject(missing);
        await expect(customers().delete('none')).rejects.toMatchObject(missing);
        expect(await customers().findOne({ name: 'none' })).toBeNull();
      }));

    it('answers CONFLICT with the columns when a unique value is taken, but not for another tenant', async () => {
      await inTenant('a', () => customers().insert({ name: 'Ann' }));
      await inTenant('b', () => customers().insert({ name: 'Ann' }));
      await inTenant('a', async () => {
        const taken = { code: 'CONFLICT', details: { columns: ['name'] } };
        await expect(customers().insert({ name: 'Ann' })).rejects.toMatchObject(taken);
        const other = await customers().insert({ name: 'ann' });
        await expect(customers().update(other.id, { name: 'Ann' })).rejects.toMatchObject(taken);
        await expect(customers().insert({ id: other.id, name: 'Bo' })).rejects.toMatchObject({
          code: 'CONFLICT',
          details: { columns: ['id'] },
        });
      });
    });

    it('keeps the values of a row out of the error that goes to the log', () =>
      inTenant('a', async () => {
        await customers().insert({ name: 'secret-name' });
        const error: unknown = await customers()
          .insert({ name: 'secret-name', phone: '+4912345' })
          .catch((caught: unknown) => caught);
        const cause = error instanceof Error ? error.cause : null;
        expect(cause).toBeInstanceOf(Error);
        expect(JSON.stringify(cause, Object.getOwnPropertyNames(cause))).not.toMatch(/secret-name|\+4912345/);
      }));

    it('inserts all of a long list or none of it', () =>
      inTenant('a', async () => {
        const list = Array.from({ length: 2_100 }, (_, i) => ({ name: `n${i}` }));
        await expect(customers().insertMany([...list, { name: 'n7' }])).rejects.toMatchObject({
          code: 'CONFLICT',
        });
        expect(await customers().count()).toBe(0);
        await customers().insertMany(list);
        expect(await customers().count()).toBe(2_100);
        expect(await customers().find()).toHaveLength(1_000);
        expect(await customers().insertMany([])).toEqual([]);
        await expect(customers().find({}, { limit: 0 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
      }));

    it.each([
      ['a text that is too long', { name: 'x'.repeat(21) }, 'name'],
      ['a word that is not in the list', { name: 'x', status: 'maybe' }, 'status'],
      ['a text for a number', { name: 'x', level: '3' }, 'level'],
      ['a fraction', { name: 'x', level: 1.5 }, 'level'],
      ['more than 32 bits', { name: 'x', level: 2 ** 31 }, 'level'],
      ['an object for a text', { name: { name: 'x' } }, 'name'],
      ['null where there must be a value', { name: null }, 'name'],
      ['nothing where there must be a value', {}, 'name'],
      ['an unknown column', { name: 'x', nome: 'y' }, 'nome'],
      ['another tenant', { name: 'x', tenantId: 'b' }, 'tenantId'],
      ['a time that the server sets', { name: 'x', createdAt: 1 }, 'createdAt'],
    ])('refuses %s alike on both databases', (_what, values, column) =>
      inTenant('a', async () => {
        const refused = { code: 'VALIDATION_FAILED', details: { column } };
        await expect(customers().insert(values as never)).rejects.toMatchObject(refused);
        if (Object.hasOwn(values, column)) {
          await expect(customers().updateWhere({}, values as never)).rejects.toMatchObject(refused);
        }
        expect(await customers().count()).toBe(0);
      }),
    );

    it('counts a character outside of the basic plane as one', () =>
      inTenant('a', async () => {
        const { id } = await customers().insert({ name: '😀'.repeat(20) });
        expect((await customers().get(id)).name).toBe('😀'.repeat(20));
      }));

    it('refuses to write or delete by a condition that turned out undefined', () =>
      inTenant('a', async () => {
        await customers().insert({ name: 'Ann' });
        const fault = { code: 'VALIDATION_FAILED', details: { column: 'ownerId' } };
        await expect(customers().deleteWhere({ ownerId: undefined })).rejects.toMatchObject(fault);
        await expect(
          customers().updateWhere({ ownerId: { eq: undefined } }, { level: 1 }),
        ).rejects.toMatchObject(fault);
        await expect(customers().findOne({ ownerId: undefined })).rejects.toMatchObject(fault);
        expect(await customers().count({ ownerId: undefined })).toBe(1);
      }));
  });

  describe('conditions', () => {
    const seed = () =>
      customers().insertMany([
        { name: 'Ann', level: 1, seenAt: 10, phone: '+49%30' },
        { name: 'bob', level: 2, seenAt: 20, phone: '+49_30' },
        { name: 'Éva', level: 3, phone: '+4930!' },
        { name: 'annika', level: 4, seenAt: 40, extra: { tags: [] } },
      ]);

    it.each([
      [{}, ['Ann', 'bob', 'Éva', 'annika']],
      [{ name: 'Ann' }, ['Ann']],
      [{ name: 'ANN' }, []],
      [{ name: 'Ann ' }, []],
      [{ name: { eq: 'bob' } }, ['bob']],
      [{ level: { gt: 1, lte: 3 } }, ['bob', 'Éva']],
      [{ level: { gte: 2, lt: 3 } }, ['bob']],
      [{ level: { in: [1, 4, 99] } }, ['Ann', 'annika']],
      [{ level: { in: [] } }, []],
      [{ seenAt: null }, ['Éva']],
      [{ seenAt: { isNull: false } }, ['Ann', 'bob', 'annika']],
      [{ extra: { isNull: false } }, ['annika']],
      [{ seenAt: { ne: 10 } }, ['bob', 'Éva', 'annika']],
      [{ name: { contains: 'NN' } }, ['Ann', 'annika']],
      [{ name: { contains: 'é' } }, ['Éva']],
      [{ name: { startsWith: 'ann' } }, ['annika']],
      [{ phone: { contains: '%' } }, ['Ann']],
      [{ phone: { contains: '_' } }, ['bob']],
      [{ phone: { contains: '!' } }, ['Éva']],
      [{ phone: { startsWith: '+49%' } }, ['Ann']],
      [{ vip: false, level: { in: [1] } }, ['Ann']],
      [{ $or: [{ level: 1 }, { name: 'bob', level: 2 }, { name: 'bob', level: 9 }] }, ['Ann', 'bob']],
      [{ level: { lt: 3 }, $or: [{ name: 'bob' }, { name: 'Éva' }] }, ['bob']],
      [{ $or: [] }, []],
    ])('finds and counts by %j', (where, expected) =>
      inTenant('a', async () => {
        await seed();
        expect(names(await customers().find(where as never))).toEqual(expected);
        expect(await customers().count(where as never)).toBe(expected.length);
        expect(await customers().updateWhere(where as never, { vip: true })).toBe(expected.length);
        expect(names(await customers().find({ vip: true }))).toEqual(expected);
      }),
    );

    it('orders by several columns, and null comes first', () =>
      inTenant('a', async () => {
        await seed();
        await customers().updateWhere({ level: { in: [1, 2] } }, { level: 5 });
        const rows = await customers().find({}, { orderBy: { level: 'desc', seenAt: 'desc' } });
        expect(names(rows)).toEqual(['bob', 'Ann', 'annika', 'Éva']);
        expect(names(await customers().find({}, { orderBy: { seenAt: 'asc' }, limit: 2 }))).toEqual([
          'Éva',
          'Ann',
        ]);
      }));

    it.each([
      [{ nome: 'x' }],
      [{ name: { like: 'x' } }],
      [{ extra: { eq: {} } }],
      [{ level: { contains: '1' } }],
      [{ level: { eq: '1 OR 1=1' } }],
      [{ name: { in: 'x' } }],
    ])('refuses the condition %j', (where) =>
      inTenant('a', async () => {
        await expect(customers().find(where as never)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
      }),
    );
  });

  describe('pages', () => {
    const options = { sortable: ['seenAt', 'name', 'level'], searchable: ['name', 'phone'] } as const;

    async function walk(sort: string | undefined, limit: number): Promise<string[]> {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await customers().page({ sort, limit, cursor }, options);
        expect(page.total).toBe(cursor === undefined ? 23 : undefined);
        seen.push(...names(page.items));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return seen;
    }

    it.each(['seenAt', '-seenAt', 'level', '-name', 'id', undefined])(
      'shows every row once when sorted by %s with equal and missing values',
      (sort) =>
        inTenant('a', async () => {
          const rows = await customers().insertMany(
            Array.from({ length: 23 }, (_, i) => ({
              name: `n${i}`,
              level: i % 3,
              seenAt: i % 4 === 0 ? null : NOW + (i % 5),
            })),
          );
          const column = (sort ?? '-id').replace('-', '') as 'seenAt' | 'name';
          const rank = (value: number | null) => value ?? -1;
          const ascending = rows.toSorted((a, b) => {
            const [x, y] = [a[column], b[column]];
            const byValue =
              typeof x === 'string' ? (x < String(y) ? -1 : 1) : rank(x) - rank(y as number | null);
            return byValue || (a.id < b.id ? -1 : 1);
          });
          const expected = names((sort ?? '-').startsWith('-') ? ascending.toReversed() : ascending);
          expect(await walk(sort, 1)).toEqual(expected);
          expect(await walk(sort, 4)).toEqual(expected);
          expect(await walk(sort, 200)).toEqual(expected);
        }),
    );

    it('neither repeats nor skips a row when others come and go between two pages', () =>
      inTenant('a', async () => {
        await customers().insertMany(['b', 'd', 'f', 'h'].map((name) => ({ name })));
        const first = await customers().page({ sort: 'name', limit: 2 }, options);
        await customers().insert({ name: 'a' });
        await customers().deleteWhere({ name: 'd' });
        const rest = await customers().page(
          { sort: 'name', limit: 2, cursor: first.nextCursor ?? undefined },
          options,
        );
        expect([...names(first.items), ...names(rest.items)]).toEqual(['b', 'd', 'f', 'h']);
        expect(rest.nextCursor).toBeNull();
      }));

    it('searches the declared columns whatever the case, together with the condition of the route', () =>
      inTenant('a', async () => {
        await customers().insertMany([
          { name: 'Ann', phone: '100%' },
          { name: 'Bo', phone: 'ANN' },
          { name: 'annex', level: 9 },
        ]);
        const search = async (term: string) =>
          names(
            (await customers().page({ search: term, sort: 'name' }, { ...options, where: { level: 3 } }))
              .items,
          );
        expect(await search(' ann ')).toEqual(['Ann', 'Bo']);
        expect(await search('%')).toEqual(['Ann']);
        expect(await search('  ')).toEqual(['Ann', 'Bo']);
      }));

    it('takes 50 rows unless told and never more than 200', () =>
      inTenant('a', async () => {
        await customers().insertMany(Array.from({ length: 201 }, (_, i) => ({ name: `n${i}` })));
        expect((await customers().page({}, options)).items).toHaveLength(50);
        const most = await customers().page({ limit: 5_000 }, options);
        expect(most.items).toHaveLength(200);
        expect(most.total).toBe(201);
      }));

    it('stops counting at 10,000', () =>
      inTenant('a', async () => {
        await customers().insertMany(Array.from({ length: 10_020 }, (_, i) => ({ name: `n${i}` })));
        expect((await customers().page({ limit: 1 }, options)).total).toBe(10_000);
        expect(await customers().count()).toBe(10_020);
        expect(await customers().find({}, { limit: 20_000 })).toHaveLength(10_000);
      }));

    it('answers BAD_REQUEST for a cursor, sort or limit that is not one', () =>
      inTenant('a', async () => {
        await customers().insertMany([{ name: 'a' }, { name: 'b' }]);
        const { nextCursor } = await customers().page({ sort: 'name', limit: 1 }, options);
        const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
        const requests = [
          { cursor: 'rubbish' },
          { cursor: '' },
          { cursor: made(['-id', { $ne: 1 }, 'x']) },
          { cursor: made(['-id', null, 'x']) },
          { cursor: made(['-id', 'x', ['y']]) },
          { cursor: made({}) },
          { cursor: nextCursor ?? '', sort: '-name' },
          { sort: 'notes' },
          { sort: 'no such column' },
          { sort: 'tenantId' },
          { limit: 0 },
          { limit: 1.5 },
          { limit: Number.NaN },
        ];
        for (const request of requests) {
          await expect(customers().page(request, options), JSON.stringify(request)).rejects.toMatchObject({
            code: 'BAD_REQUEST',
          });
        }
      }));
  });

  describe('reach', () => {
    it('refuses tenant data outside of a tenant, whatever the method', async () => {
      const repo = customers();
      const attempts = [
        () => repo.get('x'),
        () => repo.findOne({ name: 'x' }),
        () => repo.find(),
        () => repo.page({}, { sortable: [] }),
        () => repo.count(),
        () => repo.insert({ name: 'x' }),
        () => repo.insertMany([{ name: 'x' }]),
        () => repo.update('x', { level: 1 }),
        () => repo.updateWhere({}, { level: 1 }),
        () => repo.delete('x'),
        () => repo.deleteWhere({}),
      ];
      for (const attempt of attempts)
        await expect(attempt()).rejects.toMatchObject({ code: 'TENANT_REQUIRED' });
    });

    it('refuses the table of another plugin', () => {
      expect(() => database.withData('crm').repo(Ticket)).toThrow(
        expect.objectContaining({ code: 'FORBIDDEN' }),
      );
      expect(() => database.withData('crm', { acrossTenants: true }).repo(Ticket)).toThrow(/tickets_ticket/);
    });

    it('shows all tenants only to who may see them, and only within that function', async () => {
      await inTenant('a', () => customers().insert({ name: 'Ann' }));
      await inTenant('b', () => customers().insert({ name: 'Bo' }));
      const all = database.withData('crm', { acrossTenants: true });
      const seen = await all.acrossTenants(() => all.repo(Customer).find());
      expect(seen.map((row) => [row.tenantId, row.name])).toEqual([
        ['a', 'Ann'],
        ['b', 'Bo'],
      ]);
      await expect(all.repo(Customer).find()).rejects.toMatchObject({ code: 'TENANT_REQUIRED' });
      const some = database.withData('crm');
      await expect(some.acrossTenants(() => some.repo(Customer).find())).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    });

    it('gives a row written across tenants to the tenant of the scope, and does not widen other plugins', async () => {
      const all = database.withData('crm', { acrossTenants: true });
      const tickets = database.withData('tickets').repo(Ticket);
      await inTenant('b', () => tickets.insert({ subject: 'of b' }));
      await inTenant('a', () =>
        all.acrossTenants(async () => {
          expect(await all.repo(Customer).insert({ name: 'Ann' })).toMatchObject({ tenantId: 'a' });
          expect(await tickets.find()).toEqual([]);
        }),
      );
      await expect(all.acrossTenants(() => all.repo(Customer).insert({ name: 'Bo' }))).rejects.toMatchObject({
        code: 'TENANT_REQUIRED',
      });
    });

    it('keeps system rows without a tenant, and a tenant column in them as plain data', async () => {
      const made = await notices().insert({ title: 'maintenance' });
      expect(made).toMatchObject({ tenantId: null, title: 'maintenance' });
      await inTenant('a', async () => {
        expect(await notices().update(made.id, { tenantId: 'b' })).toMatchObject({ tenantId: 'b' });
        expect(await notices().find({ tenantId: 'b' })).toHaveLength(1);
      });
    });
  });

  it('answers UNAVAILABLE after it was closed', async () => {
    const other = await openTables(kind);
    await other.database.ping();
    await other.close();
    await other.database.close();
    await expect(other.database.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const repo = other.database.withData('crm').repo(Notice);
    await expect(repo.find()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
