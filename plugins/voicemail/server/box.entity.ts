import { bool, defineEntity, int, type Locale, oneOf, type RowOf, text } from '@jackfield/core/sdk';

export const LOCALES = ['zh-CN', 'en'] as const satisfies readonly Locale[];

/** Where callers leave messages. */
export const BoxEntity = defineEntity({
  table: 'voicemail_box',
  columns: {
    name: text(64),
    /** What is spoken before the beep; the usual words of the language when empty. */
    greeting: text(500, { default: '' }),
    /** Of all that is spoken to the caller. */
    locale: oneOf(LOCALES),
    /** Longest message. */
    maxSeconds: int({ default: 120 }),
    /** Off: callers are told so, and hung up. */
    enabled: bool({ default: true }),
  },
  indexes: [{ columns: ['name'], unique: true }],
});
export type BoxRow = RowOf<typeof BoxEntity>;
