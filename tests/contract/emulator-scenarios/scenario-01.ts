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
  happenings: [phone(0, '1001', 'manual', 6101)],
};

export const more: Leniency = {
  ignoredReplies: [
    // a random uuid, the seconds of now, the token of a registration
    /^Content-Type: api\/response\n\n<uuid>$/,
    /^Content-Type: api\/response\n\n(ch\d+|\d{10}|<epoch>)$/,
    // the text names FreeSWITCH's own host and process
    /^Content-Type: api\/response\n\nfs1\//,
    // the time in the line of the log
    /^Content-Type: log\/data/,
  ],
};
