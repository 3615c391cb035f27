import { type Migration, oneOf, text, time } from '@jackfield/core/sdk';

export default {
  async up(schema) {
    const table = 'telephony_extension';
    await schema.addColumn(table, 'device', oneOf(['desk', 'browser'], { default: 'desk' }));
    await schema.addColumn(table, 'pageId', text(36, { nullable: true }));
    await schema.addColumn(table, 'pageHash', text(32, { nullable: true }));
    await schema.addColumn(table, 'pageUntil', time({ nullable: true }));
  },
} satisfies Migration;
