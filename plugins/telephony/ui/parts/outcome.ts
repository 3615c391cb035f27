import { textsOf } from '@jackfield/admin-ui/sdk';

/** Those of the catalogue (telephony-52), and of calls that went out; the choices of the filter. */
export const outcomes = [
  'connected',
  'ring-no-answer',
  'abandoned-in-queue',
  'not-answered-in-ivr',
  'abandoned',
  'rejected',
  'blacklisted',
  'concurrency-limited',
  'voicemail-left',
  'queue-closed',
  'no-answer',
  'busy',
  'unreachable',
  'cancelled',
  'own-phone-not-answered',
  'failed',
] as const;

/** A plugin may have one of its own: then its word is shown as it is. */
export function outcomeText(outcome: string | null, t: (key: string) => string): string {
  if (outcome === null) return t('outcome.live');
  return textsOf('telephony').has(`outcome.${outcome}`) ? t(`outcome.${outcome}`) : outcome;
}

export function outcomeTone(outcome: string | null): 'success' | 'info' | 'warning' | 'danger' | 'primary' {
  if (outcome === null) return 'primary';
  if (outcome === 'connected') return 'success';
  if (outcome === 'failed') return 'danger';
  return ['ring-no-answer', 'abandoned-in-queue', 'not-answered-in-ivr', 'abandoned'].includes(outcome)
    ? 'warning'
    : 'info';
}
