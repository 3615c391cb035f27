import type { Texts } from '@jackfield/admin-ui/sdk';
import type { Problem } from './shapes.ts';

/** A problem as a sentence. Kinds of destinations and names of exits are shown by their names where they have one. */
export function problemText({ code, detail, path }: Problem, t: Texts['t']): string {
  return t(`problems.codes.${code}`, { detail, path: path ?? '' });
}
