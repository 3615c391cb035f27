import type { ApiRegistry } from '../api.ts';
import type { Channel } from '../channel.ts';
import { splitWords } from '../dial-string.ts';
import { handset } from '../handset.ts';
import { customerCalls, phoneCalls } from '../inbound.ts';
import { parseBehaviour } from '../phone.ts';
import { refer } from '../refer.ts';
import type { SwitchCore } from '../switch-core.ts';
import { findChannel, NO_CHANNEL, OK } from './find.ts';

const USAGE =
  '-USAGE: jackfield phone dial|digits|hangup|answer|reject|hold|transfer|register|unregister|user|list ...\n';
const NOT_NOW = '-ERR Not in this state\n';

/**
 * What no FreeSWITCH has: the hands on the virtual phones, so that an emulator in another process can be
 * driven like one in this process.
 */
export function addJackfieldCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('jackfield', (args) => {
    const [noun, verb = '', ...rest] = splitWords(args);
    return noun === 'phone' ? phoneCommand(core, verb, rest) : USAGE;
  });
}

function phoneCommand(core: SwitchCore, verb: string, args: readonly string[]): string {
  const [first = '', second = '', third] = args;
  switch (verb) {
    case 'dial':
      return dial(core, first, second, third);
    case 'digits':
      return onLeg(core, first, (leg) => handset.digits(leg, second));
    case 'hangup':
      return onLeg(core, first, handset.hangup);
    case 'answer':
      return onLeg(core, first, handset.answer);
    case 'reject':
      return onLeg(core, first, (leg) => handset.reject(leg, Number(second) || 603));
    case 'hold':
      return onLeg(core, first, (leg) => handset.hold(leg, second !== 'off'));
    case 'transfer':
      return onLeg(core, first, (leg) => refer(leg, second));
    case 'register': {
      const behaviour = parseBehaviour(third);
      if (first === '' || second === '' || !behaviour) return USAGE;
      core.phones.register(first, second, behaviour);
      return OK;
    }
    case 'unregister':
      return core.phones.unregister(first, second) ? OK : '-ERR Not registered\n';
    case 'user':
      if (first === '' || second === '') return USAGE;
      core.phones.addUser(first, second);
      return OK;
    case 'list':
      return `${JSON.stringify(core.phones.all().map(({ user, domain, legs }) => ({ user, domain, calls: [...legs].map((leg) => leg.uuid) })))}\n`;
    default:
      return USAGE;
  }
}

/** `<number> <from> [name]`; `from` is a customer's number, or `user@domain` of a registered phone. */
function dial(core: SwitchCore, number: string, from: string, name: string | undefined): string {
  if (number === '' || from === '') return USAGE;
  const [user = '', domain] = from.split('@');
  if (domain !== undefined) {
    const phone = core.phones.find(user, domain);
    if (!phone) return '-ERR Not registered\n';
    const leg = phoneCalls(core, phone, number);
    return leg ? `+OK ${leg.uuid}\n` : '-ERR Refused with 503\n';
  }
  const leg = customerCalls(core, name === undefined ? { number, from } : { number, from, name });
  return leg ? `+OK ${leg.uuid}\n` : '-ERR Refused with 503\n';
}

function onLeg(core: SwitchCore, uuid: string, fn: (leg: Channel) => boolean): string {
  const leg = findChannel(core, uuid);
  if (!leg) return NO_CHANNEL;
  return fn(leg) ? OK : NOT_NOW;
}
