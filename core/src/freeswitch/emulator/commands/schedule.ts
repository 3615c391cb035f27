import type { ApiRegistry } from '../api.ts';
import { splitWords } from '../dial-string.ts';
import type { SwitchCore } from '../switch-core.ts';
import { transfer } from '../transfer.ts';
import { findChannel, NO_CHANNEL, OK } from './find.ts';
import { broadcast } from './media.ts';

export function addScheduleCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('sched_hangup', (args) => {
    const [when, uuid, cause = 'ALLOTTED_TIMEOUT'] = splitWords(args);
    if (!when || !uuid) return '-USAGE: [+]<time> <uuid> [<cause>]\n';
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    if (when === '+0') channel.hangup(cause);
    else core.scheduler.add(when, 'switch_ivr_schedule_hangup', uuid, () => channel.hangup(cause));
    return OK;
  });
  registry.add('sched_transfer', (args) => {
    const [when, uuid, extension, dialplan = '', context = ''] = splitWords(args);
    if (!when || !uuid || !extension)
      return '-USAGE: [+]<time> <uuid> <extension> [<dialplan>] [<context>]\n';
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    core.scheduler.add(when, 'switch_ivr_schedule_transfer', uuid, () =>
      transfer(channel, extension, dialplan, context),
    );
    return OK;
  });
  registry.add('sched_broadcast', (args) => {
    const [when, uuid, path, legs = 'aleg'] = splitWords(args);
    if (!when || !uuid || !path) return '-USAGE: [[+]<time>|@time] <uuid> <path> [aleg|bleg|both]\n';
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    core.scheduler.add(when, 'switch_ivr_schedule_broadcast', uuid, () => {
      if (!channel.hungUp) broadcast(channel, path, legs);
    });
    return '+OK Message scheduled\n';
  });
  registry.add('sched_api', (args) => {
    const [when, group, command, ...rest] = splitWords(args);
    if (!when || !group || !command)
      return '-ERR Invalid syntax. USAGE: sched_api [+@]<time> <group_name> <command_string>[&]\n';
    const id = core.scheduler.add(when, 'sched_api_function', group, () => {
      void core.apis.run(command, rest.join(' '));
    });
    return `+OK Added: ${id}\n`;
  });
  registry.add('sched_del', (args) => `+OK Deleted: ${core.scheduler.remove(args.trim())}\n`);
}
