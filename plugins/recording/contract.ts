/** Recording: every talk, in stereo (customer left, agent right), stored and played in the browser. */
import { defineContract } from '@jackfield/core/sdk';

export interface RecordingApi {
  /** Of one call, oldest first. */
  ofCall(callId: string): Promise<readonly { readonly id: string; readonly startedAt: number; readonly ms: number; readonly state: 'recording' | 'stored' | 'missing' }[]>;
}
export const recording = defineContract<RecordingApi>('recording');
