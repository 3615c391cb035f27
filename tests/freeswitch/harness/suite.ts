import { describe } from 'vitest';
import { findFreeSwitch } from './find-freeswitch.ts';

/** `describe`, skipped by name where there is no FreeSWITCH. */
export function describeWithFreeSwitch(title: string, suite: () => void): void {
  const binary = findFreeSwitch();
  describe.skipIf(!binary)(binary ? title : `FreeSWITCH is not installed: ${title}`, suite);
}
