import { currentLocale, textsOf } from './i18n.ts';
import { timeZone } from './session.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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

/** The day of an instant in the tenant's time zone, `YYYY-MM-DD`. */
export function dayOf(at: number, zone = timeZone()): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at);
}

/** `YYYY-MM-DD`, so many days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** When a day, `YYYY-MM-DD`, begins in the tenant's time zone; epoch ms. */
export function dayStart(day: string, zone = timeZone()): number {
  // No zone is further than 14 hours from UTC. In between the clocks may change, once, by a multiple of minutes.
  let [before, at] = [Date.parse(day) - 15 * HOUR_MS, Date.parse(day) + 15 * HOUR_MS];
  while (at - before > 60_000) {
    const middle = before + Math.floor((at - before) / 120_000) * 60_000;
    if (dayOf(middle, zone) < day) before = middle;
    else at = middle;
  }
  return at;
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
