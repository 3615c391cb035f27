import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { Column } from './contract.ts';
import { allColumns, type Table } from './define-entity.ts';
import type { DialectName } from './dialect.ts';

/**
 * A definition as TypeORM wants it. Values pass through `codec.ts` before and after, so the types here only
 * have to let them through unchanged; the tables themselves are made by migrations.
 */
export function toEntitySchema(entity: Table, dialect: DialectName): EntitySchema {
  const columns: Record<string, EntitySchemaColumnOptions> = {};
  for (const [name, column] of allColumns(entity)) {
    columns[name] = { type: ormType(column, dialect), nullable: column.nullable, primary: name === 'id' };
  }
  return new EntitySchema({ name: entity.table, tableName: entity.table, columns });
}

function ormType(
  column: Column<unknown, boolean>,
  dialect: DialectName,
): 'varchar' | 'text' | 'longtext' | 'int' | 'bigint' {
  switch (column.kind) {
    case 'id':
    case 'text':
      return 'varchar';
    case 'longtext':
    case 'json':
      return dialect === 'mysql' ? 'longtext' : 'text';
    case 'int':
    case 'bool':
      return 'int';
    case 'bigint':
    case 'time':
      return 'bigint';
  }
}
