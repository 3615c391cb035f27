import { separateString } from '../switch/separate-string.ts';
import type { DialplanStep } from './channel.ts';

export interface DialplanRequest {
  readonly destination: string;
  readonly context: string;
  readonly dialplan: string;
}

/** What a destination does; null when there is no such extension (NO_ROUTE_DESTINATION). */
export type Dialplan = (request: DialplanRequest) => readonly DialplanStep[] | null;

/** Jackfield's: every call in the contexts it knows is parked, and the server takes over from there. */
export const parkEverything: Dialplan = ({ context }) =>
  context === 'public' || context === 'default' ? [{ app: 'park', arg: '' }] : null;

/**
 * The `inline` dialplan: `app:arg,app:arg`, in quotes or not; `m:^:` in front chooses another separator.
 * Example: `'conference:room1@cc+flags{}'`.
 */
export function inlineSteps(text: string): DialplanStep[] {
  let list = text.trim();
  let separator = ',';
  const chosen = /^m:(.):/.exec(list);
  if (chosen) {
    separator = chosen[1] ?? ',';
    list = list.slice(4);
  }
  return separateString(list, separator).map((item) => {
    const colon = item.indexOf(':');
    return colon < 0 ? { app: item, arg: '' } : { app: item.slice(0, colon), arg: item.slice(colon + 1) };
  });
}
