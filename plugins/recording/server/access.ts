import type { RecordingRow } from './recording.entity.ts';

export interface Listener {
  readonly id: string;
  can(permission: string): boolean;
}

/** Own talks may be heard by who took part in them, all others with `recording:play`. */
export function mayHear(row: Pick<RecordingRow, 'agentUserId' | 'partyUserId'>, listener: Listener): boolean {
  return row.agentUserId === listener.id || row.partyUserId === listener.id || listener.can('recording:play');
}

/** A player asks for the file in many pieces; they are one playback, and one entry in the audit log. */
const ONE_PLAYBACK_MS = 10 * 60_000;

/** `first(user, recording)` is true when this access begins a new playback. */
export function createPlaybacks(now: () => number) {
  const heard = new Map<string, number>();
  return {
    first(userId: string, recordingId: string): boolean {
      const key = `${userId} ${recordingId}`;
      const at = heard.get(key);
      if (at !== undefined && at > now() - ONE_PLAYBACK_MS) return false;
      for (const [old, since] of heard) if (since <= now() - ONE_PLAYBACK_MS) heard.delete(old);
      heard.set(key, now());
      return true;
    },
  };
}
