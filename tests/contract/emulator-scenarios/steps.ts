/** Short ways to say what people and phones did in a trace. Times are seconds, as in the trace. */
import type { PhoneBehaviour } from '../../../core/src/freeswitch/emulator/index.ts';
import type { Happening } from './replay.ts';

/** A customer dials; by default the one of most traces. */
export function dials(at: number, number = '4001234567', from = '13800138000', name?: string): Happening {
  return {
    at,
    do: ({ emulator }) => emulator.dial(name === undefined ? { number, from } : { number, from, name }),
  };
}

/** The n-th channel's far end sends a BYE or CANCEL. */
export function hangsUp(at: number, channel: number): Happening {
  return { at, do: (stage) => stage.emulator.hangup(stage.channel(channel)) };
}

export function presses(at: number, channel: number, keys: string): Happening {
  return { at, do: (stage) => stage.emulator.digits(stage.channel(channel), keys) };
}

export function holds(at: number, channel: number, on: boolean): Happening {
  return { at, do: (stage) => stage.emulator.hold(stage.channel(channel), on) };
}

/** From now on the phone of a user behaves like this. */
export function phone(
  at: number,
  user: string,
  behaviour: PhoneBehaviour,
  port?: number,
  more: { readonly expiresSec?: number } = {},
): Happening {
  // the phones of the traces had the address of FreeSWITCH in From, not their domain
  const options = { host: '127.0.0.1', ...more, ...(port === undefined ? {} : { port }) };
  return { at, do: ({ emulator }) => emulator.core.phones.register(user, 'cc.test', behaviour, options) };
}

/** Rings after 40 ms and answers after that many. */
export const answersAfter = (ms: number): PhoneBehaviour => ({
  script: [
    { atMs: 40, do: 'ring' },
    { atMs: ms, do: 'answer' },
  ],
});

export const refuses = (status: number, reasonQ850?: number): PhoneBehaviour => ({
  script: [
    { atMs: 40, do: 'ring' },
    reasonQ850 === undefined
      ? { atMs: 360, do: 'refuse', status }
      : { atMs: 360, do: 'refuse', status, reasonQ850 },
  ],
});
