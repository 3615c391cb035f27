import type { DialectName } from './dialect.ts';
import { binaryCollation, type Statements } from './introspect.ts';

/** The table that says which migration of which plugin has run. */
export const LEDGER = 'core_plugin_migration';

export interface LedgerRow {
  readonly plugin: string;
  readonly name: string;
  /** Empty once an operator has accepted a changed migration; the next run fills it in. */
  readonly checksum: string;
  readonly pluginVersion: string;
  readonly status: 'started' | 'done';
  /** The step it was at, `2: addIndex …`; null once done. */
  readonly step: string | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

export interface Ledger {
  ensure(): Promise<void>;
  /** Of one plugin, or all; by plugin and name. */
  rows(plugin?: string): Promise<LedgerRow[]>;
  start(row: Pick<LedgerRow, 'plugin' | 'name' | 'checksum' | 'pluginVersion' | 'startedAt'>): Promise<void>;
  step(plugin: string, name: string, step: string): Promise<void>;
  done(plugin: string, name: string, finishedAt: number): Promise<void>;
  setChecksum(plugin: string, name: string, checksum: string): Promise<void>;
  remove(plugin: string, name: string): Promise<void>;
}

const MAX_STEP = 250;

export function createLedger(statements: Statements, dialect: DialectName): Ledger {
  return {
    async ensure() {
      const suffix =
        dialect === 'mysql'
          ? `ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${await binaryCollation(statements, dialect)}`
          : '';
      await statements.query(
        `CREATE TABLE IF NOT EXISTS "${LEDGER}" (
          "plugin" VARCHAR(64) NOT NULL, "name" VARCHAR(190) NOT NULL, "checksum" VARCHAR(64) NOT NULL,
          "pluginVersion" VARCHAR(64) NOT NULL, "status" VARCHAR(16) NOT NULL, "step" VARCHAR(255) NULL,
          "startedAt" BIGINT NOT NULL, "finishedAt" BIGINT NULL, PRIMARY KEY ("plugin", "name")) ${suffix}`,
      );
    },
    async rows(plugin) {
      const rows = await statements.query(
        `SELECT * FROM "${LEDGER}" ${plugin === undefined ? '' : 'WHERE "plugin" = ?'} ORDER BY "plugin", "name"`,
        plugin === undefined ? [] : [plugin],
      );
      return Array.isArray(rows) ? rows.map(toLedgerRow) : [];
    },
    async start(row) {
      await statements.query(
        `INSERT INTO "${LEDGER}" ("plugin", "name", "checksum", "pluginVersion", "status", "startedAt") VALUES (?, ?, ?, ?, 'started', ?)`,
        [row.plugin, row.name, row.checksum, row.pluginVersion, row.startedAt],
      );
    },
    async step(plugin, name, step) {
      await statements.query(`UPDATE "${LEDGER}" SET "step" = ? WHERE "plugin" = ? AND "name" = ?`, [
        step.slice(0, MAX_STEP),
        plugin,
        name,
      ]);
    },
    async done(plugin, name, finishedAt) {
      await statements.query(
        `UPDATE "${LEDGER}" SET "status" = 'done', "step" = NULL, "finishedAt" = ? WHERE "plugin" = ? AND "name" = ?`,
        [finishedAt, plugin, name],
      );
    },
    async setChecksum(plugin, name, checksum) {
      await statements.query(`UPDATE "${LEDGER}" SET "checksum" = ? WHERE "plugin" = ? AND "name" = ?`, [
        checksum,
        plugin,
        name,
      ]);
    },
    async remove(plugin, name) {
      await statements.query(`DELETE FROM "${LEDGER}" WHERE "plugin" = ? AND "name" = ?`, [plugin, name]);
    },
  };
}

/** MySQL's BIGINT may come as a string. */
function toLedgerRow(row: LedgerRow): LedgerRow {
  return {
    ...row,
    startedAt: Number(row.startedAt),
    finishedAt: row.finishedAt === null ? null : Number(row.finishedAt),
  };
}
