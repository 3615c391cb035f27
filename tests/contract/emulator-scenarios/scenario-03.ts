import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { dials, hangsUp, presses } from './steps.ts';

const keys: readonly (readonly [at: number, key: string])[] = [
  [0.68, '1'],
  [0.98, '2'],
  [1.26, '3'],
  [1.54, '4'],
  [1.82, '#'],
  [2.7, '9'],
  [2.98, '8'],
  [3.26, '7'],
  [3.54, '6'],
  [4.52, '9'],
  [7.3, '2'],
  [8.28, '9'],
  [11.06, '8'],
  [20.62, '1'],
  [20.9, '2'],
  [22.93, '#'],
  [25.53, '*'],
  [25.81, '1'],
  [26.09, '#'],
  [26.96, '7'],
  [27.24, '7'],
  [27.52, '#'],
  [30.45, '*'],
  [31.02, '5'],
  [31.3, '5'],
  [36.18, '6'],
  [36.48, '6'],
];

export const scenario: Scenario = {
  trace: '03',
  title: 'play_and_get_digits and read, with all their oddities',
  happenings: [
    dials(0.005, undefined, undefined, 'Caller One'),
    ...keys.map(([at, key]) => presses(at, 1, key)),
    hangsUp(40.87, 1),
  ],
};

export const more: Leniency = {
  // set by the RTP engine when it has sent a digit
  allowedMissing: [/^variable_last_dtmf_duration$/],
  // "3 repeated scheduler/heartbeat events left out", the trace says
  trailing: ['HEARTBEAT', 'RE_SCHEDULE'],
};
