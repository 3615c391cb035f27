import { computed, shallowRef } from 'vue';
import { can } from '../session.ts';
import type { UiManifest, UiPlugin, UiSlot } from '../types.ts';

const manifest = shallowRef<UiManifest>({ plugins: [] });

/** Host only. */
export function setManifest(next: UiManifest): void {
  manifest.value = next;
}
export function uiPlugins(): readonly UiPlugin[] {
  return manifest.value.plugins;
}
export function uiPlugin(id: string): UiPlugin | undefined {
  return manifest.value.plugins.find((plugin) => plugin.id === id);
}

/** Does any plugin that is on give this user something to do in the workbench? */
export function hasWorkbench(): boolean {
  return manifest.value.plugins.some(
    (plugin) =>
      plugin.id === 'interactions' ||
      plugin.slots.some((slot) => slot.slot.startsWith('workbench.') && can(slot.permission)),
  );
}

export interface SlotEntry {
  readonly key: string;
  readonly plugin: UiPlugin;
  readonly slot: UiSlot;
}

/** What stands in a slot, in order: `order`, then plugin id, so that it is the same on every load. */
export function slotEntries(
  plugins: readonly UiPlugin[],
  name: string,
  may: (permission?: string | null) => boolean,
): SlotEntry[] {
  return plugins
    .flatMap((plugin) =>
      plugin.slots
        .filter((slot) => slot.slot === name && may(slot.permission))
        .map((slot) => ({ key: `${plugin.id}@${plugin.version}/${slot.component}`, plugin, slot })),
    )
    .sort((a, b) => (a.slot.order ?? 100) - (b.slot.order ?? 100) || a.plugin.id.localeCompare(b.plugin.id));
}

/** The entries of a slot, following what is switched on in the open tab. */
export function useSlotEntries(name: () => string) {
  return computed(() => slotEntries(manifest.value.plugins, name(), can));
}
