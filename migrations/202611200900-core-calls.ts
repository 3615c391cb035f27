import { defineEntity, json, type Migration, text } from '@jackfield/core/sdk';

const call = defineEntity({
  table: 'core_call',
  scope: 'system',
  columns: { node: text(64), state: json() },
  indexes: [{ columns: ['node'] }],
});

export default {
  async up(schema) {
    await schema.createTable(call);
  },
} satisfies Migration;
