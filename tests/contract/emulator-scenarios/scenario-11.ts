import type { Scenario } from './replay.ts';
import { dials, presses } from './steps.ts';

export const scenario: Scenario = {
  trace: '11',
  title: 'say, speak, phrase, tones, missing files, break, fileman',
  happenings: [dials(0.01), presses(16.67, 1, '*'), presses(23.31, 1, '*')],
};
