/**
 * The plugin contract.
 *
 * Order at start: discover → verify → order → collect entities → migrate → `setup` (dependencies first,
 *   synchronous, only registers) → `start` (may take 10 s) → listen. Stop is the reverse.
 * May fail: any step. The plugin is then quarantined with its reason, those that require it with
 *   "depends on <id>", and the server goes on. Shown in the admin, on the console and in `/readyz`.
 * After a crash: a plugin whose `setup` or `start` was running when the process died is skipped at the next
 *   start (boot marker) until the operator clears it.
 * A tenant never sees: a plugin that is not active for it. `isActive(tenant, plugin)` is asked at every border.
 */
import type { Logger } from 'pino';
import type { PluginAudit } from '../audit/contract.ts';
import type { Clock } from '../boot/clock.ts';
import type { BaseRow, EntityDefinition, PluginData } from '../data/contract.ts';
import type { PluginEvents } from '../events/contract.ts';
import type { PluginCalls } from '../freeswitch/call/contract.ts';
import type { PluginHooks } from '../hooks/contract.ts';
import type { PluginRoutes } from '../http/contract.ts';
import type { PluginI18n } from '../i18n/contract.ts';
import type { PluginJobs } from '../jobs/contract.ts';
import type { PluginRealtime } from '../realtime/contract.ts';
import type { PluginSettings } from '../settings/contract.ts';
import type { PluginStorage } from '../storage/contract.ts';
import type { PluginDirectory } from '../tenants/contract.ts';

export interface PluginDefinition {
  readonly entities?: readonly EntityDefinition<BaseRow>[];
  /** Registers and returns; no I/O. What it registers is undone by name when the plugin is quarantined. */
  setup(ctx: PluginContext): void;
  start?(ctx: PluginContext): Promise<void>;
  stop?(ctx: PluginContext): Promise<void>;
  /** Runs in the tenant's scope before the plugin is switched on there; must be safe to run again. A throw keeps it off. */
  onTenantEnable?(ctx: PluginContext): Promise<void>;
  onTenantDisable?(ctx: PluginContext): Promise<void>;
}

/**
 * What one plugin offers another: a token in its `contract.ts` and, behind it, an object made for each
 * consumer, so that whatever a consumer registers is booked under the consumer's id.
 */
export interface Contract<Api> {
  readonly plugin: string;
  /** Type only; never set. */
  readonly $api?: Api;
}
export interface Consumer {
  readonly pluginId: string;
  /** Is the consumer active in the scope? A provider skips what an inactive consumer registered. */
  isActive(): boolean;
  /** Books an undo, run when the consumer is quarantined or stopped. */
  onUndo(undo: () => void): void;
}

export interface PluginContext extends PluginData {
  readonly id: string;
  readonly version: string;
  readonly routes: PluginRoutes;
  readonly hooks: PluginHooks;
  readonly events: PluginEvents;
  readonly jobs: PluginJobs;
  readonly realtime: PluginRealtime;
  readonly settings: PluginSettings;
  readonly storage: PluginStorage;
  readonly audit: PluginAudit;
  readonly i18n: PluginI18n;
  readonly log: Logger;
  readonly clock: Clock;
  /** Users and tenants, read only. */
  readonly directory: PluginDirectory;
  /** Calls; refused at verification unless plugin.json declares `uses.telephony`. */
  readonly calls: PluginCalls;
  /** Is this plugin active for the tenant of the scope? */
  isActive(): boolean;
  /**
   * Runs `fn` as the server itself in the scope of a tenant: what a timer, a job for the server as a whole or
   * `start` does for one of them. Refused unless plugin.json declares `uses.acrossTenants`.
   */
  inTenant<T>(tenantId: string, fn: () => T): T;
  provide<Api>(contract: Contract<Api>, make: (consumer: Consumer) => Api): void;
  /** The API of a plugin named in `requires`. */
  use<Api>(contract: Contract<Api>): Api;
  /** The API of a plugin named in `optional`; null when it is not installed or is quarantined. */
  useOptional<Api>(contract: Contract<Api>): Api | null;
}
