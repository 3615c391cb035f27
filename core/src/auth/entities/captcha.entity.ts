import { int, time } from '../../data/columns.ts';
import { defineEntity } from '../../data/define-entity.ts';

/** A puzzle that waits for its answer; in the database, since another process may get the answer. */
export const Captcha = defineEntity({
  table: 'core_captcha',
  scope: 'system',
  columns: {
    /** Pixels from the left edge of the picture to that of the gap. */
    gapX: int(),
    expiresAt: time(),
  },
  indexes: [{ columns: ['expiresAt'] }],
});
