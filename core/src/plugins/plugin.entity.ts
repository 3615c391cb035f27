import { bool, id, longText, text, time } from '../data/columns.ts';
import { defineEntity } from '../data/define-entity.ts';

/** What became of each plugin at the last start; `id` is the plugin's. The operator's page reads it. */
export const PluginEntity = defineEntity({
  table: 'core_plugin',
  scope: 'system',
  columns: {
    version: text(64),
    state: text(16),
    error: longText({ nullable: true }),
  },
});

/** A tenant's switch. No row: off. */
export const TenantPluginEntity = defineEntity({
  table: 'core_plugin_tenant',
  columns: {
    pluginId: text(24),
    enabled: bool(),
    /** User id; null for the server itself (the first seed). */
    changedBy: id({ nullable: true }),
    changedAt: time(),
  },
  indexes: [{ columns: ['pluginId'], unique: true }],
});

export const pluginEntities = [PluginEntity, TenantPluginEntity] as const;
