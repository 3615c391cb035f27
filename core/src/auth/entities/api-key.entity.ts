import { id, json, text, time } from '../../data/columns.ts';
import type { RowOf } from '../../data/contract.ts';
import { defineEntity } from '../../data/define-entity.ts';

/** A bearer key: acts as its user, with at most the permissions listed. Found by hash, as a session is. */
export const ApiKey = defineEntity({
  table: 'core_api_key',
  scope: 'system',
  columns: {
    keyHash: text(43, { unique: true }),
    userId: id(),
    name: text(64),
    /** Its first characters, by which people tell keys apart. */
    hint: text(12),
    /** string[] */
    permissions: json<readonly string[]>(),
    expiresAt: time({ nullable: true }),
  },
  indexes: [{ columns: ['userId'] }],
});
export type ApiKeyRow = RowOf<typeof ApiKey>;
