import type { PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import { SignInAttempts } from './entities/sign-in-attempts.entity.ts';
import { type SignInState, signInState } from './sign-in-limits.ts';

const keepMs = 2 * 86_400_000;

export interface Attempts {
  state(account: string, today: string): Promise<SignInState>;
  /**
   * Counts one try as wrong, before the password is looked at: a hundred tries at the same moment are then ten, not a
   * hundred. False when another try came between and the state must be read again.
   */
  reserve(account: string, today: string, failures: number): Promise<boolean>;
  /** After the right password, or by hand (core-36). */
  clear(account: string): Promise<void>;
  locked(accounts: readonly string[], today: (account: string) => string): Promise<ReadonlySet<string>>;
  sweep(now: number): Promise<void>;
}

export function createAttempts(data: PluginData): Attempts {
  const repo = () => data.repo(SignInAttempts);
  return {
    async state(account, today) {
      return signInState(await repo().findOne({ account }), today);
    },
    async reserve(account, today, failures) {
      const row = await repo().findOne({ account });
      if (!row) {
        if (failures > 0) return false;
        try {
          await repo().insert({ account, day: today, failures: 1 });
          return true;
        } catch (error) {
          if (JackfieldError.is(error) && error.code === 'CONFLICT') return false;
          throw error;
        }
      }
      const expected = row.day === today ? failures : row.failures;
      const matched = await repo().updateWhere(
        { id: row.id, day: row.day, failures: expected },
        { day: today, failures: failures + 1 },
      );
      return matched === 1;
    },
    async clear(account) {
      await repo().deleteWhere({ account });
    },
    async locked(accounts, today) {
      if (accounts.length === 0) return new Set();
      const rows = await repo().find({ account: { in: accounts } });
      return new Set(
        rows
          .filter((row) => signInState(row, today(row.account)).kind === 'locked')
          .map((row) => row.account),
      );
    },
    async sweep(now) {
      await repo().deleteWhere({ updatedAt: { lt: now - keepMs } });
    },
  };
}
