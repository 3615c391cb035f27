import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { answersAfter, dials, holds, phone } from './steps.ts';

export const scenario: Scenario = {
  trace: '06',
  title: 'hold, broadcast, park, transfer, kill, variables, and a caller who is moved to another agent',
  happenings: [
    phone(0, '1001', answersAfter(250), 6131),
    phone(0, '1002', answersAfter(250)),
    dials(0.03),
    holds(5.05, 2, true),
    holds(6.27, 2, false),
    dials(15.965),
    dials(19.94),
    dials(22.32),
    dials(25.58),
  ],
};

export const more: Leniency = {
  // details of the re-INVITE, and of who sent the last request of the dialogue
  allowedMissing: [
    /^variable_(sip_reply_host|sip_reply_port|dlg_req_swap_direction|sip_from_port|switch_m_sdp)$/,
    /^Caller-Callee-ID-Name$/,
  ],
  allowedExtra: [/^variable_sip_to_port$/],
  // README 06: the order of these three varies, and so does what CHANNEL_UNHOLD says of the call's state
  unordered: [['CHANNEL_CALLSTATE UNHELD', 'CHANNEL_CALLSTATE ACTIVE', 'CHANNEL_UNHOLD']],
  ignoredFields: { CHANNEL_UNHOLD: ['Channel-Call-State'] },
};
