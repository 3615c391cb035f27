import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import * as s01 from './scenario-01.ts';
import * as s02 from './scenario-02.ts';
import * as s03 from './scenario-03.ts';
import * as s04 from './scenario-04.ts';
import * as s05 from './scenario-05.ts';
import * as s06 from './scenario-06.ts';
import * as s07 from './scenario-07.ts';
import * as s08 from './scenario-08.ts';
import * as s09 from './scenario-09.ts';
import * as s10 from './scenario-10.ts';
import * as s11 from './scenario-11.ts';
import * as s12 from './scenario-12.ts';
import * as s13 from './scenario-13.ts';
import * as s14 from './scenario-14.ts';
import * as s15 from './scenario-15.ts';
import * as s16 from './scenario-16.ts';
import * as s17 from './scenario-17.ts';

export const scenarios: readonly { readonly scenario: Scenario; readonly more?: Leniency }[] = [
  s01,
  s02,
  s03,
  s04,
  s05,
  s06,
  s07,
  s08,
  s09,
  s10,
  s11,
  s12,
  s13,
  s14,
  s15,
  s16,
  s17,
];
