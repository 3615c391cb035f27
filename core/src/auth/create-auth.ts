import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../boot/clock.ts';
import type { PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import type { PluginDirectory } from '../tenants/contract.ts';
import { createDirectory } from '../tenants/directory.ts';
import { scope } from '../tenants/scope.ts';
import type { TenantRow } from '../tenants/tenant.entity.ts';
import { createTenants, type NewTenant, type Tenants } from '../tenants/tenants.ts';
import { accountName } from './account-name.ts';
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { createAttempts } from './attempts.ts';
import { createAuthenticator } from './authenticator.ts';
import { type Captchas, createCaptchas } from './captcha/captchas.ts';
import type { Random } from './captcha/puzzle.ts';
import type { Authenticator, PermissionDefinition } from './contract.ts';
import { corePermissions } from './core-permissions.ts';
import type { UserRow } from './entities/user.entity.ts';
import { isTimeZone } from './local-day.ts';
import { createPasswords, type Passwords } from './password.ts';
import { adminRole, createPermissionCatalog, type PermissionCatalog } from './permission-catalog.ts';
import { createRoles, type Roles } from './roles.ts';
import { createSessions, type Sessions, type SessionTimes } from './sessions.ts';
import { createSignIn, type SignInRequest } from './sign-in.ts';
import { createUsersRepo, type UsersRepo } from './users.repo.ts';
import { createUsers, type Users } from './users.ts';

const hourMs = 3_600_000;

export interface AuthDependencies {
  /** `database.withData('core')`. */
  readonly data: PluginData;
  readonly clock: Clock;
  readonly audit: Audit;
  /** Told when the hourly removal of what has expired fails. */
  readonly onError: (error: unknown) => void;
  readonly sessionTimes?: Partial<SessionTimes>;
  /** Cost of scrypt, 15 unless given; less in tests only. */
  readonly passwordLog2N?: number;
  /** For the captcha's picture. */
  readonly random?: Random;
}
export interface FirstAdmin {
  readonly username: string;
  readonly name: string;
  readonly password: string;
}

/** People, their rights and their sessions. `resolve` is what HTTP and socket.io ask. */
export interface Auth extends Authenticator {
  /** As plugin.json has them; the undo takes them away again. Counts at once for everyone signed in. */
  registerPermissions(pluginId: string, definitions: readonly PermissionDefinition[]): () => void;
  /** What `ctx.directory` is, for every plugin. */
  readonly directory: PluginDirectory;
  /** A tenant with its built-in roles and its first administrator. CONFLICT when the slug is taken. */
  createTenant(values: NewTenant, admin: FirstAdmin): Promise<TenantRow>;
  /** Runs after each new tenant, in its scope and its transaction; a throw leaves no tenant behind. */
  onTenantCreated(listener: (tenant: TenantRow) => Promise<void>): () => void;
  createOperator(admin: FirstAdmin): Promise<UserRow>;
  /** See `createSignIn` for its errors. */
  signIn(
    request: SignInRequest,
    from: { ip: string; userAgent: string },
  ): Promise<{ token: string; user: UserRow }>;
  /** Removes once an hour what has expired. Returns the stop. */
  start(): () => void;
  /** For changes made past this interface: this process forgets whom it knows. */
  forget(): void;
  /** Told when people, rights or sessions may have changed: who is connected is to be asked for again. */
  onChange(listener: () => void): () => void;

  readonly catalog: PermissionCatalog;
  readonly users: Users;
  readonly usersRepo: UsersRepo;
  readonly roles: Roles;
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly captchas: Captchas;
  readonly tenants: Tenants;
  readonly passwords: Passwords;
}

export function createAuth(dependencies: AuthDependencies): Auth {
  const { data, clock, onError, random = Math.random } = dependencies;
  const audit = dependencies.audit.auditFor('core');
  const tenants = createTenants(data, clock);
  const catalog = createPermissionCatalog();
  catalog.register('core', corePermissions);
  const usersRepo = createUsersRepo(data);
  const roles = createRoles(data, catalog, usersRepo, audit);
  const sessions = createSessions(data, clock, {
    idleMs: dependencies.sessionTimes?.idleMs ?? 12 * hourMs,
    maxMs: dependencies.sessionTimes?.maxMs ?? 7 * 24 * hourMs,
  });
  const apiKeys = createApiKeys(data, clock, audit);
  const passwords = createPasswords(dependencies.passwordLog2N);
  const attempts = createAttempts(data);
  const captchas = createCaptchas(data, clock, random);
  const authenticator = createAuthenticator({
    clock,
    users: usersRepo,
    roles,
    sessions,
    apiKeys,
    tenants,
    catalog,
  });
  const changeListeners = new Set<() => void>();
  function forget(): void {
    authenticator.forget();
    for (const listener of changeListeners) listener();
  }
  const users = createUsers({
    data,
    clock,
    repo: usersRepo,
    roles,
    sessions,
    passwords,
    attempts,
    tenants,
    audit,
    onChange: forget,
  });
  const provePassword = createSignIn({ clock, users: usersRepo, tenants, passwords, attempts, captchas });
  const tenantListeners = new Set<(tenant: TenantRow) => Promise<void>>();

  async function sweep(): Promise<void> {
    const now = clock.now();
    await sessions.sweep(now);
    await captchas.sweep(now);
    await attempts.sweep(now);
  }

  return {
    resolve: authenticator.resolve,
    forget,
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    registerPermissions: (pluginId, definitions) => catalog.register(pluginId, definitions),
    directory: createDirectory(usersRepo, tenants, authenticator.permissionsOf),
    async createTenant(values, admin) {
      if (!isTimeZone(values.timeZone)) {
        throw new JackfieldError('VALIDATION_FAILED', undefined, {
          details: { errors: [{ path: 'body.timeZone', message: values.timeZone }] },
        });
      }
      const passwordHash = await passwords.hash(admin.password);
      const actor = scope.current()?.actor ?? { kind: 'system' as const };
      const requestId = scope.current()?.requestId ?? '';
      return data.tx(async () => {
        const tenant = await tenants.insert(values);
        await audit.record({
          action: 'tenant.create',
          target: { type: 'tenant', id: tenant.id, label: tenant.slug },
          after: values,
        });
        await scope.run({ tenantId: tenant.id, actor, requestId }, async () => {
          await roles.ensureBuiltIn(values.locale);
          const role = await roles.byKey(adminRole);
          await usersRepo.insert({
            username: accountName(admin.username, null),
            account: accountName(admin.username, values.slug),
            name: admin.name,
            passwordHash,
            roleId: role.id,
          });
          for (const listener of tenantListeners) await listener(tenant);
        });
        return tenant;
      });
    },
    onTenantCreated(listener) {
      tenantListeners.add(listener);
      return () => tenantListeners.delete(listener);
    },
    async createOperator({ username, name, password }) {
      const account = accountName(username, null);
      const passwordHash = await passwords.hash(password);
      return usersRepo.insertOperator({ username: account, account, name, passwordHash });
    },
    async signIn(request, from) {
      const user = await provePassword(request);
      const token = await sessions.start(user.id, from);
      return { token, user };
    },
    start: () => clock.every(hourMs, () => void sweep().catch(onError)),
    catalog,
    users,
    usersRepo,
    roles,
    sessions,
    apiKeys,
    captchas,
    tenants,
    passwords,
  };
}
