import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { phone } from './steps.ts';

export const scenario: Scenario = {
  trace: '12',
  title: 'registrations and what the listings show',
  happenings: [
    // who had registered before, and for how long that was still good
    phone(0, '1001', 'manual', 6163, { expiresSec: 3446 }),
    phone(0, '1003', 'manual', 6122, { expiresSec: 2957 }),
    phone(0, '1004', 'manual', 6152, { expiresSec: 3281 }),
    phone(0, '1002', 'manual', 6162, { expiresSec: 3396 }),
    phone(1.51, '1001', 'manual', 6190, { expiresSec: 120 }),
    phone(2.03, '1001', 'manual', 6190, { expiresSec: 120 }),
    { at: 2.535, do: ({ emulator }) => emulator.core.phones.refuse('1002', 'cc.test') },
    { at: 3.035, do: ({ emulator }) => emulator.core.phones.refuse('9999', 'cc.test') },
    phone(3.54, '1001', 'manual', 6193, { expiresSec: 120 }),
    { at: 4.04, do: ({ emulator }) => emulator.unregisterPhone('1001', 'cc.test') },
    phone(4.545, '1003', 'manual', 6194, { expiresSec: 3 }),
    { at: 23.03, do: ({ emulator }) => emulator.core.phones.expire('1003', 'cc.test') },
    phone(23.05, '1003', 'manual', 6194, { expiresSec: 600 }),
  ],
};

export const more: Leniency = {
  ignoredReplies: [
    // the gateways of that machine
    /trunk::badreg/,
  ],
  cleaned: [
    [/(Call-ID: +\t|<call-id>)[0-9a-f]+/g, '$1<id>'],
    [/,[0-9a-f]{16},sofia/g, ',<token>,sofia'],
    [/(Uptime +\t|<uptime-usec>)\d+/g, '$1<time>'],
    [/(CallsOUT|<calls-out>|<failed-calls-out>)(\t?)\d+/g, '$1$2<count>'],
  ],
  // whom a phone watches is not emulated
  ignoredEvents: ['PRESENCE_IN', 'MESSAGE_QUERY'],
};
