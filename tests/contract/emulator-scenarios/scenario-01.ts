import type { Leniency } from './compare.ts';
import type { Scenario } from './replay.ts';
import { phone } from './steps.ts';

export const scenario: Scenario = {
  trace: '01',
  title: 'authentication, api, bgapi, filters, sendevent, log, userauth',
  rewrite: (command) => {
    if (command.includes('Content-Length: 25')) return `${command}\n\nline one\nline two 中文\n`;
    return command === 'api echo one' ? 'api echo one\n\napi echo two\n\nbgapi status' : command;
  },
  happenings: [phone(0, '1001', 'manual', 6101, { expiresSec: 3535 })],
};

export const more: Leniency = {
  ignoredReplies: [
    // the version is the emulator's own
    /^Content-Type: api\/response\n\nFreeSWITCH Version/,
  ],
  // the time in the line of the log
  cleaned: [[/^[\d-]+ [\d:.]+ (?=[\d.]+% \[ERR\])/m, '<time> ']],
};
