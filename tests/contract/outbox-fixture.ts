/** A database with the tables of events and jobs, and the small things every module is given. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/src/boot/clock.ts';
import { bool, text } from '../../core/src/data/columns.ts';
import { type Database, openDatabase } from '../../core/src/data/database.ts';
import { defineEntity } from '../../core/src/data/define-entity.ts';
import { DeliveryEntity, EventEntity } from '../../core/src/events/event.entity.ts';
import { JobEntity, ScheduleEntity } from '../../core/src/jobs/job.entity.ts';
import { type Circuits, createCircuits } from '../../core/src/plugins/circuit.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { createTables, type TestDatabase } from '../../core/test-kit/databases.ts';

/** A plugin's own table, to see what a rollback takes with it. */
export const NoteEntity = defineEntity({
  table: 'notes_note',
  columns: { text: text(100), read: bool({ default: false }) },
});

export const tenantA = '01JTENANTA0000000000000000';
export const tenantB = '01JTENANTB0000000000000000';
export const inTenant = <T>(tenantId: string, fn: () => T): T => scope.runAsSystem(tenantId, 'test', fn);

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}
export function memoryLog(): { lines: LogLine[]; info: Log; warn: Log; error: Log } {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine['level']): Log =>
    (_facts, message) =>
      void lines.push({ level, message: String(message) });
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
type Log = (facts: unknown, message?: string) => void;

export const book = (undo: () => void): (() => void) => undo;

/** Plugins switched off, as `<tenant>/<plugin>`. */
export function activation(): { off: Set<string>; isActive(tenantId: string, pluginId: string): boolean } {
  const off = new Set<string>();
  return { off, isActive: (tenantId, pluginId) => !off.has(`${tenantId}/${pluginId}`) };
}

export const circuitsFor = (clock: Clock): Circuits => createCircuits({ clock });

/** Another connection to the same data, as a second process has it. */
export async function openAgain(
  db: TestDatabase,
  clock: Clock,
): Promise<{ database: Database; close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'outbox-'));
  const database = await openDatabase({
    url: db.url,
    dataDir,
    clock,
    entities: [
      { plugin: 'core', entities: [EventEntity, DeliveryEntity, JobEntity, ScheduleEntity] },
      { plugin: 'notes', entities: [NoteEntity] },
    ],
  });
  return {
    database,
    async close() {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export async function openEmpty(
  open: () => Promise<TestDatabase>,
  clock: Clock,
): Promise<{ db: TestDatabase; database: Database; close(): Promise<void> }> {
  const db = await open();
  const { database, close } = await openAgain(db, clock);
  await createTables(database);
  return {
    db,
    database,
    async close() {
      await close();
      await db.drop();
    },
  };
}

/** Waits for real I/O, which a fake clock cannot settle; fails after 10 s with what was awaited. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`Gave up waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
