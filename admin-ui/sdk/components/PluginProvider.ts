import { defineComponent, provide } from 'vue';
import { pluginIdKey } from '../i18n.ts';

/** Everything below belongs to this plugin: its texts are the plugin's own. */
export const PluginProvider = defineComponent({
  name: 'PluginProvider',
  props: { pluginId: { type: String, required: true } },
  setup(props, { slots }) {
    provide(pluginIdKey, props.pluginId);
    return () => slots.default?.();
  },
});
