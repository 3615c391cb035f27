/** The date at that moment in a time zone: `2026-11-20`. */
export function localDay(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(at);
}

/** When the next day begins there. By halving, since a day may have 23 or 25 hours. */
export function nextLocalDay(at: number, timeZone: string): number {
  const today = localDay(at, timeZone);
  let before = at;
  let after = at + 26 * 3_600_000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDay(middle, timeZone) === today) before = middle;
    else after = middle;
  }
  return after;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
