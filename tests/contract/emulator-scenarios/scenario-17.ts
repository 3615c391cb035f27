import type { Scenario } from './replay.ts';
import { answersAfter, dials, hangsUp, phone, presses } from './steps.ts';

export const scenario: Scenario = {
  trace: '17',
  title: 'commands to legs that are bridged, ringing or gone',
  happenings: [
    phone(0, '1001', answersAfter(250)),
    dials(0.01),
    presses(4.29, 1, '1'),
    presses(4.57, 2, '2'),
    phone(6.6, '1001', 'noanswer'),
    dials(6.725),
    dials(9.431),
    dials(11.36),
    hangsUp(11.4205, 7),
  ],
};
