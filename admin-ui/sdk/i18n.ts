import { computed, type InjectionKey, inject, ref } from 'vue';
import { createI18n } from 'vue-i18n';
import type { MessageTree } from './define-ui.ts';
import { en } from './locales/en.ts';
import { zhCN } from './locales/zh-CN.ts';
import { type Locale, type LocalText, locales } from './types.ts';

const KEY = 'jf.locale';

export function isLocale(value: unknown): value is Locale {
  return locales.some((locale) => locale === value);
}

/** The stored choice, else the browser's language, else Chinese. */
export function initialLocale(stored: string | null, browser: readonly string[]): Locale {
  if (isLocale(stored)) return stored;
  for (const language of browser) {
    if (/^zh\b/i.test(language)) return 'zh-CN';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'zh-CN';
}

const store = typeof localStorage === 'undefined' ? null : localStorage;

export const i18n = createI18n({
  legacy: false,
  locale: initialLocale(
    store?.getItem(KEY) ?? null,
    typeof navigator === 'undefined' ? [] : navigator.languages,
  ),
  fallbackLocale: 'en',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': zhCN as MessageTree, en: en as MessageTree },
});

export function currentLocale(): Locale {
  const value = i18n.global.locale.value;
  return isLocale(value) ? value : 'en';
}

/** Switches every text at once; nothing is reloaded. */
export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale;
  store?.setItem(KEY, locale);
  if (typeof document !== 'undefined') document.documentElement.lang = locale;
}

/** The reader's own of a text in both languages. */
export function localText(text: LocalText | null | undefined, fallback = ''): string {
  return text?.[currentLocale()] ?? text?.en ?? fallback;
}

/** vue-i18n tells nobody of messages that come later: what was shown without them is to be drawn anew. */
const additions = ref(0);

type TextSource = (pluginId: string) => Promise<Readonly<Record<Locale, MessageTree>>>;
let textSource: TextSource | null = null;
/** Plugins whose texts are here, or on their way. */
const asked = new Set<string>();

/** Host only: where the texts of a plugin come from of which no page has been opened. */
export function serveTexts(source: TextSource | null): void {
  textSource = source;
  asked.clear();
}

/** Host only: messages are kept under the plugin's id. */
export function addMessages(prefix: string | null, messages: Readonly<Record<Locale, MessageTree>>): void {
  for (const locale of locales) {
    i18n.global.mergeLocaleMessage(
      locale,
      prefix === null ? messages[locale] : { [`plugin:${prefix}`]: messages[locale] },
    );
  }
  if (prefix !== null) asked.add(prefix);
  additions.value += 1;
}

export const pluginIdKey: InjectionKey<string> = Symbol('jackfield plugin id');

export type Values = Readonly<Record<string, unknown>>;
export interface Texts {
  /** A key of the plugin's messages, else of the shared words (`common.save`), else the key itself. */
  t(key: string, values?: Values): string;
  /** With a plural: `t(key, { n }, n)` in vue-i18n's terms; `{n}` is the number. */
  tn(key: string, count: number, values?: Values): string;
  has(key: string): boolean;
  local(text: LocalText | null | undefined, fallback?: string): string;
}

function want(pluginId: string): void {
  if (!textSource || asked.has(pluginId)) return;
  asked.add(pluginId);
  textSource(pluginId).then(
    (messages) => addMessages(pluginId, messages),
    // The keys stand in for the texts; the next to ask tries again.
    () => asked.delete(pluginId),
  );
}

/**
 * Texts of one plugin, for code outside components (stores, `setup`) and for words of another plugin, such as the
 * outcome of its call. What is not there yet is fetched; a component that shows it follows.
 */
export function textsOf(pluginId: string | null): Texts {
  if (pluginId !== null) want(pluginId);
  const { global } = i18n;
  const full = (key: string) => {
    void additions.value;
    const own = `plugin:${pluginId}.${key}`;
    return pluginId !== null && (global.te(own) || global.te(own, 'en')) ? own : key;
  };
  return {
    t: (key, values) => global.t(full(key), (values ?? {}) as Record<string, unknown>),
    tn: (key, count, values) =>
      global.t(full(key), { n: count, ...values } as Record<string, unknown>, count),
    has: (key) => full(key) !== key || global.te(key),
    local: localText,
  };
}

/**
 * Texts and language in a component. In a plugin's component the keys are the plugin's own; the host sets which
 * plugin that is, also for components in slots of other plugins' pages.
 */
export function useI18n() {
  const texts = textsOf(inject(pluginIdKey, null));
  return { ...texts, locale: computed(currentLocale) };
}
