import type { Locale } from '@jackfield/core/sdk';

/** Up to here the words are those people use; longer ones are read digit by digit. */
const MOST = 999_999_999_999n;

/**
 * A number as a quantity: 1003 → "one thousand and three", 一千零三. Takes `-` in front and a fraction after a point;
 * what is no number, or is too long, is read digit by digit.
 */
export function quantityWords(value: string, locale: Locale): string {
  const match = /^\s*([-−]?)0*(\d+)(?:\.(\d+))?\s*$/.exec(value.replaceAll(',', ''));
  const whole = match?.[2];
  if (!match || whole === undefined || BigInt(whole) > MOST) return digitWords(value, locale);
  const words = locale === 'zh-CN' ? chinese(Number(whole)) : english(Number(whole));
  const minus = match[1] ? (locale === 'zh-CN' ? '负' : 'minus ') : '';
  const fraction = match[3];
  if (fraction === undefined) return minus + words;
  const digits = digitWords(fraction, locale);
  return locale === 'zh-CN'
    ? `${minus}${words}点${digits.replaceAll(' ', '')}`
    : `${minus}${words} point ${digits}`;
}

const EN_DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const ZH_DIGITS = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const KEYS: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: { '*': 'star', '#': 'hash', '+': 'plus' },
  'zh-CN': { '*': '星', '#': '井', '+': '加' },
};

/** Each key by itself, with blanks between; what is no key is left out. */
export function digitWords(value: string, locale: Locale): string {
  const digits = locale === 'zh-CN' ? ZH_DIGITS : EN_DIGITS;
  return [...value]
    .flatMap((key) => digits[key >= '0' && key <= '9' ? Number(key) : -1] ?? KEYS[locale][key] ?? [])
    .join(' ');
}

const EN_TEENS = [
  ...['ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen'],
  'nineteen',
];
const EN_TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const EN_SCALES = ['', ' thousand', ' million', ' billion'];

function english(number: number): string {
  if (number === 0) return 'zero';
  const groups = groupsOf(number, 1_000);
  const words = groups
    .flatMap((group, scale) => (group === 0 ? [] : [englishGroup(group) + EN_SCALES[scale]]))
    .reverse();
  const last = groups[0] ?? 0;
  // "one thousand and three", but "one thousand two hundred".
  if (words.length > 1 && last > 0 && last < 100) words.splice(-1, 1, `and ${words.at(-1)}`);
  return words.join(' ');
}

function englishGroup(number: number): string {
  const hundreds = Math.floor(number / 100);
  const rest = number % 100;
  const parts = hundreds > 0 ? [`${EN_DIGITS[hundreds]} hundred`] : [];
  if (rest > 0) parts.push(englishBelowHundred(rest));
  return parts.join(' and ');
}

function englishBelowHundred(number: number): string {
  if (number < 10) return EN_DIGITS[number] ?? '';
  if (number < 20) return EN_TEENS[number - 10] ?? '';
  const unit = number % 10;
  const tens = EN_TENS[Math.floor(number / 10)] ?? '';
  return unit === 0 ? tens : `${tens}-${EN_DIGITS[unit]}`;
}

const ZH_SCALES = ['', '万', '亿'];
const ZH_UNITS = ['', '十', '百', '千'];

/** 1003 一千零三 · 100010 十万零一十 · 10 十: one 零 for each run of zeros that something follows. */
function chinese(number: number): string {
  if (number === 0) return '零';
  const groups = groupsOf(number, 10_000);
  let words = '';
  for (let scale = groups.length - 1; scale >= 0; scale -= 1) {
    const group = groups[scale] ?? 0;
    if (group === 0) continue;
    // A gap before this group: it has no thousands, or a whole group is missing above it.
    const gap = words !== '' && (group < 1_000 || (groups[scale + 1] ?? 0) === 0);
    words += (gap ? '零' : '') + chineseGroup(group) + ZH_SCALES[scale];
  }
  // 十, not 一十, where it stands first.
  return words.startsWith('一十') ? words.slice(1) : words;
}

function chineseGroup(number: number): string {
  let words = '';
  let isGap = false;
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(number / 10 ** place) % 10;
    if (digit === 0) {
      isGap = words !== '';
      continue;
    }
    words += (isGap ? '零' : '') + ZH_DIGITS[digit] + ZH_UNITS[place];
    isGap = false;
  }
  return words;
}

/** 1003 in thousands: [3, 1]. */
function groupsOf(number: number, base: number): number[] {
  const groups: number[] = [];
  for (let rest = number; rest > 0; rest = Math.floor(rest / base)) groups.push(rest % base);
  return groups;
}
