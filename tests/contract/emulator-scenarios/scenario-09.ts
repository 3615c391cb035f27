import type { LegStep } from '../../../core/src/freeswitch/emulator/index.ts';
import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { answersAfter, hangsUp, phone, refuses } from './steps.ts';

const ringThenAnswer = (ms: number): readonly LegStep[] => [
  { atMs: 50, do: 'ring' },
  { atMs: ms, do: 'answer' },
];

const carrier: Record<string, readonly LegStep[]> = {
  '13900139000': ringThenAnswer(660),
  '13900139001': [
    { atMs: 55, do: 'early' },
    { atMs: 1600, do: 'answer' },
  ],
  '13900139002': [
    { atMs: 55, do: 'early' },
    { atMs: 1560, do: 'answer' },
  ],
  '13900139003': [
    { atMs: 55, do: 'early' },
    { atMs: 860, do: 'refuse', status: 486 },
  ],
};

export const scenario: Scenario = {
  trace: '09',
  title: 'outside calls, early media, ringing in parallel and one after the other, quoting',
  options: {
    trunk: {
      gateways: ['carrier'],
      machine: (number) => (number === '13900139009' ? { greetingMs: 740 } : null),
      script: (number) => carrier[number] ?? ringThenAnswer(number.startsWith('139001391') ? 560 : 360),
    },
  },
  happenings: [
    phone(0, '1001', answersAfter(360)),
    phone(0, '1002', answersAfter(700)),
    phone(12.0, '1001', refuses(486)),
    phone(14.5, '1001', answersAfter(360)),
    hangsUp(19.87, 18),
  ],
};

export const more: Leniency = {
  // the settings of avmd
  ignoredReplies: [/Avmd global settings/],
};
