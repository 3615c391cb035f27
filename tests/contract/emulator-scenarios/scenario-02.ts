import type { Scenario } from './replay.ts';

const customer = { number: '4001234567', from: '13800138000' };

export const scenario: Scenario = {
  trace: '02',
  title: 'an inbound call is parked, answered, played to and hung up; four more are refused',
  happenings: [
    {
      at: 0.21,
      do: ({ emulator }) =>
        emulator.dial({
          ...customer,
          name: '张三 100%, VIP',
          assertedIdentity: '+8613800138000',
          headers: {
            'X-Tenant': 'acme & co; a=b',
            'X-Call-Ref': '42',
            Diversion: '<sip:4009999999@carrier.example>;reason=unconditional',
          },
        }),
    },
    { at: 3.14, do: ({ emulator, channel }) => emulator.digits(channel(1), '5') },
    { at: 11.393, do: ({ emulator, channel }) => emulator.hangup(channel(1)) },
    { at: 11.92, do: ({ emulator }) => emulator.dial(customer) },
    { at: 12.45, do: ({ emulator, channel }) => emulator.hangup(channel(2)) },
    { at: 12.865, do: ({ emulator }) => emulator.dial(customer) },
    { at: 13.608, do: ({ emulator }) => emulator.dial(customer) },
    { at: 14.05, do: ({ emulator }) => emulator.dial(customer) },
  ],
};
