import { bigint, defineEntity, id, int, oneOf, type RowOf, text, time } from '@jackfield/core/sdk';

/** One talk of a call: a customer who is transferred leaves two of them. */
export const RecordingEntity = defineEntity({
  table: 'recording_recording',
  columns: {
    callId: id(),
    interactionId: id({ nullable: true }),
    /** The leg that is recorded, and whose own voice is the left channel. */
    legId: text(64),
    /** Begin of the talk. */
    startedAt: time(),
    /** When the switch closed the file, or we asked it to; null while the talk goes on. */
    endedAt: time({ nullable: true }),
    /** Length of the sound in milliseconds; null until the file is stored. */
    ms: int({ nullable: true }),
    channels: int({ default: 2 }),
    format: text(8, { default: 'wav' }),
    /**
     * `recording` until the file is in the storage · `missing`: the switch left no file, or an empty one ·
     * `failed`: the storage could not take the file.
     */
    state: oneOf(['recording', 'stored', 'missing', 'failed']),
    /** Where the switch writes it. */
    path: text(255),
    storageKey: text(160),
    /** Bytes. */
    size: bigint({ nullable: true }),
    sha256: text(64, { nullable: true }),
    /** Ours on the right channel; for a talk among ourselves, the left one is `partyUserId`. */
    agentUserId: id({ nullable: true }),
    partyUserId: id({ nullable: true }),
    /** Number on the left channel; masked on the way out. */
    partyNumber: text(64),
    queue: text(128, { nullable: true }),
  },
  indexes: [
    { columns: ['callId', 'startedAt'] },
    { columns: ['state'] },
    { columns: ['agentUserId', 'startedAt'] },
  ],
});
export type RecordingRow = RowOf<typeof RecordingEntity>;
