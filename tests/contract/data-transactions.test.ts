import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../core/src/data/database.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { testDatabases } from '../../core/test-kit/databases.ts';
import { Customer, inTenant, type Opened, openTables } from './data-fixture.ts';

describe.each(testDatabases())('transactions on $name', (kind) => {
  let opened: Opened;
  let database: Database;
  beforeAll(async () => {
    opened = await openTables(kind);
    database = opened.database;
  });
  afterAll(() => opened.close());
  beforeEach(() => inTenant('a', () => repo().deleteWhere({})));

  const data = () => database.withData('crm');
  const repo = () => data().repo(Customer);
  const tx = <T>(fn: () => Promise<T>) => data().tx(fn);
  const levelOf = async (name: string) => (await repo().findOne({ name }))?.level;
  /** Something to wait for, opened by hand. */
  const gate = () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { opened, open };
  };

  it('keeps all of it or nothing of it', () =>
    inTenant('a', async () => {
      const thrown = new Error('no');
      await expect(
        tx(async () => {
          await repo().insert({ name: 'Ann' });
          expect(await repo().count()).toBe(1);
          throw thrown;
        }),
      ).rejects.toBe(thrown);
      expect(await repo().count()).toBe(0);
      expect(await tx(async () => (await repo().insert({ name: 'Bo' })).name)).toBe('Bo');
      expect(await repo().count()).toBe(1);
    }));

  it('does not show what is not committed to another flow', () =>
    inTenant('a', async () => {
      const written = gate();
      const go = gate();
      const writer = tx(async () => {
        await repo().insert({ name: 'Ann' });
        written.open();
        await go.opened;
        throw new Error('undo');
      });
      await written.opened;
      const reader = repo().count();
      go.open();
      await expect(writer).rejects.toThrow('undo');
      expect(await reader).toBe(0);
    }));

  it('is joined by a transaction within it', () =>
    inTenant('a', async () => {
      await expect(
        tx(async () => {
          await tx(() => repo().insert({ name: 'Ann' }));
          throw new Error('outer');
        }),
      ).rejects.toThrow('outer');
      expect(await repo().count()).toBe(0);
    }));

  it('does not commit half of what a failed transaction within it had written, even if the error is caught', () =>
    inTenant('a', async () => {
      const inner = new Error('inner');
      await expect(
        tx(async () => {
          await tx(async () => {
            await repo().insert({ name: 'Ann' });
            throw inner;
          }).catch(() => undefined);
        }),
      ).rejects.toBe(inner);
      expect(await repo().count()).toBe(0);
    }));

  it('goes on after a unique key that was expected', () =>
    inTenant('a', async () => {
      await repo().insert({ name: 'Ann' });
      await tx(async () => {
        await expect(repo().insert({ name: 'Ann' })).rejects.toMatchObject({ code: 'CONFLICT' });
        await repo().insert({ name: 'Bo' });
      });
      expect(await repo().count()).toBe(2);
    }));

  it('never mixes 50 flows that run at once', () =>
    inTenant('a', async () => {
      const { id } = await repo().insert({ name: 'sum', level: 0 });
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, async (_, i) => {
          if (i % 5 === 4) return levelOf('sum');
          return tx(async () => {
            // Compare-and-set until it holds: on MySQL the flows are on connections of their own.
            for (let done = false; !done; ) {
              const { level } = await repo().get(id);
              await new Promise((resolve) => setImmediate(resolve));
              done = (await repo().updateWhere({ id, level }, { level: level + 1 })) === 1;
            }
            await repo().insert({ name: `flow ${i}` });
            if (i % 5 === 3) throw new Error('undo');
          });
        }),
      );
      expect(results.filter((result) => result.status === 'rejected')).toHaveLength(10);
      expect(await levelOf('sum')).toBe(30);
      const rows = await repo().find({ name: { startsWith: 'flow ' } });
      expect(rows.map((row) => Number(row.name.slice(5)) % 5).toSorted()).toEqual(
        [0, 1, 2].flatMap((n) => Array(10).fill(n)),
      );
    }));

  it('waits for statements that were started in it and not awaited', () =>
    inTenant('a', async () => {
      await tx(async () => {
        void repo().insert({ name: 'Ann' });
      });
      expect(await repo().count()).toBe(1);
    }));

  it('notices that it is used after it ended', () =>
    inTenant('a', async () => {
      const go = gate();
      let late: Promise<unknown> = Promise.resolve();
      await tx(async () => {
        late = go.opened.then(() => repo().insert({ name: 'late' }));
      });
      go.open();
      await expect(late).rejects.toThrow('A transaction was used after it ended');
      expect(await repo().count()).toBe(0);
    }));

  it('lets work that outlives it step outside', () =>
    inTenant('a', async () => {
      const go = gate();
      let late: Promise<unknown> = Promise.resolve();
      await tx(async () => {
        late = database.session.outsideTransaction(() =>
          go.opened.then(() => repo().insert({ name: 'late' })),
        );
      });
      go.open();
      await late;
      expect(await repo().count()).toBe(1);
    }));

  describe('work after the commit', () => {
    it('runs once all is committed, outside of the transaction, in the scope where it was asked for', async () => {
      const seen: unknown[] = [];
      const ran = gate();
      await inTenant('a', () =>
        tx(async () => {
          await inTenant('b', async () => {
            database.session.afterCommit(async () => {
              seen.push([scope.tenantId(), database.session.inTransaction()]);
              await inTenant('a', async () => seen.push(await repo().count()));
              ran.open();
            });
          });
          await repo().insert({ name: 'Ann' });
          expect(seen).toEqual([]);
        }),
      );
      await ran.opened;
      expect(seen).toEqual([['b', false], 1]);
    });

    it('does not run when the transaction rolled back', () =>
      inTenant('a', async () => {
        const seen: string[] = [];
        const ran = gate();
        await tx(async () => {
          database.session.afterCommit(() => void seen.push('rolled back'));
          throw new Error('undo');
        }).catch(() => undefined);
        database.session.afterCommit(() => {
          seen.push('no transaction');
          ran.open();
        });
        await ran.opened;
        expect(seen).toEqual(['no transaction']);
      }));
  });

  it('stays usable after a transaction that failed at the database', () =>
    inTenant('a', async () => {
      await expect(
        tx(() => database.session.run((manager) => manager.query('SELECT * FROM no_such_table'))),
      ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await tx(() => repo().count())).toBe(0);
    }));

  it.runIf(kind.name === 'mariadb')(
    'runs again, once, when the server chose it as the victim of a deadlock',
    () =>
      inTenant('a', async () => {
        await repo().insertMany([{ name: 'x' }, { name: 'y' }]);
        let runs = 0;
        const arrived = [gate(), gate()];
        const cross = (mine: number, first: string, second: string) =>
          tx(async () => {
            runs += 1;
            await repo().updateWhere({ name: first }, { level: mine });
            arrived[mine]?.open();
            await arrived[1 - mine]?.opened;
            // Caught on purpose: the server has rolled back, so nothing more may be written by this run.
            await repo()
              .updateWhere({ name: second }, { level: mine })
              .catch(() => repo().insert({ name: `loser ${mine}` }));
          });
        await Promise.all([cross(0, 'x', 'y'), cross(1, 'y', 'x')]);
        expect(runs).toBe(3);
        expect(await levelOf('x')).toBe(await levelOf('y'));
        expect(await repo().count()).toBe(2);
      }),
  );

  it.runIf(kind.name === 'mariadb')('answers UNAVAILABLE when the connection is lost, and recovers', () =>
    inTenant('a', async () => {
      await expect(
        tx(async () => {
          await repo().insert({ name: 'Ann' });
          const [row] = await database.session.run((manager) =>
            manager.query('SELECT CONNECTION_ID() AS id'),
          );
          await database.session.outsideTransaction(() =>
            database.session.run((manager) => manager.query(`KILL ${Number(row.id)}`)),
          );
          await repo().insert({ name: 'Bo' });
        }),
      ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await repo().count()).toBe(0);
    }),
  );
});
