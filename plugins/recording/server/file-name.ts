import { maskNumber } from '@jackfield/core/sdk';
import type { RecordingRow } from './recording.entity.ts';

/** `20261120-153012-138xxxx8000.wav`, in the tenant's time; the number is masked, and `*` may not stand in a name. */
export function fileNameOf(
  row: Pick<RecordingRow, 'startedAt' | 'partyNumber' | 'format'>,
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
  }).formatToParts(row.startedAt);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  const date = `${part('year')}${part('month')}${part('day')}-${part('hour')}${part('minute')}${part('second')}`;
  const number = maskNumber(row.partyNumber)
    .replaceAll('*', 'x')
    .replace(/[^0-9A-Za-z+x-]/g, '');
  return `${[date, number].filter(Boolean).join('-')}.${row.format}`;
}
