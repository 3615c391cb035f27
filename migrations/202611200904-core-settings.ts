import { defineEntity, id, longText, type Migration, text } from '@jackfield/core/sdk';

const setting = defineEntity({
  table: 'core_setting',
  scope: 'system',
  columns: {
    slot: text(224, { unique: true }),
    pluginId: text(64),
    tenantId: id({ nullable: true }),
    key: text(128),
    value: longText({ nullable: true }),
  },
  indexes: [{ columns: ['updatedAt'] }],
});

export default {
  async up(schema) {
    await schema.createTable(setting);
  },
} satisfies Migration;
