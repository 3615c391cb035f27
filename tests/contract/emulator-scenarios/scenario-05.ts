import type { Scenario } from './replay.ts';
import { answersAfter, dials, hangsUp, phone, refuses } from './steps.ts';

export const scenario: Scenario = {
  trace: '05',
  title: 'agent legs that fail, and what that does to the caller',
  happenings: [
    phone(0, '1001', 'noanswer', 6121),
    phone(0, '1002', 'manual'),
    phone(0, '1003', 'gone'),
    phone(14.8, '1001', refuses(486), 6121),
    phone(15.9, '1001', refuses(603), 6121),
    phone(17.0, '1001', refuses(480), 6121),
    phone(18.0, '1001', refuses(404), 6121),
    phone(19.1, '1001', refuses(488), 6121),
    phone(20.2, '1001', refuses(500), 6121),
    phone(21.2, '1001', refuses(503), 6121),
    phone(22.3, '1001', refuses(486, 21), 6121),
    // 302 to somebody who is not registered: nothing more comes
    phone(23.4, '1001', { script: [] }, 6121),
    phone(38.3, '1001', answersAfter(250), 6121),
    phone(42.7, '1001', 'noanswer', 6121),
    dials(44.491),
    hangsUp(46.69, 23),
    phone(47.0, '1001', refuses(486), 6121),
    dials(47.195),
    phone(48.5, '1001', refuses(603), 6121),
    dials(48.613),
    dials(50.038),
    phone(51, '1001', refuses(486), 6121),
    dials(51.122),
    dials(52.592),
    hangsUp(53.54, 32),
    dials(54.055),
    hangsUp(54.63, 34),
  ],
};
