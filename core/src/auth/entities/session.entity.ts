import { id, text, time } from '../../data/columns.ts';
import type { RowOf } from '../../data/contract.ts';
import { defineEntity } from '../../data/define-entity.ts';

/** A signed-in browser. Found by the hash of its token before the tenant is known, hence a system table. */
export const Session = defineEntity({
  table: 'core_session',
  scope: 'system',
  columns: {
    /** SHA-256, base64url; the token itself is nowhere but in the browser. */
    tokenHash: text(43, { unique: true }),
    userId: id(),
    expiresAt: time(),
    lastSeenAt: time(),
    ip: text(64),
    userAgent: text(255),
  },
  indexes: [{ columns: ['userId'] }, { columns: ['expiresAt'] }],
});
export type SessionRow = RowOf<typeof Session>;
