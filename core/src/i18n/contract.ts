export type Locale = 'zh-CN' | 'en';
/** A text for people in each language; the reader's own is chosen where it is shown. */
export type LocalText = Readonly<Record<Locale, string>>;
export interface PluginI18n {
  /** From the plugin's locales/<locale>.json; `{name}` is replaced. The key itself when it is missing. */
  t(key: string, values?: Readonly<Record<string, string | number>>, locale?: Locale): string;
}
