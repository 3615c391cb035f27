import { parkEverything } from '../../../core/src/freeswitch/emulator/dialplan.ts';
import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { dials, hangsUp } from './steps.ts';

const APPLICATION = '127.0.0.1:8040';
const sockets: Record<string, string> = {
  '8040': `${APPLICATION} async full`,
  '8041': `${APPLICATION} full`,
  '8042': APPLICATION,
};

export const scenario: Scenario = {
  trace: '10',
  title: 'FreeSWITCH connects to the application: async and sync, full and not, lingering or not',
  options: {
    dialplan: (request) => {
      const arg = sockets[request.destination];
      return arg === undefined ? parkEverything(request) : [{ app: 'socket', arg }];
    },
  },
  outbound: ['A', 'B', 'C', 'D', 'E', 'F', 'G'],
  clientCloses: ['C', 'E', 'G'],
  happenings: [
    dials(0, '8040', undefined, 'Caller One'),
    hangsUp(2.251, 1),
    dials(3.775, '8040'),
    hangsUp(4.26, 2),
    dials(5.281, '8040'),
    dials(7.085, '8040'),
    dials(8.889, '8041'),
    dials(13.096, '8042'),
    dials(14, '8040'),
    dials(16.506, '8040'),
  ],
};

export const more: Leniency = {
  // the emulator's dialplan has no regular expressions; those of these extensions caught nothing
  allowedExtra: [/^variable_DP_MATCH$/],
  // getvar sip_call_id
  cleaned: [[/Reply-Text: [0-9a-f]{16}@/, 'Reply-Text: <id>@']],
};
