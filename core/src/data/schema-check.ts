import type { Database } from './database.ts';
import { allColumns, type Table } from './define-entity.ts';
import { indexName } from './dialect.ts';
import { type Statements, tableColumns, tableIndexes } from './introspect.ts';

/**
 * Compares the entities with the tables that the migrations have made, so that a forgotten migration is said
 * at start and not by a call at night. Gives the reason by plugin; a plugin in order is not in it.
 */
export async function checkSchema(database: Database): Promise<Map<string, string>> {
  const query: Statements['query'] = (sql, parameters = []) =>
    database.session.run((manager) => manager.query(sql, [...parameters]));
  const reasons = new Map<string, string>();
  for (const { plugin, entities } of database.entities) {
    const problems: string[] = [];
    for (const entity of entities) {
      const problem = await tableProblem({ query }, database, entity);
      if (problem) problems.push(problem);
    }
    if (problems.length > 0) reasons.set(plugin, `${problems.join(' ')} A migration is missing.`);
  }
  return reasons;
}

async function tableProblem(
  statements: Statements,
  database: Database,
  entity: Table,
): Promise<string | null> {
  const present = await tableColumns(statements, database.dialect, entity.table);
  if (present.size === 0) return `There is no table ${entity.table}.`;
  const missing = [...allColumns(entity).keys()].filter((name) => !present.has(name));
  if (missing.length > 0) return `Table ${entity.table} lacks ${missing.join(', ')}.`;
  // An index for speed may be missing; one that keeps values apart may not.
  const indexes = await tableIndexes(statements, database.dialect, entity.table);
  const loose = entity.indexes.find(
    ({ columns, unique }) => unique && !indexes.has(indexName(entity.table, columns, true)),
  );
  return loose ? `Table ${entity.table} lacks the unique index (${loose.columns.join(', ')}).` : null;
}
