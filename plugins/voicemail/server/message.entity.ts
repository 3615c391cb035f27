import { bigint, defineEntity, id, int, oneOf, type RowOf, text, time } from '@jackfield/core/sdk';

/** What a caller said after the beep. A call leaves one at the most. */
export const MessageEntity = defineEntity({
  table: 'voicemail_message',
  columns: {
    callId: id(),
    interactionId: id({ nullable: true }),
    boxId: id(),
    /** As the box was called then: it may be gone. */
    boxName: text(64),
    /** E.164 where it could be made so; masked on the way out. Empty when it was withheld. */
    fromNumber: text(64),
    /** Of the customer as the contact knows it, else what the caller's phone said; may be empty. */
    fromName: text(128),
    /** Begin of the message. */
    startedAt: time(),
    /**
     * `recording` until the file is in the storage, and seen by nobody · `missing`: the switch has left no file yet ·
     * `failed`: the storage could not take the file. What holds less than a second of sound has no row.
     */
    state: oneOf(['recording', 'stored', 'missing', 'failed']),
    /** Where the switch writes it. */
    path: text(255),
    storageKey: text(160),
    /** Length of the sound in milliseconds; null until it is stored. */
    ms: int({ nullable: true }),
    /** Bytes. */
    size: bigint({ nullable: true }),
    sha256: text(64, { nullable: true }),
    /** When somebody first heard it, and who; null again when marked as unheard. */
    heardAt: time({ nullable: true }),
    heardBy: id({ nullable: true }),
  },
  indexes: [
    { columns: ['callId'], unique: true },
    { columns: ['startedAt'] },
    { columns: ['heardAt', 'startedAt'] },
    { columns: ['boxId', 'startedAt'] },
    { columns: ['state'] },
  ],
});
export type MessageRow = RowOf<typeof MessageEntity>;
