import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { answersAfter, dials, hangsUp, phone } from './steps.ts';

export const scenario: Scenario = {
  trace: '15',
  title: 'scheduled things, park_timeout, execute_on_answer, *_after_bridge',
  happenings: [
    phone(0, '1001', answersAfter(240)),
    phone(0, '1002', answersAfter(240)),
    dials(0.01),
    dials(1.578),
    dials(5.722),
    dials(12.37, '7015'),
    dials(17.229),
    dials(27.61),
    hangsUp(28.38, 9),
    dials(29.789),
    hangsUp(30.57, 11),
    dials(32.38),
    hangsUp(33.15, 13),
    dials(34.954),
    hangsUp(35.71, 15),
    dials(37.517),
    hangsUp(38.28, 17),
    dials(40.082),
    hangsUp(40.84, 19),
    dials(42.65),
    hangsUp(43.42, 20),
    dials(45.23),
    hangsUp(45.99, 22),
    dials(47.8),
    hangsUp(48.55, 25),
    dials(51.1),
    hangsUp(51.83, 27),
    dials(53.645),
    hangsUp(54.39, 29),
    dials(56.947),
    hangsUp(57.68, 31),
    dials(60.215),
    hangsUp(60.99, 33),
    phone(63, '1001', 'noanswer'),
    dials(63.065),
    hangsUp(63.73, 35),
    dials(64.85),
    hangsUp(65.495, 37),
  ],
};

export const more: Leniency = {
  // the scheduler of that FreeSWITCH had tasks before
  cleaned: [[/Added: \d+/, 'Added: <id>']],
  // "4 repeated scheduler/heartbeat events left out", the trace says
  trailing: ['DEL_SCHEDULE'],
};
