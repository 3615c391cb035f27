import type { PluginAudit } from '../audit/contract.ts';
import type { Clock } from '../boot/clock.ts';
import type { PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Locale } from '../i18n/contract.ts';
import { scope } from '../tenants/scope.ts';
import type { Tenants } from '../tenants/tenants.ts';
import { accountName } from './account-name.ts';
import type { Attempts } from './attempts.ts';
import type { UserRow } from './entities/user.entity.ts';
import { localDay } from './local-day.ts';
import type { Passwords } from './password.ts';
import type { Roles } from './roles.ts';
import type { Sessions } from './sessions.ts';
import type { UsersRepo } from './users.repo.ts';

export interface NewUser {
  readonly username: string;
  readonly name: string;
  readonly password: string;
  readonly roleId: string;
  readonly email?: string | null | undefined;
  readonly mobile?: string | null | undefined;
  readonly locale?: Locale | null | undefined;
}
export interface UserPatch {
  readonly name?: string | undefined;
  readonly email?: string | null | undefined;
  readonly mobile?: string | null | undefined;
  readonly roleId?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/**
 * Managing the people of the tenant of the scope. Nobody can raise rights above their own: who gives a role, or touches a
 * user of it, must have all its permissions (FORBIDDEN else). Each change is audited.
 */
export interface Users {
  /** CONFLICT when the name is taken. */
  create(values: NewUser): Promise<UserRow>;
  /** CONFLICT for one's own role and for disabling oneself. Disabling ends the user's sessions. */
  update(id: string, patch: UserPatch): Promise<UserRow>;
  /** Keeps the row for what names it, frees the sign-in name, ends the sessions. CONFLICT for oneself. */
  delete(id: string): Promise<void>;
  /** Ends the user's sessions, and unlocks. */
  resetPassword(id: string, password: string): Promise<void>;
  /** core-36 */
  unlock(id: string): Promise<void>;
  /** Of those given, the ids of who is locked today. */
  locked(users: readonly UserRow[]): Promise<ReadonlySet<string>>;
}

export interface UsersDependencies {
  readonly data: PluginData;
  readonly clock: Clock;
  readonly repo: UsersRepo;
  readonly roles: Roles;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  readonly tenants: Tenants;
  readonly audit: PluginAudit;
  /** After a change that a running session must feel. */
  readonly onChange: () => void;
}

export function createUsers(dependencies: UsersDependencies): Users {
  const { data, clock, repo, roles, sessions, passwords, attempts, tenants, audit, onChange } = dependencies;

  /** FORBIDDEN when the role may do something that whoever acts may not. The server itself may give any. */
  async function assertMayGive(roleId: string | null): Promise<void> {
    const actor = scope.current()?.actor;
    if (roleId === null || actor?.kind !== 'user') return;
    const role = await roles.get(roleId);
    const excess = [...(await roles.permissions(role))].filter(
      (permission) => !actor.permissions.has(permission),
    );
    if (excess.length > 0) {
      throw new JackfieldError('FORBIDDEN', undefined, { details: { role: role.name, permissions: excess } });
    }
  }
  function isSelf(id: string): boolean {
    const actor = scope.current()?.actor;
    return actor?.kind === 'user' && actor.userId === id;
  }
  /** The user, if whoever acts may change them. */
  async function subject(id: string): Promise<UserRow> {
    const user = await repo.get(id);
    if (!isSelf(id)) await assertMayGive(user.roleId);
    return user;
  }
  const target = (user: UserRow) => ({ type: 'user', id: user.id, label: user.username });
  const facts = ({ username, name, email, mobile, roleId, disabled }: UserRow) => ({
    username,
    name,
    email,
    mobile,
    roleId,
    disabled,
  });

  return {
    async create({ password, username, ...values }) {
      await assertMayGive(values.roleId);
      await roles.get(values.roleId);
      const tenant = await tenants.get(scope.tenantId());
      // Before the transaction: hashing takes a tenth of a second, and SQLite has one writer.
      const passwordHash = await passwords.hash(password);
      return data.tx(async () => {
        const account = accountName(username, tenant.slug);
        const user = await repo.insert({
          ...values,
          username: accountName(username, null),
          account,
          passwordHash,
        });
        await audit.record({ action: 'user.create', target: target(user), after: facts(user) });
        return user;
      });
    },
    async update(id, patch) {
      const before = await subject(id);
      if (patch.roleId !== undefined && patch.roleId !== before.roleId) {
        if (isSelf(id)) throw new JackfieldError('CONFLICT', 'You cannot change your own role.');
        await assertMayGive(patch.roleId);
      }
      if (patch.disabled && isSelf(id)) throw new JackfieldError('CONFLICT', 'You cannot disable yourself.');
      const after = await data.tx(async () => {
        const user = await repo.update(id, patch);
        if (user.disabled && !before.disabled) await sessions.endAll(id);
        await audit.record({
          action: 'user.update',
          target: target(user),
          before: facts(before),
          after: facts(user),
        });
        return user;
      });
      onChange();
      return after;
    },
    async delete(id) {
      if (isSelf(id)) throw new JackfieldError('CONFLICT', 'You cannot delete yourself.');
      const user = await subject(id);
      await data.tx(async () => {
        await repo.update(id, { deletedAt: clock.now(), disabled: true, account: null });
        await sessions.endAll(id);
        await audit.record({ action: 'user.delete', target: target(user), before: facts(user) });
      });
      onChange();
    },
    async resetPassword(id, password) {
      const user = await subject(id);
      const passwordHash = await passwords.hash(password);
      await data.tx(async () => {
        await repo.update(id, { passwordHash });
        await sessions.endAll(id);
        if (user.account !== null) await attempts.clear(user.account);
        await audit.record({ action: 'user.reset-password', target: target(user) });
      });
      onChange();
    },
    async unlock(id) {
      const user = await subject(id);
      await data.tx(async () => {
        if (user.account !== null) await attempts.clear(user.account);
        await audit.record({ action: 'user.unlock', target: target(user) });
      });
    },
    async locked(users) {
      const { timeZone } = await tenants.get(scope.tenantId());
      const today = localDay(clock.now(), timeZone);
      const accounts = users.flatMap(({ account }) => (account === null ? [] : [account]));
      const locked = await attempts.locked(accounts, () => today);
      return new Set(
        users.filter(({ account }) => account !== null && locked.has(account)).map(({ id }) => id),
      );
    },
  };
}
