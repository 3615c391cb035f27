import { answer, preAnswer, ringReady } from '../answer.ts';
import type { ApplicationRegistry } from '../application.ts';
import { causeOfSip } from '../causes.ts';
import type { Channel } from '../channel.ts';
import { splitWords } from '../dial-string.ts';
import { park } from '../park.ts';
import { waitOn } from '../playback.ts';
import { transfer } from '../transfer.ts';

/** Answering, parking, variables, ending: what needs no media. */
export function addBasicApplications(registry: ApplicationRegistry): void {
  const noMedia = { withoutMedia: true };
  const now = (fn: (channel: Channel, arg: string) => void) => (channel: Channel, arg: string) => {
    fn(channel, arg);
    return undefined;
  };
  registry.add('answer', now(answer), noMedia);
  registry.add('pre_answer', now(preAnswer), noMedia);
  registry.add('ring_ready', now(ringReady), noMedia);
  registry.add('park', (channel) => park(channel), noMedia);
  registry.add('set', now(setVariable), noMedia);
  registry.add('export', now(setVariable), noMedia);
  registry.add('multiset', now(setSeveral), noMedia);
  registry.add(
    'unset',
    now((channel, arg) => channel.set(arg.trim(), null)),
    noMedia,
  );
  registry.add(
    'set_global',
    now((channel, arg) => {
      const [name, value] = assignment(arg);
      if (value === '') channel.core.globals.delete(name);
      else channel.core.globals.set(name, value);
    }),
    noMedia,
  );
  registry.add(
    'hangup',
    now((channel, arg) => channel.hangup(arg.trim() || 'NORMAL_CLEARING')),
    noMedia,
  );
  registry.add('respond', now(respond), noMedia);
  registry.add('sleep', (channel, arg) => waitOn(channel, Number(arg) || 0), noMedia);
  registry.add(
    'transfer',
    now((channel, arg) => {
      const [extension = '', dialplan = '', context = ''] = splitWords(arg);
      transfer(channel, extension, dialplan, context);
    }),
    noMedia,
  );
  registry.add(
    'log',
    now(() => {}),
    noMedia,
  );
  registry.add(
    'info',
    now(() => {}),
    noMedia,
  );
  registry.add(
    'hash',
    now((channel, arg) => {
      void channel.core.apis.run('hash', arg, { channel });
    }),
    noMedia,
  );
  registry.add(
    'send_dtmf',
    now((channel, arg) => channel.farEnd.digits?.(channel, arg.split('@')[0] ?? '')),
  );
  registry.add(
    'flush_dtmf',
    now((channel) => {
      channel.digits.length = 0;
    }),
    noMedia,
  );
  registry.add('sched_hangup', now(scheduleHangup), noMedia);
}

function assignment(arg: string): [name: string, value: string] {
  const equals = arg.indexOf('=');
  return equals < 0 ? [arg.trim(), ''] : [arg.slice(0, equals).trim(), arg.slice(equals + 1)];
}

function setVariable(channel: Channel, arg: string): void {
  const [name, value] = assignment(arg);
  if (name !== '') channel.set(name, value === '_undef_' ? null : value);
}

function setSeveral(channel: Channel, arg: string): void {
  for (const pair of splitWords(arg)) setVariable(channel, pair);
}

/** `respond 480 Closed`: an answered call is hung up instead. */
function respond(channel: Channel, arg: string): void {
  const status = Number(arg.split(' ')[0]) || 488;
  if (!channel.answered) channel.set('sip_respond_status', status);
  channel.hangup(causeOfSip(status));
}

function scheduleHangup(channel: Channel, arg: string): void {
  const [when = '+0', cause = 'ALLOTTED_TIMEOUT'] = arg.split(' ');
  channel.core.scheduler.add(when, 'switch_ivr_schedule_hangup', channel.uuid, () => channel.hangup(cause));
}
