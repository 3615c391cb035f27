/** What the core's administration routes answer. Times are epoch milliseconds UTC. */
import type { LocalText } from '../../../sdk/types.ts';

export interface UserItem {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly mobile: string | null;
  readonly roleId: string | null;
  readonly disabled: boolean;
  /** Too many wrong passwords today. */
  readonly locked: boolean;
  readonly lastSignInAt: number | null;
}
export interface RoleItem {
  readonly id: string;
  /** Of a built-in role. */
  readonly key: string | null;
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
  /** False for the administrator, who has every permission. */
  readonly permissionsEditable: boolean;
  readonly memberCount: number;
}
export interface MemberItem {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly mobile: string | null;
}
export interface PermissionItem {
  readonly key: string;
  readonly plugin: string;
  readonly title: LocalText;
  readonly group: string;
}
export interface PluginItem {
  readonly id: string;
  readonly title: LocalText;
  readonly description: LocalText | null;
  readonly version: string | null;
  readonly scope: 'tenant' | 'system';
  readonly state: string;
  /** By the plan; null for an operator, who stands in no tenant. */
  readonly allowed: boolean | null;
  readonly enabled: boolean | null;
  /** Plugin id → version range. */
  readonly requires: Readonly<Record<string, string>>;
  /** For operators only. */
  readonly error: { readonly step: string; readonly reason: string } | null;
}
export interface AuditItem {
  readonly id: string;
  readonly at: number;
  readonly plugin: string;
  readonly actor: {
    readonly kind: 'anonymous' | 'system' | 'user';
    readonly id: string | null;
    readonly name: string;
  };
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string; readonly label: string | null };
  readonly before?: unknown;
  readonly after?: unknown;
}

/** `GET core/health`, as core/src/health/contract.ts says it. */
export interface HealthReport {
  readonly switch: {
    readonly state: 'connecting' | 'connected' | 'stopped';
    readonly since: number | null;
    readonly version: string | null;
    readonly emulator: boolean;
    readonly lastError: string | null;
  };
  readonly database: 'sqlite' | 'mysql';
  readonly jobs: 'database' | 'redis';
  readonly plugins: readonly {
    readonly id: string;
    readonly title: LocalText;
    readonly version: string | null;
    readonly step: string;
    readonly reason: string;
  }[];
  readonly circuits: readonly {
    readonly point: string;
    readonly pluginId: string;
    readonly errors: number;
    readonly openUntil: number;
    readonly lastError: string;
  }[];
  readonly failedEvents: readonly (FailedItem & { readonly subscriber: string })[];
  readonly failedJobs: readonly FailedItem[];
}
interface FailedItem {
  readonly id: string;
  readonly name: string;
  /** Null for the installation itself. */
  readonly tenant: string | null;
  readonly attempts: number;
  readonly error: string;
  readonly failedAt: number;
}
