import type { Scenario } from './replay.ts';
import { answersAfter, dials, hangsUp, phone } from './steps.ts';

export const scenario: Scenario = {
  trace: '07',
  title: 'recordings',
  happenings: [
    phone(0, '1001', answersAfter(250)),
    dials(0.01),
    hangsUp(15.78, 2),
    dials(17.02),
    {
      at: 21.11,
      do: ({ emulator }) => emulator.dial({ number: '4001234567', from: '13800138000', talksMs: 2870 }),
    },
    hangsUp(26.04, 5),
  ],
};
