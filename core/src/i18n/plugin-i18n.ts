import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JackfieldError } from '../errors/index.ts';
import { scope } from '../tenants/scope.ts';
import type { Locale, PluginI18n } from './contract.ts';
import { locales, toLocale } from './locale.ts';

type Texts = ReadonlyMap<string, string>;

export interface I18n {
  /** Reads `<directory>/locales/<locale>.json`; a file that is not there is an empty one. PLUGIN_INVALID when one cannot be read. */
  i18nFor(pluginId: string, directory: string): PluginI18n;
  /** How often each `<plugin>/<locale>/<key>` was asked for and not there. */
  missing(): ReadonlyMap<string, number>;
}

/** `fallback` is the language where the scope names none: of jobs and calls. */
export function createI18n(fallback: Locale = 'zh-CN'): I18n {
  const missing = new Map<string, number>();
  return {
    missing: () => missing,
    i18nFor(pluginId, directory) {
      const texts = new Map(locales.map((locale) => [locale, readTexts(pluginId, directory, locale)]));
      return {
        t(key, values = {}, asked) {
          const locale = asked ?? toLocale(scope.current()?.locale) ?? fallback;
          const own = texts.get(locale)?.get(key);
          if (own === undefined) {
            const name = `${pluginId}/${locale}/${key}`;
            missing.set(name, (missing.get(name) ?? 0) + 1);
          }
          const text = own ?? texts.get('zh-CN')?.get(key) ?? texts.get('en')?.get(key) ?? key;
          return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
        },
      };
    },
  };
}

function readTexts(pluginId: string, directory: string, locale: Locale): Texts {
  const file = join(directory, 'locales', `${locale}.json`);
  if (!existsSync(file)) return new Map();
  try {
    return new Map(flatten(JSON.parse(readFileSync(file, 'utf8')), ''));
  } catch (cause) {
    throw new JackfieldError('PLUGIN_INVALID', `Plugin ${pluginId}: locales/${locale}.json cannot be read.`, {
      cause,
    });
  }
}

/** `{ "queue": { "full": "…" } }` and `{ "queue.full": "…" }` are the same. */
function flatten(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null)
    throw new Error(`"${path}" is neither a text nor a group of texts`);
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, path ? `${path}.${key}` : key));
}
