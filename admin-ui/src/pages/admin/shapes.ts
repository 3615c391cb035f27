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
  readonly locked?: boolean;
  readonly lastSignInAt: number | null;
}
export interface RoleItem {
  readonly id: string;
  /** Of a built-in role. */
  readonly key: string | null;
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
  readonly memberCount?: number;
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
  readonly title: LocalText;
  readonly group?: string;
}
export interface PluginItem {
  readonly id: string;
  readonly title: LocalText;
  readonly description: LocalText;
  readonly version: string;
  readonly scope: 'tenant' | 'system';
  readonly state: string;
  /** By the plan. */
  readonly allowed: boolean;
  readonly enabled: boolean;
  readonly requires: readonly string[];
  readonly error: string | null;
}
export interface AuditItem {
  readonly id: string;
  readonly at: number;
  readonly actor: { readonly kind: string; readonly id?: string | null; readonly name?: string | null };
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string; readonly label?: string | null };
  readonly before?: unknown;
  readonly after?: unknown;
  readonly ip?: string | null;
}
