import type { Scenario } from './replay.ts';
import { dials } from './steps.ts';

export const scenario: Scenario = {
  trace: '16',
  title: 'ringing, early media, sendmsg with a body, pause, shutdown, restart',
  happenings: [
    dials(0.005),
    dials(2.43),
    dials(4.152),
    dials(7.42),
    // media is not emulated: that it stopped is told from outside
    {
      at: 11.455,
      do: ({ emulator, channel }) => emulator.core.channels.get(channel(4))?.hangup('MEDIA_TIMEOUT'),
    },
    dials(11.872),
    dials(17.891),
    { at: 27.9, do: (stage) => stage.startAgain() },
    dials(27.946),
  ],
};
