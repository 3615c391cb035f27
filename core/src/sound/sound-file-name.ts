import { maskNumber } from '../auth/mask.ts';

/** `20261120-153012-138xxxx8000.wav`, in the tenant's time; the number is masked, and `*` may not stand in a name. */
export function soundFileName(
  sound: { readonly startedAt: number; readonly number: string; readonly format: string },
  timeZone: string,
): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(sound.startedAt);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  const date = `${part('year')}${part('month')}${part('day')}-${part('hour')}${part('minute')}${part('second')}`;
  const number = maskNumber(sound.number)
    .replaceAll('*', 'x')
    .replace(/[^0-9A-Za-z+x-]/g, '');
  return `${[date, number].filter(Boolean).join('-')}.${sound.format}`;
}
