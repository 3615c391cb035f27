/**
 * Recording: every talk, in stereo (customer left, agent right), stored and played in the browser.
 *
 * One recording for each talk: hold is part of it, a transfer begins another. It begins when the two are joined and
 * ends with their talk; the file is taken into the storage then.
 * After a crash: talks that go on are still recorded; files of those that ended meanwhile are found and stored.
 */
import { defineContract } from '@jackfield/core/sdk';

export interface RecordingApi {
  /** Of one call, oldest first. */
  ofCall(callId: string): Promise<readonly CallRecording[]>;
}
export interface CallRecording {
  readonly id: string;
  /** Begin of the talk. */
  readonly startedAt: number;
  /** Length of the sound in milliseconds; 0 until it is stored. */
  readonly ms: number;
  /** `missing`: there is no file to play, or not yet; it is looked for again for some minutes. */
  readonly state: 'recording' | 'stored' | 'missing';
}
export const recording = defineContract<RecordingApi>('recording');
