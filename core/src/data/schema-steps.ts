import { JackfieldError } from '../errors/index.ts';
import type { MigrationSchema } from './contract.ts';
import { addColumnSql, addIndexSql, createTableSql, dropIndexSql } from './ddl.ts';
import { type DialectName, indexName } from './dialect.ts';
import { binaryCollation, type Statements, tableColumns, tableIndexes } from './introspect.ts';

export interface StepOptions {
  readonly statements: Statements;
  readonly dialect: DialectName;
  /** Told before each step, so that the ledger names the one that was left. */
  onStep(step: string): Promise<void>;
}

/** The steps of migrations. Each looks first, so that a migration that broke off is run again from its start. */
export function createSchemaSteps(options: StepOptions): MigrationSchema {
  const { statements, dialect } = options;
  let count = 0;
  async function step(what: string): Promise<void> {
    count += 1;
    await options.onStep(`${count}: ${what}`);
  }

  async function ensureIndex(table: string, columns: readonly string[], unique: boolean): Promise<void> {
    const existing = await tableIndexes(statements, dialect, table);
    if (existing.has(indexName(table, columns, unique))) return;
    await statements.query(addIndexSql(table, columns, unique, dialect));
  }

  return {
    async createTable(entity) {
      await step(`createTable ${entity.table}`);
      if ((await tableColumns(statements, dialect, entity.table)).size === 0) {
        const collation = await binaryCollation(statements, dialect);
        await statements.query(createTableSql(entity, dialect, collation));
      }
      for (const index of entity.indexes) await ensureIndex(entity.table, index.columns, index.unique);
    },
    async addColumn(table, name, column) {
      await step(`addColumn ${table}.${name}`);
      if (!column.nullable && column.default === undefined) {
        throw new JackfieldError(
          'PLUGIN_INVALID',
          `Column ${table}.${name} must be nullable or have a default.`,
        );
      }
      const existing = await requireTable(statements, dialect, table);
      if (!existing.has(name)) await statements.query(addColumnSql(table, name, column, dialect));
    },
    async addIndex(table, columns, { unique = false, scope = 'tenant' } = {}) {
      const all = withTenant(columns, scope);
      await step(`addIndex ${table} (${all.join(', ')})`);
      const existing = await requireTable(statements, dialect, table);
      const missing = all.find((name) => !existing.has(name));
      if (missing !== undefined) {
        throw new JackfieldError(
          'PLUGIN_INVALID',
          `Table ${table} has no column ${missing}${missing === 'tenantId' ? "; for a system table say scope: 'system'" : ''}.`,
        );
      }
      await ensureIndex(table, all, unique);
    },
    async dropIndex(table, columns, { scope = 'tenant' } = {}) {
      const all = withTenant(columns, scope);
      await step(`dropIndex ${table} (${all.join(', ')})`);
      const existing = await tableIndexes(statements, dialect, table);
      for (const name of [indexName(table, all, false), indexName(table, all, true)]) {
        if (existing.has(name)) await statements.query(dropIndexSql(table, name, dialect));
      }
    },
    async sql(statement, parameters = []) {
      await step(`sql ${statement.replace(/\s+/g, ' ').trim().slice(0, 60)}`);
      await statements.query(statement, parameters);
    },
  };
}

export function withTenant(columns: readonly string[], scope: 'tenant' | 'system'): readonly string[] {
  return scope === 'system' || columns[0] === 'tenantId' ? columns : ['tenantId', ...columns];
}

async function requireTable(
  statements: Statements,
  dialect: DialectName,
  table: string,
): Promise<Set<string>> {
  const columns = await tableColumns(statements, dialect, table);
  if (columns.size === 0) throw new JackfieldError('PLUGIN_INVALID', `There is no table ${table}.`);
  return columns;
}
