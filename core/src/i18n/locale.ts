import type { Locale } from './contract.ts';

export const locales: readonly Locale[] = ['zh-CN', 'en'];

/** Any language tag to one of ours: every Chinese is `zh-CN`, every English `en`, others null. */
export function toLocale(tag: string | null | undefined): Locale | null {
  const primary = tag?.trim().toLowerCase().split('-')[0];
  if (primary === 'zh') return 'zh-CN';
  if (primary === 'en') return 'en';
  return null;
}

/**
 * The first of the reader's languages that we have, by weight and then by position (RFC 9110, 12.5.4).
 * `*` means anything, hence the fallback.
 */
export function negotiateLocale(acceptLanguage: string | undefined, fallback: Locale): Locale {
  let best: { locale: Locale; weight: number } | null = null;
  for (const part of (acceptLanguage ?? '').split(',')) {
    const [tag, ...parameters] = part.split(';');
    const weight = Number(
      parameters
        .find((p) => p.trim().startsWith('q='))
        ?.trim()
        .slice(2) ?? 1,
    );
    const locale = tag?.trim() === '*' ? fallback : toLocale(tag);
    if (locale && weight > 0 && weight > (best?.weight ?? 0)) best = { locale, weight };
  }
  return best?.locale ?? fallback;
}
