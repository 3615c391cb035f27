import { JackfieldError, type PluginContext } from '@jackfield/core/sdk';
import type { CustomerRow } from '../customer.entity.ts';
import type { Reader } from '../dto.ts';

export function signedIn(user: Reader | null): Reader {
  if (!user) throw new JackfieldError('NOT_SIGNED_IN');
  return user;
}

/** User id → name of the owners of these customers. */
export async function ownersOf(
  ctx: PluginContext,
  rows: readonly CustomerRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap((row) => row.ownerUserId ?? []))];
  if (ids.length === 0) return new Map();
  return new Map((await ctx.directory.users({ ids })).map((user) => [user.id, user.name]));
}
