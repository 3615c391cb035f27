import type { Scenario } from './replay.ts';
import { answersAfter, dials, phone } from './steps.ts';

export const scenario: Scenario = {
  trace: '14',
  title: 'the control connection is lost, and another one reads the state again',
  clientCloses: ['A'],
  happenings: [
    phone(0, '1001', answersAfter(250), 6212),
    dials(0.01, '4001234567', '13800138000'),
    dials(0.355, '4007654321', '13800138001'),
  ],
};
