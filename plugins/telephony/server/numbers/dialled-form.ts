import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** How a carrier wants a number: `+8613800138000`, or as one dials it in `region` (`013800138000`, `0049…`). */
export function dialledForm(number: string, format: 'e164' | 'national', region: string): string {
  if (format === 'e164' || !number.startsWith('+')) return number;
  const parsed = parsePhoneNumberFromString(number);
  if (!parsed) return number;
  const home = isSupportedCountry(region) && parsed.country === region;
  return home ? parsed.formatNational().replace(/\D/g, '') : `00${number.slice(1)}`;
}
