import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../boot/clock.ts';
import { scope } from '../tenants/scope.ts';
import type { Tenants } from '../tenants/tenants.ts';
import { createTtlCache } from '../tenants/ttl-cache.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Authenticator, Identity } from './contract.ts';
import type { UserRow } from './entities/user.entity.ts';
import { type PermissionCatalog, permissionsOfOperator } from './permission-catalog.ts';
import type { Roles } from './roles.ts';
import { sessionCookie } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';
import { hashToken } from './tokens.ts';
import type { UsersRepo } from './users.repo.ts';

/** How long a process may go on believing what it has read: what another process changed counts after that. */
const believeMs = 5_000;

export interface CachedAuthenticator extends Authenticator {
  /** After a change of sessions, users or rights: this process sees it at once. */
  forget(): void;
  permissionsOf(user: Pick<UserRow, 'tenantId' | 'roleId'>): Promise<ReadonlySet<string>>;
}

export interface AuthenticatorDependencies {
  readonly clock: Clock;
  readonly users: UsersRepo;
  readonly roles: Roles;
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly tenants: Tenants;
  readonly catalog: PermissionCatalog;
}

export function createAuthenticator(dependencies: AuthenticatorDependencies): CachedAuthenticator {
  const { clock, users, roles, sessions, apiKeys, tenants, catalog } = dependencies;
  const identities = createTtlCache<Identity | null>(clock, believeMs);
  const rolePermissions = createTtlCache<ReadonlySet<string>>(clock, believeMs);
  let catalogVersion = catalog.version();

  function forget(): void {
    identities.clear();
    rolePermissions.clear();
  }

  async function permissionsOf(user: Pick<UserRow, 'tenantId' | 'roleId'>): Promise<ReadonlySet<string>> {
    const { tenantId, roleId } = user;
    if (tenantId === null) return permissionsOfOperator(catalog.list());
    if (roleId === null) return new Set();
    return rolePermissions.get(`${tenantId} ${roleId}`, () =>
      scope.runAsSystem(tenantId, '', async () => roles.permissions(await roles.get(roleId))),
    );
  }

  async function identify(userId: string, sessionId: string, via: Identity['via']): Promise<Identity | null> {
    const user = await users.byProvedId(userId);
    if (!user || user.disabled) return null;
    const tenant = user.tenantId === null ? null : await tenants.get(user.tenantId);
    return {
      actor: {
        kind: 'user',
        userId: user.id,
        name: user.name,
        sessionId,
        permissions: await permissionsOf(user),
      },
      tenantId: user.tenantId,
      locale: user.locale ?? tenant?.locale ?? 'en',
      via,
    };
  }

  async function bySession(hash: string): Promise<Identity | null> {
    const session = await sessions.find(hash);
    return session && identify(session.userId, session.id, 'cookie');
  }

  async function byKey(hash: string): Promise<Identity | null> {
    const key = await apiKeys.find(hash);
    const identity = key && (await identify(key.userId, key.id, 'bearer'));
    if (!identity) return null;
    const permissions = new Set(key.permissions.filter((each) => identity.actor.permissions.has(each)));
    return { ...identity, actor: { ...identity.actor, permissions } };
  }

  return {
    forget,
    permissionsOf,
    async resolve(headers) {
      const credential = readCredential(headers);
      if (!credential) return null;
      if (catalogVersion !== catalog.version()) {
        catalogVersion = catalog.version();
        forget();
      }
      const hash = hashToken(credential.token);
      return identities.get(`${credential.via} ${hash}`, () =>
        credential.via === 'bearer' ? byKey(hash) : bySession(hash),
      );
    },
  };
}

/** A bearer key comes before a cookie: whoever sends both means the key. */
export function readCredential(headers: IncomingHttpHeaders): { token: string; via: Identity['via'] } | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer) return { token: bearer, via: 'bearer' };
  if (headers.authorization) return null;
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === sessionCookie && value) return { token: value, via: 'cookie' };
  }
  return null;
}
