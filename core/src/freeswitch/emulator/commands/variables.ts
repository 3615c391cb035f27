import { separateString } from '../../switch/separate-string.ts';
import type { ApiRegistry } from '../api.ts';
import { splitWords } from '../dial-string.ts';
import { jsonBlock, plainBlock, xmlBlock } from '../encode.ts';
import { profileField } from '../expand.ts';
import type { SwitchCore } from '../switch-core.ts';
import { findChannel, NO_CHANNEL, OK } from './find.ts';

export function addVariableCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('uuid_exists', (args) => String(findChannel(core, args.trim()) !== null));
  registry.add('uuid_getvar', (args) => {
    const [uuid, name] = args.trim().split(/\s+/);
    if (!uuid || !name) return '-USAGE: <uuid> <var>\n';
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    return channel.get(name) ?? profileField(channel, name) ?? '_undef_';
  });
  registry.add('uuid_setvar', (args) => {
    const [uuid, name, value = ''] = splitWords(args, 3);
    if (!uuid || !name) return '-USAGE: <uuid> <var> [value]\n';
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    channel.set(name, value);
    return OK;
  });
  registry.add('uuid_setvar_multi', (args) => {
    const space = args.indexOf(' ');
    if (space <= 0) return '-USAGE: <uuid> <var>=<value>;<var>=<value>...\n';
    const channel = findChannel(core, args.slice(0, space));
    if (!channel) return NO_CHANNEL;
    for (const pair of separateString(args.slice(space + 1), ';')) {
      const equals = pair.indexOf('=');
      if (equals > 0) channel.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return OK;
  });
  registry.add('uuid_dump', (args) => {
    const [uuid, format] = args.trim().split(/\s+/);
    if (!uuid) return '-USAGE: <uuid> [format]\n';
    const channel = findChannel(core, uuid);
    if (!channel) return NO_CHANNEL;
    const event = channel.event('CHANNEL_DATA');
    if (format === 'json') return jsonBlock(event);
    return format === 'xml' ? xmlBlock(event) : plainBlock(event);
  });
}
