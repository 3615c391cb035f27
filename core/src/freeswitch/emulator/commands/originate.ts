import type { ApiRegistry } from '../api.ts';
import { splitWords } from '../dial-string.ts';
import { inlineSteps } from '../dialplan.ts';
import { originate } from '../originate.ts';
import { setSteps } from '../session.ts';
import type { SwitchCore } from '../switch-core.ts';
import { transferUnanswered } from '../transfer.ts';

const USAGE =
  '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]\n';

export function addOriginateCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('originate', async (args) => {
    const [dialString, target, dialplan, context, cidName, cidNumber, timeout] = words(args);
    if (!dialString || !target) return USAGE;
    const outcome = await originate(core, {
      dialString,
      caller: null,
      ...(cidName === undefined || cidName === 'undef' ? {} : { callerIdName: cidName }),
      ...(cidNumber === undefined || cidNumber === 'undef' ? {} : { callerIdNumber: cidNumber }),
      ...(timeout === undefined ? {} : { timeoutSec: Number(timeout) }),
    });
    if (!outcome.leg) return `-ERR ${outcome.cause}\n`;
    const { leg } = outcome;
    const app = /^'?&([^(]+)(?:\((.*)\))?'?$/s.exec(target);
    if (app) setSteps(leg, [{ app: (app[1] ?? '').trim(), arg: app[2] ?? '' }]);
    else if (dialplan === 'inline') setSteps(leg, inlineSteps(target));
    else transferUnanswered(leg, target, dialplan ?? 'XML', context ?? 'default');
    return `+OK ${leg.uuid}\n`;
  });
}

/** Blanks inside the brackets of an application do not separate: `&bridge({a=b c}user/1)`. */
function words(args: string): string[] {
  const at = args.search(/\s&\S/);
  if (at < 0) return splitWords(args);
  const before = splitWords(args.slice(0, at));
  const rest = args.slice(at + 1);
  let depth = 0;
  let end = rest.length;
  for (let i = 0; i < rest.length; i++) {
    const c = rest[i];
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ' ' && depth === 0) {
      end = i;
      break;
    }
  }
  return [...before, rest.slice(0, end), ...splitWords(rest.slice(end))];
}
