import { pluginTexts } from '@jackfield/admin-ui/sdk';

/**
 * The name of a step. One that names its plugin (`ivr.keys`) is told by that plugin, the others by this one. The key is
 * the same as in a timeline of `interactions`: `timeline.<plugin>.<what>`, or `timelineMinor.…` for what only
 * technicians miss.
 */
export function stepText(kind: string): string {
  const full = kind.includes('.') ? kind : `telephony.${kind}`;
  const texts = pluginTexts(full.split('.', 1)[0] ?? '');
  const key = [`timeline.${full}`, `timelineMinor.${full}`].find((one) => texts.has(one));
  return key ? texts.t(key) : kind;
}
