import { bool, defineEntity, id, longText, type Migration, text, time } from '@jackfield/core/sdk';

const plugin = defineEntity({
  table: 'core_plugin',
  scope: 'system',
  columns: { version: text(64), state: text(16), error: longText({ nullable: true }) },
});

const tenantPlugin = defineEntity({
  table: 'core_plugin_tenant',
  columns: { pluginId: text(24), enabled: bool(), changedBy: id({ nullable: true }), changedAt: time() },
  indexes: [{ columns: ['pluginId'], unique: true }],
});

export default {
  async up(schema) {
    await schema.createTable(plugin);
    await schema.createTable(tenantPlugin);
  },
} satisfies Migration;
