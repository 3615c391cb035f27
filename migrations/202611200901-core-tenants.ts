import { defineEntity, type Migration, text } from '@jackfield/core/sdk';

const tenant = defineEntity({
  table: 'core_tenant',
  scope: 'system',
  columns: { slug: text(63, { unique: true }), name: text(128), timeZone: text(64), locale: text(8) },
});

export default {
  async up(schema) {
    await schema.createTable(tenant);
  },
} satisfies Migration;
