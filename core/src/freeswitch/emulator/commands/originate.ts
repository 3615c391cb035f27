import type { ApiRegistry } from '../api.ts';
import { splitWords } from '../dial-string.ts';
import { inlineSteps } from '../dialplan.ts';
import { originate } from '../originate.ts';
import { setSteps } from '../session.ts';
import type { SwitchCore } from '../switch-core.ts';
import { transfer } from '../transfer.ts';

const USAGE =
  '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]\n';

export function addOriginateCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('originate', async (args) => {
    const [dialString, target, dialplan, context, cidName, cidNumber, timeout] = splitWords(args, 10);
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
    else transfer(leg, target, dialplan ?? 'XML', context ?? 'default');
    // its own thread goes on at once, and the answer is written first
    core.clock.soon(() => leg.interrupt());
    return `+OK ${leg.uuid}\n`;
  });
}
