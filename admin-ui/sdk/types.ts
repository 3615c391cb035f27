/** What the server tells the shell, and what plugins and shell pass each other. Times are epoch milliseconds UTC. */
export type Locale = 'zh-CN' | 'en';
export const locales: readonly Locale[] = ['zh-CN', 'en'];
/** A text for people in each language. */
export type LocalText = Readonly<Record<Locale, string>>;

/** `GET /api/core/session`. */
export interface Session {
  readonly user: { readonly id: string; readonly name: string; readonly username: string };
  /** Null for an operator, who stands above the tenants. */
  readonly tenant: {
    readonly id: string;
    readonly slug: string;
    readonly name: string;
    readonly timeZone: string;
    readonly locale: Locale;
  } | null;
  readonly permissions: readonly string[];
  readonly locale: Locale;
}

/** A page from plugin.json. `path` is relative to `/p/<plugin>/`; it may have parameters (`customers/:id`). */
export interface UiPage {
  readonly path: string;
  readonly title: LocalText;
  readonly permission?: string | null;
  /** Key of `pages` in the plugin's `defineUi`. */
  readonly component: string;
  readonly menu?: { readonly section: string; readonly order?: number; readonly icon?: string } | null;
}
export interface UiSlot {
  readonly slot: string;
  /** Key of `slots` in the plugin's `defineUi`. */
  readonly component: string;
  readonly order?: number;
  readonly permission?: string | null;
  readonly title?: LocalText;
}
/** `path` is relative to `/p/<plugin>/`, unless it begins with `/p/` or `/admin/`. */
export interface UiMenu {
  readonly section: string;
  readonly title: LocalText;
  readonly path: string;
  readonly order?: number;
  readonly icon?: string;
  readonly permission?: string | null;
}
export interface UiWidget {
  readonly key?: string;
  /** Key of `widgets` in the plugin's `defineUi`. */
  readonly component: string;
  readonly title?: LocalText;
  readonly order?: number;
  readonly permission?: string | null;
}
/** One plugin that is on for this tenant: `GET /api/core/ui`. */
export interface UiPlugin {
  readonly id: string;
  readonly version: string;
  readonly title: LocalText;
  /** Address of its ES module; null when the plugin has no UI code. */
  readonly entry: string | null;
  readonly css: readonly string[];
  readonly pages: readonly UiPage[];
  /** Menu entries that lead to pages described elsewhere. */
  readonly menus?: readonly UiMenu[];
  readonly slots: readonly UiSlot[];
  readonly widgets: readonly UiWidget[];
  /** Locale → address of the plugin's locales/<locale>.json. */
  readonly locales?: Readonly<Record<string, string>>;
}
export interface UiManifest {
  readonly plugins: readonly UiPlugin[];
}

/** What a list route answers. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** On the first page only; the server stops counting at 10,000. */
  readonly total?: number;
}
