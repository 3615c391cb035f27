import { answer } from '../answer.ts';
import type { ApiRegistry } from '../api.ts';
import { uuidBridge } from '../bridge.ts';
import { isCause } from '../causes.ts';
import type { Channel } from '../channel.ts';
import { splitWords } from '../dial-string.ts';
import { holdChanged } from '../hold.ts';
import type { SwitchCore } from '../switch-core.ts';
import { transfer } from '../transfer.ts';
import { findChannel, NO_CHANNEL, OK, SUCCESS } from './find.ts';

/** Ending, moving, bridging and holding calls. */
export function addCallCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('uuid_kill', (args) => {
    const [uuid, cause] = splitWords(args);
    if (!uuid) return '-USAGE: <uuid> [cause]\n';
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    channel.hangup(cause !== undefined && isCause(cause) ? cause : 'NORMAL_CLEARING');
    return OK;
  });
  registry.add('hupall', (args) => hangupAll(core, args));
  registry.add('uuid_bridge', (args) => {
    const [first, second] = splitWords(args);
    if (!first || !second) return '-USAGE: <uuid> <other_uuid>\n';
    const a = findChannel(core, first);
    const b = findChannel(core, second);
    if (!a || !b || !uuidBridge(a, b)) return '-ERR Invalid uuid\n';
    return `+OK ${second}\n`;
  });
  registry.add('uuid_transfer', (args) => uuidTransfer(core, args));
  registry.add('uuid_park', (args) => {
    const channel = findChannel(core, args.trim());
    if (!channel) return NO_CHANNEL;
    channel.steps = [];
    channel.setState('CS_PARK');
    return OK;
  });
  registry.add('uuid_answer', (args) => {
    const channel = findChannel(core, args.trim());
    if (!channel) return '-ERROR\n';
    answer(channel);
    return OK;
  });
  registry.add('uuid_pre_answer', (args) => {
    const channel = findChannel(core, args.trim());
    if (!channel) return '-ERROR\n';
    channel.queueApp('pre_answer', '');
    return OK;
  });
  registry.add('uuid_ring_ready', (args) => {
    const channel = findChannel(core, args.trim());
    if (!channel) return '-ERROR\n';
    channel.queueApp('ring_ready', '');
    return OK;
  });
  registry.add('uuid_hold', (args) => uuidHold(core, args));
  registry.add('uuid_phone_event', (args) => {
    const [uuid, event = ''] = splitWords(args);
    if (!uuid) return '-USAGE: <uuid>\n';
    const channel = findChannel(core, uuid);
    if (!channel) return '-ERR Operation Failed\n';
    channel.farEnd.phoneEvent?.(channel, event);
    return SUCCESS;
  });
  registry.add('uuid_flush_dtmf', (args) => {
    const channel = findChannel(core, args.trim());
    if (!channel) return '-ERR no such session\n';
    channel.digits.length = 0;
    return OK;
  });
  registry.add('uuid_recv_dtmf', (args) => dtmf(core, args, 'received'));
  registry.add('uuid_send_dtmf', (args) => dtmf(core, args, 'sent'));
}

function hangupAll(core: SwitchCore, args: string): string {
  const [cause = 'MANAGER_REQUEST', name, value = ''] = splitWords(args);
  for (const channel of [...core.channels.values()].reverse()) {
    if (name === undefined || channel.get(name) === value) channel.hangup(cause);
  }
  return name === undefined
    ? `+OK hangup all channels with cause ${cause}\n`
    : `+OK hangup all channels matching [${name}]=[${value}] with cause: ${cause}\n`;
}

/** `<uuid> [-bleg|-both] <extension> [<dialplan>] [<context>]` */
function uuidTransfer(core: SwitchCore, args: string): string {
  const words = splitWords(args);
  const uuid = words.shift();
  if (!uuid || words.length === 0)
    return '-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n';
  const channel = findChannel(core, uuid);
  if (!channel) return NO_CHANNEL;
  const option = words[0] === '-bleg' || words[0] === '-both' ? words.shift() : undefined;
  const [extension = '', dialplan = '', context = ''] = words;
  const move = (leg: Channel) => transfer(leg, extension, dialplan, context);
  const { partner } = channel;
  if (option === '-both' && partner) move(partner);
  move(option === '-bleg' && partner ? partner : channel);
  return OK;
}

/** Says success for anything, also for a channel that is not there (trace 06). */
function uuidHold(core: SwitchCore, args: string): string {
  const words = splitWords(args);
  const verb = words[0] === 'off' || words[0] === 'toggle' ? words.shift() : 'on';
  const uuid = words[0];
  if (!uuid) return '-USAGE: [off|toggle] <uuid> [<display>]\n-ERR Operation failed\n';
  const channel = findChannel(core, uuid);
  if (channel?.answered) {
    const on = verb === 'toggle' ? !channel.held : verb === 'on';
    channel.farEnd.held?.(channel, on);
    holdChanged(channel, on);
  }
  return SUCCESS;
}

function dtmf(core: SwitchCore, args: string, way: 'received' | 'sent'): string {
  const [uuid, keys] = splitWords(args);
  if (!uuid || !keys) return '-USAGE: <uuid> <dtmf_data>\n';
  const channel = findChannel(core, uuid);
  if (!channel) return '-ERR Cannot locate session!\n';
  const [digits = '', duration] = keys.split('@');
  if (way === 'sent') channel.farEnd.digits?.(channel, digits);
  else for (const digit of digits) channel.receiveDigit(digit, duration ? Number(duration) * 8 : 2000, 'APP');
  return `+OK ${uuid} ${way} DTMF ${keys}.\n`;
}
