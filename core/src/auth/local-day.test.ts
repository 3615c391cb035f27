import { describe, expect, it } from 'vitest';
import { isTimeZone, localDay, nextLocalDay } from './local-day.ts';

describe('the day in a time zone', () => {
  it('is the date people there would say', () => {
    const at = Date.UTC(2026, 10, 20, 17);
    expect(localDay(at, 'Asia/Shanghai')).toBe('2026-11-21');
    expect(localDay(at, 'America/New_York')).toBe('2026-11-20');
  });

  it.each([
    ['Asia/Shanghai', Date.UTC(2026, 10, 20, 9), Date.UTC(2026, 10, 20, 16)],
    // 25 hours long: clocks go back.
    ['America/New_York', Date.UTC(2026, 10, 1, 4), Date.UTC(2026, 10, 2, 5)],
    // 23 hours long: clocks go forward.
    ['Europe/Berlin', Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 2, 29, 22)],
    // The last millisecond of a day.
    ['UTC', Date.UTC(2026, 0, 1) - 1, Date.UTC(2026, 0, 1)],
  ])('ends in %s at its own midnight', (timeZone, at, end) => {
    expect(nextLocalDay(at, timeZone)).toBe(end);
  });

  it('knows which time zones there are', () => {
    expect([isTimeZone('Asia/Shanghai'), isTimeZone('Mars/Olympus'), isTimeZone('')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
