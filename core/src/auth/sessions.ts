import type { Clock } from '../boot/clock.ts';
import type { PluginData } from '../data/contract.ts';
import { Session, type SessionRow } from './entities/session.entity.ts';
import { hashToken, newToken } from './tokens.ts';

export interface SessionTimes {
  /** Unused for so long it ends. 12 hours unless given: a shift and its break. */
  readonly idleMs: number;
  /** It ends so long after the sign-in, used or not. 7 days unless given. */
  readonly maxMs: number;
}
/** How often "last seen" is written while a session is in use. */
const touchMs = 60_000;

export interface Sessions {
  readonly times: SessionTimes;
  /** The token, for the browser; it is not kept. */
  start(userId: string, from: { readonly ip: string; readonly userAgent: string }): Promise<string>;
  /** Null when there is none or it has ended. Moves its end on. */
  find(tokenHash: string): Promise<SessionRow | null>;
  end(id: string): Promise<void>;
  /** All of a user, but for one. */
  endAll(userId: string, except?: string): Promise<void>;
  sweep(now: number): Promise<void>;
}

export function createSessions(data: PluginData, clock: Clock, times: SessionTimes): Sessions {
  const repo = () => data.repo(Session);
  return {
    times,
    async start(userId, { ip, userAgent }) {
      const token = newToken();
      const now = clock.now();
      await repo().insert({
        tokenHash: hashToken(token),
        userId,
        expiresAt: now + times.idleMs,
        lastSeenAt: now,
        ip: ip.slice(0, 64),
        userAgent: [...userAgent].slice(0, 255).join(''),
      });
      return token;
    },
    async find(tokenHash) {
      const row = await repo().findOne({ tokenHash });
      const now = clock.now();
      if (!row || row.expiresAt <= now) return null;
      if (now - row.lastSeenAt >= touchMs) {
        const expiresAt = Math.min(now + times.idleMs, row.createdAt + times.maxMs);
        // By condition: a session that was ended meanwhile must not fail, nor come back.
        await repo().updateWhere({ id: row.id }, { lastSeenAt: now, expiresAt });
      }
      return row;
    },
    async end(id) {
      await repo().deleteWhere({ id });
    },
    async endAll(userId, except) {
      await repo().deleteWhere({ userId, ...(except ? { id: { ne: except } } : {}) });
    },
    async sweep(now) {
      await repo().deleteWhere({ expiresAt: { lt: now } });
    },
  };
}
