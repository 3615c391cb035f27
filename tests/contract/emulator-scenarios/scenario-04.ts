import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { answersAfter, dials, hangsUp, phone } from './steps.ts';

const customer = (at: number) => dials(at, undefined, undefined, 'Caller One');

export const scenario: Scenario = {
  trace: '04',
  title: 'a parked caller is bridged to an agent: uuid_bridge and the bridge application',
  happenings: [
    phone(0, '1001', answersAfter(700), 6115),
    phone(0, '1002', answersAfter(440)),
    customer(0.012),
    hangsUp(1.85, 2),
    customer(3.489),
    hangsUp(5.045, 3),
    customer(6.285),
    hangsUp(7.97, 6),
    hangsUp(10.17, 5),
    customer(11.372),
    hangsUp(12.875, 2),
    hangsUp(13.9, 7),
    hangsUp(16.72, 9),
  ],
};

export const more: Leniency = {
  // the capture ended before the API event of its last command
  trailing: ['API'],
};
