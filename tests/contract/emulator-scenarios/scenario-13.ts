import type { Scenario } from './replay.ts';
import { answersAfter, dials, holds, phone } from './steps.ts';

export const scenario: Scenario = {
  trace: '13',
  title: 'transfer by the phone, blind and attended, and by the server',
  happenings: [
    phone(0, '1001', answersAfter(250), 6201),
    phone(0, '1002', answersAfter(340), 6202),
    dials(0.01),
    { at: 0.79, do: (stage) => stage.emulator.transfer(stage.channel(2), '1002') },
    dials(2.56),
    holds(3.34, 4, true),
    { at: 3.91, do: ({ emulator }) => emulator.dialFromPhone('1001', 'cc.test', '1002') },
    { at: 4.94, do: (stage) => stage.emulator.transfer(stage.channel(4), stage.channel(5)) },
    dials(7.02),
  ],
};
