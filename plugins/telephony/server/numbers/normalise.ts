import { JackfieldError } from '@jackfield/core/sdk';
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** What a caller sends who does not say who he is; compared in lower case. */
const NOBODY = new Set(['', 'anonymous', 'restricted', 'unknown', 'unavailable', 'private', 'asserted-id']);

/** Longer than any number there is (E.164 has 15 digits), with room for prefixes. */
const MOST_DIGITS = 24;

/**
 * E.164 (`+8613800138000`) when the number is one of `region` or international, else its digits as given.
 * Empty for a caller who hides his number. Never throws: numbers come from outside and may hold anything.
 */
export function normaliseNumber(given: string, region: string): string {
  const trimmed = given.trim();
  if (NOBODY.has(trimmed.toLowerCase())) return '';
  const plus = trimmed.startsWith('+') ? '+' : '';
  const digits = trimmed.replace(/[^0-9*#]/g, '').slice(0, MOST_DIGITS);
  if (digits === '') return '';
  const country = isSupportedCountry(region) ? region : undefined;
  return toE164(plus + digits, country) ?? plus + digits;
}

/**
 * Two trunks, two ways to write the same number: `+86…` and `0086…`, and `86…` without either. Only numbers that
 * are possible are changed: a short code or an extension stays what it is.
 */
function toE164(text: string, country: CountryCode | undefined): string | null {
  if (/[*#]/.test(text)) return null;
  const international = text.startsWith('00') ? `+${text.slice(2)}` : text;
  const parsed = parsePhoneNumberFromString(international, country);
  return parsed?.isPossible() ? parsed.number : null;
}

/** Digits only: how numbers are compared that could not be made E.164. */
export function digitsOf(number: string): string {
  return number.replace(/\D/g, '').slice(0, 32);
}

/**
 * A caller's name as it may be stored and shown: without control characters and without the marks that undecodable
 * bytes leave behind, at most 128 characters.
 */
export function cleanName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = name.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\ufffd]/g, ' ');
  return [...clean.replace(/\s+/g, ' ').trim()].slice(0, 128).join('');
}

/** Empty for a phone without a name: it sends its number as one, and a number is not shown to everybody. */
export function callerName({ name, number }: { readonly name: string; readonly number: string }): string {
  const clean = cleanName(name);
  const isNumber = digitsOf(clean).length >= 5 && /^[\d\s+().-]+$/.test(clean);
  return isNumber || clean === cleanName(number) ? '' : clean;
}

/**
 * What a person typed into a dial field, without blanks and punctuation. VALIDATION_FAILED says in `t`'s language what
 * is wrong, before anything rings.
 */
export function checkDialable(
  input: string,
  t: (key: string, values?: Record<string, number>) => string,
): string {
  const compact = input.replace(/[\s().-]/g, '');
  if (compact === '') throw malformed(t('error.numberEmpty'));
  if (!/^\+?[0-9*#]+$/.test(compact)) throw malformed(t('error.numberCharacters'));
  if (compact.length > MOST_DIGITS) throw malformed(t('error.numberLong', { most: MOST_DIGITS }));
  return compact;
}

function malformed(message: string): JackfieldError {
  return new JackfieldError('VALIDATION_FAILED', message, {
    details: { errors: [{ path: 'body.number', message }] },
  });
}
