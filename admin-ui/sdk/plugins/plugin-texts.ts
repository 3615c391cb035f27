import { type Texts, textsOf } from '../i18n.ts';
import { pluginLoader } from './loader.ts';
import { uiPlugin } from './registry.ts';

/**
 * Texts of another plugin, such as the name of its step in a timeline. Its module is loaded when they are first asked
 * for; until then, and for a plugin that is off, a key is shown as it is. Reactive: use it in a template or `computed`.
 */
export function pluginTexts(pluginId: string): Texts {
  const plugin = uiPlugin(pluginId);
  // A plugin that cannot be loaded says so where it is on the screen itself.
  if (plugin?.entry)
    pluginLoader()
      .load(plugin)
      .catch(() => undefined);
  return textsOf(pluginId);
}
