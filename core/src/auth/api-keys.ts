import type { PluginAudit } from '../audit/contract.ts';
import type { Clock } from '../boot/clock.ts';
import type { PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import { ApiKey, type ApiKeyRow } from './entities/api-key.entity.ts';
import { hashToken, newToken } from './tokens.ts';

/** What a key begins with, so that scanners of source code can find one that leaked. */
const prefix = 'jfk_';

/** The keys of one user; each acts as that user with at most the permissions it lists. */
export interface ApiKeys {
  list(userId: string): Promise<ApiKeyRow[]>;
  /** The key is told here and never again. */
  create(
    userId: string,
    values: {
      readonly name: string;
      readonly permissions: readonly string[];
      readonly expiresAt: number | null;
    },
  ): Promise<{ readonly row: ApiKeyRow; readonly key: string }>;
  /** NOT_FOUND when it is another user's. */
  delete(userId: string, id: string): Promise<void>;
  /** Null when there is none or it has expired. */
  find(keyHash: string): Promise<ApiKeyRow | null>;
}

export function createApiKeys(data: PluginData, clock: Clock, audit: PluginAudit): ApiKeys {
  const repo = () => data.repo(ApiKey);
  const target = (row: ApiKeyRow) => ({ type: 'api-key', id: row.id, label: row.name });
  return {
    list: (userId) => repo().find({ userId }),
    create: (userId, values) =>
      data.tx(async () => {
        const key = `${prefix}${newToken()}`;
        const row = await repo().insert({
          ...values,
          userId,
          keyHash: hashToken(key),
          hint: key.slice(0, 8),
        });
        await audit.record({ action: 'api-key.create', target: target(row), after: values });
        return { row, key };
      }),
    delete: (userId, id) =>
      data.tx(async () => {
        const row = await repo().findOne({ id, userId });
        if (!row) throw new JackfieldError('NOT_FOUND');
        await repo().delete(id);
        await audit.record({ action: 'api-key.delete', target: target(row) });
      }),
    async find(keyHash) {
      const row = await repo().findOne({ keyHash });
      return row && (row.expiresAt === null || row.expiresAt > clock.now()) ? row : null;
    },
  };
}
