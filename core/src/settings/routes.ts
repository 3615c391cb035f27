import { z } from 'zod';
import { JackfieldError } from '../errors/index.ts';
import type { PluginRoutes } from '../http/contract.ts';
import { scope } from '../tenants/scope.ts';
import type { Settings } from './settings.ts';

const localText = z.object({ 'zh-CN': z.string(), en: z.string() });
const SettingsDto = z.object({
  plugin: z.string(),
  settings: z.array(
    z.object({
      key: z.string(),
      title: localText,
      description: localText.optional(),
      schema: z.record(z.string(), z.unknown()),
      level: z.enum(['system', 'tenant']),
      secret: z.boolean(),
      value: z.unknown(),
      default: z.unknown(),
      isSet: z.boolean(),
      editable: z.boolean(),
    }),
  ),
});
const params = z.object({ plugin: z.string().max(64) });
const permission = 'core:settings';

export function settingRoutes(
  routes: PluginRoutes,
  settings: Settings,
  isActive: (tenantId: string, pluginId: string) => boolean,
): void {
  function isVisible(pluginId: string): boolean {
    const tenantId = scope.current()?.tenantId ?? null;
    return pluginId === 'core' || tenantId === null || isActive(tenantId, pluginId);
  }
  function assertVisible(pluginId: string): void {
    if (isVisible(pluginId)) return;
    throw new JackfieldError('PLUGIN_NOT_ENABLED', undefined, { details: { plugin: pluginId } });
  }
  const view = (plugin: string) => ({ plugin, settings: settings.view(plugin) });

  routes.get(
    '/settings',
    { permission, summary: 'Plugins that have settings', response: z.array(z.string()) },
    () => settings.plugins().filter(isVisible),
  );
  routes.get(
    '/settings/:plugin',
    { permission, summary: 'Settings of a plugin; secrets are not shown', params, response: SettingsDto },
    ({ params: { plugin } }) => {
      assertVisible(plugin);
      return view(plugin);
    },
  );
  routes.put(
    '/settings/:plugin',
    {
      permission,
      summary: 'Set some of the settings; null takes a value back',
      params,
      body: z.record(z.string().max(128), z.unknown()),
      response: SettingsDto,
    },
    async ({ params: { plugin }, body }) => {
      assertVisible(plugin);
      await settings.change(plugin, body);
      return view(plugin);
    },
  );
}
