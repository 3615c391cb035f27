import { currentLocale, textsOf } from './i18n.ts';
import { timeZone } from './session.ts';

export type TimeFormat = 'datetime' | 'date' | 'time' | 'short' | 'full';

const shapes: Record<TimeFormat, Intl.DateTimeFormatOptions> = {
  datetime: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  },
  date: { year: 'numeric', month: '2-digit', day: '2-digit' },
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  short: { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  full: { dateStyle: 'full', timeStyle: 'long' },
};
const cache = new Map<string, Intl.DateTimeFormat>();

/** An instant (epoch ms) in the tenant's time zone and the reader's language. */
export function formatTime(at: number, format: TimeFormat = 'datetime', zone = timeZone()): string {
  // English dates are written day-month-year with a 24-hour clock: one order for all who read English here.
  const locale = currentLocale() === 'en' ? 'en-GB' : 'zh-CN';
  const key = `${locale}|${zone}|${format}`;
  let formatter = cache.get(key);
  if (!formatter) {
    const options = shapes[format];
    formatter = new Intl.DateTimeFormat(locale, {
      ...options,
      timeZone: zone,
      ...(format === 'full' ? {} : { hourCycle: 'h23' as const }),
    });
    cache.set(key, formatter);
  }
  return formatter.format(at);
}

/** `m:ss`, from one hour `h:mm:ss`; negative values count as zero. */
export function formatDuration(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** For tables of figures: the same, always with hours. */
export function formatLongDuration(milliseconds: number): string {
  const text = formatDuration(milliseconds);
  return text.split(':').length === 3 ? text : `0:${text.padStart(5, '0')}`;
}

/** “25 of 10,000+” kind of totals: the server stops counting at 10,000. */
export function formatTotal(total: number): string {
  const { t } = textsOf(null);
  return total >= 10_000 ? t('common.totalMore', { n: 10_000 }) : t('common.total', { n: total });
}
