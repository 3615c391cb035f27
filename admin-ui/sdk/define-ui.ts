import type { App, Component } from 'vue';
import type { Router } from 'vue-router';
import type { Locale } from './types.ts';

/** A component, or a function that imports it: `() => import('./pages/CustomerList.vue')`. */
export type ComponentSource = Component | (() => Promise<{ default: Component } | Component>);

/** A component that stands in a slot. A bare component source will do when neither title nor `when` is needed. */
export interface SlotContribution {
  readonly component: ComponentSource;
  /** Key of the plugin's messages; the title of the tab where a slot shows tabs. */
  readonly title?: string;
  /** Shown only when this is true; `context` is what the slot hands to its components as props. */
  readonly when?: (context: Readonly<Record<string, unknown>>) => boolean;
}

/** Nested texts of one language; the leaves are vue-i18n messages. */
export interface MessageTree {
  readonly [key: string]: string | MessageTree;
}

export interface UiSetupContext {
  readonly app: App;
  readonly router: Router;
  readonly pluginId: string;
}

/**
 * The default export of a plugin's `ui/index.ts`. The keys are the names that plugin.json uses under
 * `contributes.pages[].component`, `slots[].component` and `widgets[].component`. The module is imported at the
 * first visit of a page or as soon as one of its slots is on the screen; nothing runs before.
 */
export interface UiDefinition {
  readonly pages?: Readonly<Record<string, ComponentSource>>;
  readonly slots?: Readonly<Record<string, ComponentSource | SlotContribution>>;
  readonly widgets?: Readonly<Record<string, ComponentSource>>;
  /**
   * Texts besides those of the plugin's `locales/<locale>.json`, which need not be named here. Kept under the plugin's
   * id, so that keys of two plugins never meet. Read with `useI18n().t('key')`.
   */
  readonly messages?: Readonly<Record<Locale, MessageTree>>;
  /** Once, after import. What it returns runs when the plugin is switched off in the open tab. */
  setup?(context: UiSetupContext): (() => void) | undefined;
}

export function defineUi(definition: UiDefinition): UiDefinition {
  return definition;
}
