import { defineEntity, int, longText, type RowOf, text } from '@jackfield/core/sdk';

/** A rendered text, so that it is rendered once, and the words of a file can be shown. */
export const PromptEntity = defineEntity({
  table: 'telephony_prompt',
  columns: {
    /** Of adapter, language and text; names the file. */
    hash: text(64),
    adapter: text(32),
    locale: text(8),
    text: longText(),
    /** As the switch sees it. */
    path: text(512),
    ms: int(),
  },
  indexes: [{ columns: ['hash'], unique: true }],
});
export type PromptRow = RowOf<typeof PromptEntity>;
