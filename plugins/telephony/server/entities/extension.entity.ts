import { defineEntity, id, oneOf, type RowOf, text, time } from '@jackfield/core/sdk';

/** A phone's account; `number` is its SIP user as well as what colleagues dial. */
export const ExtensionEntity = defineEntity({
  table: 'telephony_extension',
  columns: {
    number: text(16),
    /** Whose phone it is; null for a phone of a room. */
    userId: id({ nullable: true }),
    label: text(64, { default: '' }),
    /** `<tenant slug>.<sip domain>`. */
    domain: text(128),
    /** md5(number:domain:password) in hex: all the switch needs, so the password is not kept. */
    a1Hash: text(32),
    /** What registers: a phone or program that was given the password, or the workbench of its user. */
    device: oneOf(['desk', 'browser'], { default: 'desk' }),
    /** The page that is the phone of a `browser` now, and its account: as `a1Hash`, good for minutes. */
    pageId: text(36, { nullable: true }),
    pageHash: text(32, { nullable: true }),
    pageUntil: time({ nullable: true }),
  },
  indexes: [
    { columns: ['number'], unique: true },
    { columns: ['userId'], unique: true },
  ],
});
export type ExtensionRow = RowOf<typeof ExtensionEntity>;
