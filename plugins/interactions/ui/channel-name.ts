import type { Texts } from '@jackfield/admin-ui/sdk';

/** The shell's word for a channel; of a channel it does not know, its id. */
export function channelName(channel: string, { t, has }: Pick<Texts, 't' | 'has'>): string {
  const key = `channels.${channel}`;
  return has(key) ? t(key) : channel;
}
