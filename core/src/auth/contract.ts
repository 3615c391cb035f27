import type { IncomingHttpHeaders } from 'node:http';
import type { Locale, LocalText } from '../i18n/contract.ts';
import type { Actor } from '../tenants/scope.ts';

/** Who a request or a socket belongs to, as read from its cookie or bearer key. */
export interface Identity {
  readonly actor: Extract<Actor, { kind: 'user' }>;
  /** Null for an operator, who stands above the tenants. */
  readonly tenantId: string | null;
  readonly locale: Locale;
  readonly via: 'cookie' | 'bearer';
}

/**
 * Reads the session of a request or of a socket.io handshake. Null when there is none, it has expired, it
 * was ended or its user disabled; a change of rights or a sign-out is seen by every process within seconds.
 */
export interface Authenticator {
  resolve(headers: IncomingHttpHeaders): Promise<Identity | null>;
}

/** A permission of plugin.json, or one of the core's own. */
export interface PermissionDefinition {
  /** `<plugin>:<action>`. */
  readonly key: string;
  readonly title: LocalText;
  /** Heading under which the role editor shows it. */
  readonly group?: string | undefined;
  /** Keys of built-in roles that get it in every tenant: `agent`, `agent-administrator`, `supervisor`. `admin` has all. */
  readonly defaultRoles?: readonly string[] | undefined;
}
