import { type Clock, systemClock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Migration } from './contract.ts';
import type { Database } from './database.ts';
import type { Statements } from './introspect.ts';
import { MIGRATION_NAME } from './migration-files.ts';
import { createLedger, type Ledger, type LedgerRow } from './migration-ledger.ts';
import { withMigrationLock } from './migration-lock.ts';
import { createSchemaSteps } from './schema-steps.ts';

export interface NamedMigration extends Migration {
  /** `YYYYMMDDHHmm-what`. */
  readonly name: string;
  /** See `migrationChecksum`. */
  readonly checksum: string;
}

export interface MigrationSet {
  /** Plugin id, or `core`. */
  readonly plugin: string;
  readonly version: string;
  readonly migrations: readonly NamedMigration[];
}

/** `applied`: the names that ran now. A blocked plugin is quarantined with `reason`; the others go on. */
export type MigrationOutcome =
  | { readonly plugin: string; readonly status: 'done'; readonly applied: readonly string[] }
  | {
      readonly plugin: string;
      readonly status: 'blocked';
      readonly applied: readonly string[];
      readonly reason: string;
      /** The command that clears it, where one does. */
      readonly repair: string | null;
    };

export interface MigrationRunOptions {
  readonly clock?: Clock;
  /** How long to wait for another process that migrates, in ms; a minute unless given. */
  readonly lockWaitMs?: number;
}

const LOCK_WAIT_MS = 60_000;

/**
 * Brings the tables of all given plugins up to date, in the order given; the core comes first, and if the
 * core is blocked so is everything else. Gives one outcome for each set. UNAVAILABLE when another process
 * holds the lock for too long; nothing has run then.
 */
export async function runMigrations(
  database: Database,
  sets: readonly MigrationSet[],
  options: MigrationRunOptions = {},
): Promise<MigrationOutcome[]> {
  const clock = options.clock ?? systemClock;
  const lock = { clock, waitMs: options.lockWaitMs ?? LOCK_WAIT_MS };
  return withMigrationLock(database, lock, async (statements) => {
    const ledger = createLedger(statements, database.dialect);
    await ledger.ensure();
    const outcomes: MigrationOutcome[] = [];
    for (const set of sets) {
      const core = outcomes.find((outcome) => outcome.plugin === 'core');
      outcomes.push(
        core?.status === 'blocked'
          ? { ...core, plugin: set.plugin, applied: [], reason: `The core is blocked: ${core.reason}` }
          : await runSet({ set, ledger, statements, database, clock }),
      );
    }
    return outcomes;
  });
}

/** The error of a blocked outcome, for where one is thrown rather than shown. */
export function migrationBlocked(outcome: MigrationOutcome & { status: 'blocked' }): JackfieldError {
  return new JackfieldError('MIGRATION_BLOCKED', outcome.reason, {
    details: { plugin: outcome.plugin, repair: outcome.repair },
  });
}

/**
 * Clears what blocks a plugin, after the operator has looked: a migration that was left will run again from
 * its first step (`rerun`), a changed one counts as done in its new form (`accepted`). NOT_FOUND if it never ran.
 */
export async function repairMigration(
  database: Database,
  plugin: string,
  name: string,
  options: MigrationRunOptions = {},
): Promise<'rerun' | 'accepted'> {
  const lock = { clock: options.clock ?? systemClock, waitMs: options.lockWaitMs ?? LOCK_WAIT_MS };
  return withMigrationLock(database, lock, async (statements) => {
    const ledger = createLedger(statements, database.dialect);
    await ledger.ensure();
    const row = (await ledger.rows(plugin)).find((each) => each.name === name);
    if (!row) throw new JackfieldError('NOT_FOUND', `Migration ${name} of plugin ${plugin} has never run.`);
    if (row.status === 'started') {
      await ledger.remove(plugin, name);
      return 'rerun';
    }
    await ledger.setChecksum(plugin, name, '');
    return 'accepted';
  });
}

/** What has run, of one plugin or all. Needs a database that has been migrated at least once. */
export async function migrationHistory(database: Database, plugin?: string): Promise<LedgerRow[]> {
  const query: Statements['query'] = (sql, parameters = []) =>
    database.session.run((manager) => manager.query(sql, [...parameters]));
  return createLedger({ query }, database.dialect).rows(plugin);
}

interface SetRun {
  readonly set: MigrationSet;
  readonly ledger: Ledger;
  readonly statements: Statements;
  readonly database: Database;
  readonly clock: Clock;
}

async function runSet({ set, ledger, statements, database, clock }: SetRun): Promise<MigrationOutcome> {
  const { plugin, version } = set;
  const applied: string[] = [];
  const blocked = (reason: string, name?: string): MigrationOutcome => ({
    plugin,
    status: 'blocked',
    applied,
    reason,
    repair: name === undefined ? null : `npx jackfield migrate repair ${plugin} ${name}`,
  });
  const ordered = set.migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const misnamed = ordered.find(({ name }, i) => !MIGRATION_NAME.test(name) || ordered[i + 1]?.name === name);
  if (misnamed) return blocked(`Migration ${misnamed.name} must have a name of its own, YYYYMMDDHHmm-what.`);

  const rows = await ledger.rows(plugin);
  const left = rows.find((row) => row.status === 'started');
  if (left) {
    return blocked(
      `Migration ${left.name} did not finish; it was left at step ${left.step ?? '0'}.`,
      left.name,
    );
  }
  const done = new Map(rows.map((row) => [row.name, row]));
  const changed = ordered.find(
    ({ name, checksum }) => ![undefined, '', checksum].includes(done.get(name)?.checksum),
  );
  if (changed) return blocked(`Migration ${changed.name} has changed since it ran.`, changed.name);

  for (const { name, checksum, up } of ordered) {
    const row = done.get(name);
    if (row) {
      if (row.checksum === '') await ledger.setChecksum(plugin, name, checksum);
      continue;
    }
    let at = '0';
    await ledger.start({ plugin, name, checksum, pluginVersion: version, startedAt: clock.now() });
    try {
      const onStep = async (step: string) => {
        at = step;
        await ledger.step(plugin, name, step);
      };
      await up(createSchemaSteps({ statements, dialect: database.dialect, onStep }));
    } catch (error) {
      return blocked(`Migration ${name} failed at step ${at}: ${reasonOf(error)}`, name);
    }
    await ledger.done(plugin, name, clock.now());
    applied.push(name);
  }
  return { plugin, status: 'done', applied };
}

/** The innermost message: of the database rather than "something went wrong". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return JackfieldError.is(error) && error.cause instanceof Error ? error.cause.message : error.message;
}
