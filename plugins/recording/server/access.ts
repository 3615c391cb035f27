import type { RecordingRow } from './recording.entity.ts';

export interface Listener {
  readonly id: string;
  can(permission: string): boolean;
}

/** Own talks may be heard by who took part in them, all others with `recording:play`. */
export function mayHear(row: Pick<RecordingRow, 'agentUserId' | 'partyUserId'>, listener: Listener): boolean {
  return row.agentUserId === listener.id || row.partyUserId === listener.id || listener.can('recording:play');
}
