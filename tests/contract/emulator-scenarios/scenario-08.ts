import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { answersAfter, dials, hangsUp, phone, presses } from './steps.ts';

export const scenario: Scenario = {
  trace: '08',
  title: 'listening in, three-way, take-over, conference',
  happenings: [
    phone(0, '1001', answersAfter(250), 6151),
    phone(0, '1004', answersAfter(250), 6152),
    dials(0.05),
    presses(5.22, 3, '2'),
    presses(7.8, 3, '1'),
    presses(10.39, 3, '3'),
    presses(12.97, 3, '0'),
    hangsUp(24.73, 3),
    hangsUp(28.41, 4),
    hangsUp(31.99, 5),
    hangsUp(35.57, 6),
    hangsUp(39.14, 7),
    hangsUp(42.73, 8),
    hangsUp(43.99, 2),
    dials(46.86),
    dials(50.79),
    presses(61.67, 15, '7'),
    hangsUp(63.43, 14),
  ],
};

export const more: Leniency = {
  // who talks, and who has the floor, comes from the energy of the audio, which nobody measures here
  optional: (event) => /^(floor-change|start-talking|stop-talking)$/.test(event.fields.get('Action') ?? ''),
};
