import { type ComputedRef, computed, shallowReactive, watch } from 'vue';
import { localText, textsOf } from '../i18n.ts';
import type { UiPlugin } from '../types.ts';
import { pluginLoader, slotContribution } from './loader.ts';
import { useSlotEntries } from './registry.ts';

export interface SlotPart {
  readonly key: string;
  readonly plugin: UiPlugin;
  readonly component: string;
  /** For tabs: of plugin.json, else of `defineUi`, else the plugin's title. */
  readonly title: string;
}

/**
 * What stands in a slot now. The modules are imported here, since only they know a part's title and when it shows. A
 * module that fails to load stays in the list: its place shows the failure.
 */
export function useSlotParts(
  name: () => string,
  context: () => Readonly<Record<string, unknown>>,
): { parts: ComputedRef<SlotPart[]>; settled: ComputedRef<boolean> } {
  const entries = useSlotEntries(name);
  const failed = shallowReactive(new Set<string>());
  watch(
    entries,
    (list) => {
      for (const { key, plugin } of list)
        pluginLoader()
          .load(plugin)
          .catch(() => failed.add(key));
    },
    { immediate: true },
  );
  const parts = computed(() =>
    entries.value.flatMap(({ key, plugin, slot }): SlotPart[] => {
      const module = pluginLoader().peek(plugin);
      const contribution = module ? slotContribution(module.definition, slot.component) : null;
      if (!module && !failed.has(key)) return [];
      if (contribution?.when && !contribution.when(context())) return [];
      const own = contribution?.title
        ? textsOf(plugin.id).t(contribution.title)
        : localText(plugin.title, plugin.id);
      return [{ key, plugin, component: slot.component, title: localText(slot.title, own) }];
    }),
  );
  const settled = computed(() =>
    entries.value.every(({ key, plugin }) => failed.has(key) || pluginLoader().peek(plugin) !== undefined),
  );
  return { parts, settled };
}
