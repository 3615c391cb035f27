import { createHash } from 'node:crypto';
import type { Column, Migration } from './contract.ts';

/**
 * What a migration does, in 64 hex digits. `up` is run against a schema that only writes down the steps, so
 * the verdict is the same for the TypeScript of a test and the JavaScript of a release, whatever compiler,
 * comments and layout. Parameters of `sql` are left out: a time or an id made on the way is no change of the
 * migration. Only what an author writes counts, not what the core adds to it, or a core upgrade would make
 * every plugin look changed.
 */
export async function migrationChecksum(migration: Migration): Promise<string> {
  const steps: unknown[] = [];
  try {
    await migration.up({
      async createTable({ table, scope, columns, indexes }) {
        const declared = indexes
          .filter(({ columns: [first, second], unique }) => unique || first !== 'tenantId' || second !== 'id')
          .map((index) => [index.columns, index.unique]);
        const described = Object.entries(columns).map(([name, column]) => describe(name, column));
        steps.push(['createTable', table, scope, described, declared]);
      },
      async addColumn(table, name, column) {
        steps.push(['addColumn', table, describe(name, column)]);
      },
      async addIndex(table, columns, { unique = false, scope = 'tenant' } = {}) {
        steps.push(['addIndex', table, columns, unique, scope]);
      },
      async dropIndex(table, columns, { scope = 'tenant' } = {}) {
        steps.push(['dropIndex', table, columns, scope]);
      },
      async sql(statement) {
        steps.push(['sql', statement.replace(/\s+/g, ' ').trim()]);
      },
    });
  } catch {
    // It will throw at the same place when it is run, and be reported then.
    steps.push(['throws']);
  }
  return createHash('sha256').update(JSON.stringify(steps)).digest('hex');
}

function describe(name: string, column: Column<unknown, boolean>): readonly unknown[] {
  const { kind, length = null, nullable, unique = false, default: value = null, values = null } = column;
  return [name, kind, length, nullable, unique, value, values];
}
