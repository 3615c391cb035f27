import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { JackfieldError } from '../errors/index.ts';
import type { Migration } from './contract.ts';
import { migrationChecksum } from './migration-checksum.ts';
import type { NamedMigration } from './migrations.ts';

/** `202601311530-what-it-does`; the time keeps the migrations of several authors in order. */
export const MIGRATION_NAME = /^\d{12}-[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * The migrations of a folder, in order: `.js` of a build or `.ts` in tests, each with a `Migration` as its
 * default export. No folder, no migrations. PLUGIN_INVALID for a file that is not one.
 */
export async function loadMigrations(folder: string): Promise<NamedMigration[]> {
  const files = (await listFolder(folder)).filter(isCode).sort();
  const migrations: NamedMigration[] = [];
  for (const file of files) {
    const name = file.replace(/\.[jt]s$/, '');
    if (!MIGRATION_NAME.test(name)) throw invalid(file, 'must be named YYYYMMDDHHmm-what');
    if (migrations.at(-1)?.name === name) throw invalid(file, 'is there as .js and as .ts');
    const loaded: unknown = await import(pathToFileURL(path.join(folder, file)).href);
    const migration = defaultExport(loaded);
    if (!migration) throw invalid(file, 'must export a migration, { up(schema) }, as its default');
    migrations.push({
      name,
      checksum: await migrationChecksum(migration),
      up: (schema) => migration.up(schema),
    });
  }
  return migrations;
}

/** The core's own: `migrations/` at the root, compiled to `migrations/dist`, as this file is to `core/dist`. */
export function coreMigrationsFolder(): string {
  const here = fileURLToPath(import.meta.url);
  const root = here.endsWith('.ts') ? '../../../migrations' : '../../../../migrations/dist';
  return path.resolve(path.dirname(here), root);
}

function isCode(file: string): boolean {
  return /\.[jt]s$/.test(file) && !/\.(d|test)\.ts$/.test(file);
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function defaultExport(loaded: unknown): Migration | null {
  if (typeof loaded !== 'object' || loaded === null || !('default' in loaded)) return null;
  const found = loaded.default;
  return isMigration(found) ? found : null;
}

function isMigration(value: unknown): value is Migration {
  return typeof value === 'object' && value !== null && 'up' in value && typeof value.up === 'function';
}

function invalid(file: string, problem: string): JackfieldError {
  return new JackfieldError('PLUGIN_INVALID', `Migration ${file} ${problem}.`, { details: { file } });
}
