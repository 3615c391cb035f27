import { bigint, bool, defineEntity, id, int, json, longText, oneOf, text, time } from '@jackfield/core/sdk';
import type { Clock } from '../../core/src/boot/clock.ts';
import { type Database, openDatabase, type PluginEntities } from '../../core/src/data/database.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { createTables, type DatabaseKind } from '../../core/test-kit/databases.ts';

/** One column of every kind. */
export const Customer = defineEntity({
  table: 'crm_customer',
  columns: {
    name: text(20),
    phone: text(32, { nullable: true }),
    level: int({ default: 3 }),
    spent: bigint({ default: 0 }),
    vip: bool({ default: false }),
    seenAt: time({ nullable: true }),
    ownerId: id({ nullable: true }),
    status: oneOf(['open', 'won', 'lost'], { default: 'open' }),
    notes: longText({ default: '' }),
    extra: json<{ tags: string[] }>({ nullable: true }),
  },
  indexes: [{ columns: ['name'], unique: true }, { columns: ['seenAt'] }],
});

/** Belongs to no tenant; keeps one as plain data, as the outbox does. */
export const Notice = defineEntity({
  table: 'crm_notice',
  scope: 'system',
  columns: { tenantId: id({ nullable: true }), title: text(40) },
});

export const Ticket = defineEntity({ table: 'tickets_ticket', columns: { subject: text(40) } });

export const allEntities: readonly PluginEntities[] = [
  { plugin: 'crm', entities: [Customer, Notice] },
  { plugin: 'tickets', entities: [Ticket] },
];

export interface Opened {
  readonly database: Database;
  close(): Promise<void>;
}

/** An empty database of the kind with the tables of the entities. */
export async function openTables(
  kind: DatabaseKind,
  options: { entities?: readonly PluginEntities[]; clock?: Clock } = {},
): Promise<Opened> {
  const { url, drop } = await kind.open();
  const database = await openDatabase({
    url,
    dataDir: '.',
    entities: options.entities ?? allEntities,
    ...(options.clock ? { clock: options.clock } : {}),
  });
  await createTables(database);
  return {
    database,
    async close() {
      await database.close();
      await drop();
    },
  };
}

export function inTenant<T>(tenantId: string, fn: () => Promise<T>): Promise<T> {
  return scope.runAsSystem(tenantId, 'test', fn);
}
