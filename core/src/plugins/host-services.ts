/**
 * What the loader needs of the rest of the server. It is given, not imported: `core/src/boot` wires the real
 * ones, tests give their own, and no folder of the core depends on the plugins.
 */
import type { Logger } from 'pino';
import type { PluginAudit } from '../audit/contract.ts';
import type { PluginData } from '../data/contract.ts';
import type { MigrationOutcome, MigrationSet } from '../data/migrations.ts';
import type { PluginEvents } from '../events/contract.ts';
import type { PluginCalls } from '../freeswitch/call/contract.ts';
import type { PluginRoutes } from '../http/contract.ts';
import type { PluginI18n } from '../i18n/contract.ts';
import type { PluginJobs } from '../jobs/contract.ts';
import type { PluginRealtime } from '../realtime/contract.ts';
import type { PluginSettings } from '../settings/contract.ts';
import type { PluginStorage } from '../storage/contract.ts';
import type { PluginDirectory } from '../tenants/contract.ts';
import type { PluginIdentity } from './identity.ts';

/**
 * Makes the API one plugin gets. `book` keeps the undo of a registration: it is run when the plugin is
 * quarantined or stopped, last first. It returns the undo to hand on to the plugin.
 */
export type Capability<Api> = (plugin: PluginIdentity, book: Book) => Api;
export type Book = (undo: () => void) => () => void;

export interface HostServices {
  readonly data: Capability<PluginData>;
  readonly routes: Capability<PluginRoutes>;
  readonly events: Capability<PluginEvents>;
  readonly jobs: Capability<PluginJobs>;
  readonly realtime: Capability<PluginRealtime>;
  readonly settings: Capability<PluginSettings>;
  readonly storage: Capability<PluginStorage>;
  readonly audit: Capability<PluginAudit>;
  readonly i18n: Capability<PluginI18n>;
  readonly log: Capability<Logger>;
  readonly directory: Capability<PluginDirectory>;
  readonly calls: Capability<PluginCalls>;
}

/**
 * Brings the tables of all plugins up to date, dependencies first, before any `setup`; `runMigrations` of the
 * data layer, with the core's own set in front. A blocked plugin is quarantined with the reason.
 */
export type MigratePlugins = (sets: readonly MigrationSet[]) => Promise<readonly MigrationOutcome[]>;
