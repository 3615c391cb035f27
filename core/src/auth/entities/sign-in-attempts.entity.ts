import { int, text } from '../../data/columns.ts';
import { defineEntity } from '../../data/define-entity.ts';

/**
 * Wrong passwords of one account name on one day. Kept by name and not by user, so that names that do not exist
 * are counted, challenged and locked alike and nobody learns which ones do.
 */
export const SignInAttempts = defineEntity({
  table: 'core_sign_in_attempts',
  scope: 'system',
  columns: {
    account: text(128, { unique: true }),
    /** `2026-11-20`, in the tenant's time zone. */
    day: text(10),
    failures: int(),
  },
  indexes: [{ columns: ['updatedAt'] }],
});
