import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Tenants } from '../tenants/tenants.ts';
import { parseAccountName } from './account-name.ts';
import type { Attempts } from './attempts.ts';
import type { Captchas } from './captcha/captchas.ts';
import type { UserRow } from './entities/user.entity.ts';
import { localDay, nextLocalDay } from './local-day.ts';
import type { Passwords } from './password.ts';
import { captchaAfter, lockAfter } from './sign-in-limits.ts';
import type { UsersRepo } from './users.repo.ts';

export interface SignInRequest {
  readonly account: string;
  readonly password: string;
  readonly captcha?: { readonly id: string; readonly x: number } | undefined;
}

export interface SignInDependencies {
  readonly clock: Clock;
  readonly users: UsersRepo;
  readonly tenants: Tenants;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  readonly captchas: Captchas;
}

/**
 * Proves a password. BAD_CREDENTIALS (with `attemptsLeft` and `captchaRequired`), CAPTCHA_REQUIRED, ACCOUNT_LOCKED (with
 * `until`), ACCOUNT_DISABLED, the last only to who knows the password. A name that does not exist is treated as
 * one that does, in time and in words.
 */
export function createSignIn(dependencies: SignInDependencies): (request: SignInRequest) => Promise<UserRow> {
  const { clock, users, tenants, passwords, attempts, captchas } = dependencies;

  return async ({ account: typed, password, captcha }) => {
    const { account, slug } = parseAccountName(typed);
    const tenant = slug === null ? null : await tenants.bySlug(slug);
    const timeZone = tenant?.timeZone ?? 'UTC';
    const today = localDay(clock.now(), timeZone);
    const locked = () =>
      new JackfieldError('ACCOUNT_LOCKED', undefined, {
        details: { attemptsLeft: 0, until: nextLocalDay(clock.now(), timeZone) },
      });

    const failures = await reserve(account, today, captcha, locked);
    const user = await users.byAccount(account);
    if (!(await passwords.verify(password, user?.passwordHash ?? null)) || !user) {
      const attemptsLeft = lockAfter - failures - 1;
      if (attemptsLeft === 0) throw locked();
      throw new JackfieldError('BAD_CREDENTIALS', undefined, {
        details: { attemptsLeft, captchaRequired: failures + 1 >= captchaAfter },
      });
    }
    await attempts.clear(account);
    if (user.disabled) throw new JackfieldError('ACCOUNT_DISABLED');
    const outdated = passwords.isOutdated(user.passwordHash);
    return users.updateProved(user.id, {
      lastSignInAt: clock.now(),
      ...(outdated ? { passwordHash: await passwords.hash(password) } : {}),
    });
  };

  /** The number of wrong passwords before this try, which is counted as one from here on. */
  async function reserve(
    account: string,
    today: string,
    captcha: SignInRequest['captcha'],
    locked: () => JackfieldError,
  ): Promise<number> {
    let solved = false;
    for (;;) {
      const state = await attempts.state(account, today);
      if (state.kind === 'locked') throw locked();
      if (state.captcha && !solved) {
        solved = captcha !== undefined && (await captchas.solve(captcha));
        if (!solved) {
          throw new JackfieldError('CAPTCHA_REQUIRED', undefined, {
            details: { attemptsLeft: lockAfter - state.failures, captchaRequired: true },
          });
        }
      }
      // Not taken: another try came between. Each round someone gets ahead, so it ends at the lock at the latest.
      if (await attempts.reserve(account, today, state.failures)) return state.failures;
    }
  }
}
