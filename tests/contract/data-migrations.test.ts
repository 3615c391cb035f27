import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bigint, defineEntity, int, json, longText, type Migration, text } from '@jackfield/core/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/src/boot/clock.ts';
import { type Database, openDatabase, type PluginEntities } from '../../core/src/data/database.ts';
import { migrationChecksum } from '../../core/src/data/migration-checksum.ts';
import { loadMigrations } from '../../core/src/data/migration-files.ts';
import { withMigrationLock } from '../../core/src/data/migration-lock.ts';
import {
  type MigrationSet,
  migrationBlocked,
  migrationHistory,
  type NamedMigration,
  repairMigration,
  runMigrations,
} from '../../core/src/data/migrations.ts';
import { checkSchema } from '../../core/src/data/schema-check.ts';
import { type TestDatabase, testDatabases } from '../../core/test-kit/databases.ts';
import { fakeClock } from '../../core/test-kit/fake-clock.ts';
import { inTenant } from './data-fixture.ts';

const NOW = Date.UTC(2026, 0, 1);
const CREATE = '202601010900-create-note';
const GROW = '202601020900-grow-note';

/** The table as the first migration makes it, and as the plugin wants it now. */
const NoteV1 = defineEntity({
  table: 'notes_note',
  columns: { title: text(40), body: longText({ default: '' }) },
  indexes: [{ columns: ['title'] }],
});
const Note = defineEntity({
  table: 'notes_note',
  columns: {
    title: text(40),
    body: longText({ default: '' }),
    level: int({ default: 7 }),
    tags: json<string[]>({ default: ["it's", 'a\\b'] }),
    cents: bigint({ nullable: true }),
  },
  indexes: [{ columns: ['title'], unique: true }],
});

const create: Migration = {
  async up(schema) {
    await schema.createTable(NoteV1);
  },
};
const grow: Migration = {
  async up(schema) {
    await schema.addColumn('notes_note', 'level', int({ default: 7 }));
    await schema.addColumn('notes_note', 'tags', json<string[]>({ default: ["it's", 'a\\b'] }));
    await schema.addColumn('notes_note', 'cents', bigint({ nullable: true }));
    await schema.dropIndex('notes_note', ['title']);
    await schema.addIndex('notes_note', ['title'], { unique: true });
    await schema.sql('UPDATE "notes_note" SET "cents" = ? WHERE "cents" IS NULL', [100]);
  },
};

const named = async (name: string, migration: Migration): Promise<NamedMigration> => ({
  name,
  checksum: await migrationChecksum(migration),
  up: migration.up,
});
const set = async (plugin: string, migrations: Record<string, Migration>): Promise<MigrationSet> => ({
  plugin,
  version: '1.2.3',
  migrations: await Promise.all(Object.entries(migrations).map(([name, each]) => named(name, each))),
});

describe.each(testDatabases())('migrations on $name', (kind) => {
  let place: TestDatabase;
  let database: Database;
  const open = (entities: readonly PluginEntities[] = [{ plugin: 'notes', entities: [Note] }]) =>
    openDatabase({ url: place.url, dataDir: '.', entities });
  beforeEach(async () => {
    place = await kind.open();
    database = await open();
  });
  afterEach(async () => {
    await database.close();
    await place.drop();
  });
  const clock = fakeClock(NOW);
  const run = (...sets: MigrationSet[]) => runMigrations(database, sets, { clock });
  const notes = () => database.withData('notes').repo(Note);

  it('brings an old table with rows to its present form, and runs each migration once', async () => {
    const old = await set('notes', { [CREATE]: create });
    expect(await run(old)).toEqual([{ plugin: 'notes', status: 'done', applied: [CREATE] }]);
    const before = await openDatabase({
      url: place.url,
      dataDir: '.',
      entities: [{ plugin: 'notes', entities: [NoteV1] }],
    });
    await inTenant('a', () => before.withData('notes').repo(NoteV1).insert({ title: 'old' }));
    await before.close();

    const now = await set('notes', { [GROW]: grow, [CREATE]: create });
    expect(await run(now)).toEqual([{ plugin: 'notes', status: 'done', applied: [GROW] }]);
    expect(await run(now)).toEqual([{ plugin: 'notes', status: 'done', applied: [] }]);
    await inTenant('a', async () => {
      expect(await notes().find()).toEqual([
        expect.objectContaining({ title: 'old', level: 7, tags: ["it's", 'a\\b'], cents: 100 }),
      ]);
      await expect(notes().insert({ title: 'old' })).rejects.toMatchObject({
        code: 'CONFLICT',
        details: { columns: ['title'] },
      });
    });
    expect(await checkSchema(database)).toEqual(new Map());
    expect(await migrationHistory(database, 'notes')).toEqual(
      [CREATE, GROW].map((name) => ({
        plugin: 'notes',
        name,
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        pluginVersion: '1.2.3',
        status: 'done',
        step: null,
        startedAt: NOW,
        finishedAt: NOW,
      })),
    );
  });

  it('runs the sets in the order given and the migrations of each by name', async () => {
    const order: string[] = [];
    const tell = (what: string): Migration => ({
      async up(schema) {
        await schema.sql('SELECT 1');
        order.push(what);
      },
    });
    const sets = [
      await set('core', { '202602020000-b': tell('core b'), '202601010000-a': tell('core a') }),
      await set('acd', { '202501010000-z': tell('acd z') }),
    ];
    order.length = 0;
    await run(...sets);
    expect(order).toEqual(['core a', 'core b', 'acd z']);
  });

  it('leaves a migration that throws at its step, blocks that plugin alone and names the repair', async () => {
    let broken = true;
    const half: Migration = {
      async up(schema) {
        await schema.createTable(NoteV1);
        await schema.addColumn('notes_note', 'level', int({ default: 7 }));
        if (broken) await schema.sql('UPDATE no_such_table SET x = 1');
        await schema.sql('UPDATE "notes_note" SET "level" = 8');
      },
    };
    const other = await set('acd', { '202601010000-a': { up: (schema) => schema.sql('SELECT 1') } });
    const [blocked, fine] = await run(await set('notes', { [CREATE]: half, [GROW]: grow }), other);
    const repair = `npx jackfield migrate repair notes ${CREATE}`;
    expect(blocked).toMatchObject({ plugin: 'notes', status: 'blocked', applied: [], repair });
    expect(blocked).toHaveProperty(
      'reason',
      expect.stringMatching(/failed at step 3: sql UPDATE no_such_table.*no_such_table/),
    );
    expect(fine).toEqual({ plugin: 'acd', status: 'done', applied: ['202601010000-a'] });
    if (blocked?.status !== 'blocked') throw new Error('not blocked');
    expect(migrationBlocked(blocked)).toMatchObject({
      code: 'MIGRATION_BLOCKED',
      details: { plugin: 'notes', repair },
    });

    broken = false;
    const mended = await set('notes', { [CREATE]: half });
    expect(await run(mended)).toMatchObject([
      {
        status: 'blocked',
        repair,
        reason: expect.stringContaining('left at step 3: sql UPDATE no_such_table'),
      },
    ]);
    expect(await repairMigration(database, 'notes', CREATE)).toBe('rerun');
    expect(await run(mended)).toEqual([{ plugin: 'notes', status: 'done', applied: [CREATE] }]);
  });

  it('blocks a plugin whose migration has changed since it ran, until that is accepted', async () => {
    await run(await set('notes', { [CREATE]: create }));
    const changed = await set('notes', { [CREATE]: { up: (schema) => schema.createTable(Note) } });
    expect(await run(changed)).toMatchObject([
      { status: 'blocked', reason: expect.stringContaining('has changed') },
    ]);
    expect(await repairMigration(database, 'notes', CREATE)).toBe('accepted');
    expect(await run(changed)).toEqual([{ plugin: 'notes', status: 'done', applied: [] }]);
    expect(await run(await set('notes', { [CREATE]: create }))).toMatchObject([{ status: 'blocked' }]);
    await expect(repairMigration(database, 'notes', 'never')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('runs nothing of the plugins while the core is blocked', async () => {
    const fail: Migration = { up: (schema) => schema.sql('nonsense') };
    const [, notesOutcome] = await run(
      await set('core', { [CREATE]: fail }),
      await set('notes', { [CREATE]: create }),
    );
    expect(notesOutcome).toMatchObject({
      plugin: 'notes',
      status: 'blocked',
      reason: expect.stringContaining('core'),
    });
    expect(await checkSchema(database)).toEqual(
      new Map([['notes', 'There is no table notes_note. A migration is missing.']]),
    );
  });

  it.each([
    [
      'addColumn to a table that is not there',
      (s) => s.addColumn('notes_x', 'level', int({ default: 1 })),
      'no table notes_x',
    ],
    [
      'addColumn without a value for the rows',
      (s) => s.addColumn('notes_note', 'level', int()),
      'nullable or have a default',
    ],
    ['addIndex on a column that is not there', (s) => s.addIndex('notes_note', ['levle']), 'no column levle'],
    [
      'a name that is none',
      (s) => s.addColumn('notes_note', 'a" b', int({ default: 1 })),
      'cannot be a name',
    ],
  ] satisfies [string, (schema: Parameters<Migration['up']>[0]) => Promise<void>, string][])(
    'says what is wrong with %s',
    async (_what, up, reason) => {
      const [outcome] = await run(await set('notes', { [CREATE]: create, [GROW]: { up } }));
      expect(outcome).toMatchObject({
        status: 'blocked',
        applied: [CREATE],
        reason: expect.stringContaining(reason),
      });
    },
  );

  it('puts no tenant into the indexes of a system table', async () => {
    const Key = defineEntity({
      table: 'notes_key',
      scope: 'system',
      columns: { code: text(8), at: int({ default: 0 }) },
    });
    const up: Migration['up'] = async (schema) => {
      await schema.createTable(Key);
      await schema.addIndex('notes_key', ['code'], { unique: true, scope: 'system' });
    };
    const forgot: Migration = { up: (schema) => schema.addIndex('notes_key', ['at']) };
    expect(await run(await set('notes', { [CREATE]: { up }, [GROW]: forgot }))).toMatchObject([
      { status: 'blocked', applied: [CREATE], reason: expect.stringContaining("say scope: 'system'") },
    ]);
  });

  it('finds the tables that lack a column or the index that keeps values apart', async () => {
    await run(await set('notes', { [CREATE]: create }));
    expect((await checkSchema(database)).get('notes')).toBe(
      'Table notes_note lacks level, tags, cents. A migration is missing.',
    );
    const columnsOnly: Migration = {
      async up(schema) {
        for (const [name, column] of Object.entries(Note.columns)) {
          if (!Object.hasOwn(NoteV1.columns, name)) await schema.addColumn('notes_note', name, column);
        }
      },
    };
    await run(await set('notes', { [CREATE]: create, [GROW]: columnsOnly }));
    expect((await checkSchema(database)).get('notes')).toBe(
      'Table notes_note lacks the unique index (tenantId, title). A migration is missing.',
    );
  });

  it('makes tables as wide as defineEntity allows', async () => {
    const Wide = defineEntity({
      table: 'notes_wide',
      columns: { a: text(500), b: text(217), long: text(15_000), body: longText() },
      indexes: [{ columns: ['a', 'b'] }],
    });
    expect(
      await run(await set('notes', { [CREATE]: { up: (schema) => schema.createTable(Wide) } })),
    ).toMatchObject([{ status: 'done' }]);
  });

  it('lets one process migrate at a time; the next finds the work done', async () => {
    const second = await open();
    const sets = [await set('notes', { [CREATE]: create, [GROW]: grow })];
    const outcomes = await Promise.all([database, second].map((each) => runMigrations(each, sets)));
    expect(outcomes.flat().flatMap((outcome) => outcome.applied)).toEqual([CREATE, GROW]);
    await withMigrationLock(database, { waitMs: 0, clock: systemClock }, async () => {
      await expect(runMigrations(second, sets, { lockWaitMs: 0 })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    });
    expect(await runMigrations(second, sets, { lockWaitMs: 0 })).toMatchObject([{ status: 'done' }]);
    await second.close();
  });
});

describe('migration files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'jackfield-migrations-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, content: string) => writeFile(path.join(folder, name), content);

  it('are loaded in order, and are the same in TypeScript and in JavaScript', async () => {
    await write(
      '202601020000-b.ts',
      `interface S { sql(s: string): Promise<void> }
      // A comment, and types.
      export default { async up(schema: S): Promise<void> { await schema.sql('SELECT   1'); } };`,
    );
    await write('202601010000-a.js', 'export default { up: (s) => s.sql("SELECT 2") };');
    await write('202601010000-a.d.ts', 'export {};');
    await write('202601010000-a.js.map', '{}');
    const loaded = await loadMigrations(folder);
    expect(loaded.map((each) => each.name)).toEqual(['202601010000-a', '202601020000-b']);

    const built = path.join(folder, 'dist');
    await mkdir(built);
    await writeFile(
      path.join(built, '202601020000-b.js'),
      'export default{async up(x){await x.sql("SELECT 1")}}',
    );
    expect((await loadMigrations(built))[0]?.checksum).toBe(loaded[1]?.checksum);
    expect(loaded[0]?.checksum).not.toBe(loaded[1]?.checksum);
  });

  it('need not be there at all', async () => {
    expect(await loadMigrations(path.join(folder, 'none'))).toEqual([]);
  });

  it.each([
    ['create.js', 'export default { up() {} };', 'YYYYMMDDHHmm-what'],
    ['202601010000-a.js', 'export const up = 1;', 'as its default'],
  ])('refuse %s with %s', async (name, content, reason) => {
    await write(name, content);
    await expect(loadMigrations(folder)).rejects.toMatchObject({
      code: 'PLUGIN_INVALID',
      message: expect.stringContaining(reason),
    });
  });

  it('keep their checksum when only parameters differ, and change it with any step', async () => {
    const sum = (up: Migration['up']) => migrationChecksum({ up });
    const base = await sum((schema) => schema.sql('UPDATE "t" SET "a" = ?', [1]));
    expect(await sum((schema) => schema.sql('UPDATE "t"\n  SET "a" = ?', [Date.now()]))).toBe(base);
    const others = await Promise.all([
      sum((schema) => schema.sql('UPDATE "t" SET "b" = ?', [1])),
      sum(async () => undefined),
      sum((schema) => schema.addColumn('t', 'a', text(8, { default: 'x' }))),
      sum((schema) => schema.addColumn('t', 'a', text(9, { default: 'x' }))),
      sum((schema) => schema.addIndex('t', ['a'])),
      sum((schema) => schema.addIndex('t', ['a'], { unique: true })),
      sum((schema) => schema.dropIndex('t', ['a'])),
      sum((schema) => schema.createTable(NoteV1)),
      sum((schema) => schema.createTable(Note)),
    ]);
    expect(new Set([base, ...others]).size).toBe(others.length + 1);
  });
});

describe('the lock of an SQLite file', () => {
  it('ends with the process that held it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'jackfield-lock-'));
    const file = path.join(folder, 'x.sqlite');
    const holder = spawn(process.execPath, [
      '-e',
      `const S = require('better-sqlite3'); new S(process.argv[1]).exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1000);`,
      `${file}.migration-lock`,
    ]);
    await once(holder.stdout, 'data');
    const database = await openDatabase({ url: `sqlite:${file}`, dataDir: folder, entities: [] });
    await expect(runMigrations(database, [], { lockWaitMs: 0 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await runMigrations(database, [], { lockWaitMs: 0 })).toEqual([]);
    await database.close();
    await rm(folder, { recursive: true });
  });
});
