import { existsSync } from 'node:fs';
import { readConfig } from '../boot/config.ts';
import { parseDatabaseUrl } from '../data/data-source.ts';
import { type Database, openDatabase } from '../data/database.ts';
import type { LedgerRow } from '../data/migration-ledger.ts';
import { migrationHistory, repairMigration } from '../data/migrations.ts';
import { type Command, type ExitCode, type Terminal, UsageError } from './command.ts';

const ENVIRONMENT = 'DATA_DIR and DATABASE_URL must be set as they are for the server.';

export const migrateStatus: Command = {
  name: 'migrate status',
  usage: '[<plugin>]',
  summary: 'Shows which migrations have run, and which were left half way.',
  help: `Of one plugin, of "core", or of all. Ends with 1 when one did not finish. ${ENVIRONMENT}`,
  arity: [0, 1],
  run: ({ args: [plugin] }, terminal) =>
    withDatabase(terminal, async (database): Promise<ExitCode> => {
      const rows = await migrationHistory(database, plugin);
      if (rows.length === 0)
        terminal.out(plugin ? `No migration of "${plugin}" has run.` : 'No migration has run.');
      else terminal.out(table(rows));
      const left = rows.filter(({ status }) => status === 'started');
      for (const { plugin: owner, name } of left) {
        terminal.err(`Look at it, then: npx jackfield migrate repair ${owner} ${name}`);
      }
      return left.length > 0 ? 1 : 0;
    }),
};

export const migrateRepair: Command = {
  name: 'migrate repair',
  usage: '<plugin> <name>',
  summary: 'Lets a migration run again that was left, or accepts one that was changed.',
  help: [
    'A migration that did not finish runs again from its first step at the next start; each step looks first,',
    'so what is there already stays. One that has changed since it ran counts as done in its new form.',
    ENVIRONMENT,
  ].join('\n'),
  arity: [2, 2],
  run: ({ args: [plugin = '', name = ''] }, terminal) =>
    withDatabase<ExitCode>(terminal, async (database) => {
      const result = await repairMigration(database, plugin, name);
      terminal.out(
        result === 'rerun'
          ? `Migration ${name} of "${plugin}" runs again at the next start.`
          : `Migration ${name} of "${plugin}" counts as done in its present form.`,
      );
      return 0;
    }),
};

async function withDatabase<T>({ env }: Terminal, work: (database: Database) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = readConfig(env);
  const address = parseDatabaseUrl(databaseUrl, dataDir);
  // Opening it would make an empty one, and a wrong DATA_DIR would look like a server without migrations.
  if (address.dialect === 'sqlite' && !existsSync(address.file)) {
    throw new UsageError(`There is no database ${address.file}; ${ENVIRONMENT}`);
  }
  const database = await openDatabase({ url: databaseUrl, dataDir, entities: [] });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function table(rows: readonly LedgerRow[]): string {
  const cells = rows.map(({ plugin, name, status, step, checksum, finishedAt }) => [
    plugin,
    name,
    status === 'started' ? `left at ${step ?? 'its begin'}` : checksum === '' ? 'accepted' : 'done',
    finishedAt === null ? '' : new Date(finishedAt).toISOString(),
  ]);
  const width = (column: number) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  const widths = [0, 1, 2].map(width);
  return cells
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
