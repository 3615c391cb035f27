import type { ApiRegistry } from '../api.ts';
import type { Channel } from '../channel.ts';
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
    const match = /^\s*(\S+)\s+(\S+)(?: (.*))?$/s.exec(args);
    if (!match) return '-USAGE: <uuid> <var> [value]\n';
    const channel = findChannel(core, match[1]);
    if (!channel) return NO_CHANNEL;
    setVariable(channel, match[2] ?? '', match[3] ?? '');
    return OK;
  });
  registry.add('uuid_setvar_multi', (args) => {
    const match = /^\s*(\S+)\s+(.+)$/s.exec(args);
    if (!match) return '-USAGE: <uuid> <var>=<value>;<var>=<value>...\n';
    const channel = findChannel(core, match[1]);
    if (!channel) return NO_CHANNEL;
    for (const pair of (match[2] ?? '').split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0) setVariable(channel, pair.slice(0, equals).trim(), pair.slice(equals + 1));
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

/** `uuid_setvar` strips quotes, turns `\n` into a newline, drops leading blanks, and expands nothing (trace 06 H). */
function setVariable(channel: Channel, name: string, value: string): void {
  const plain = value.replace(/^\s+/, '').replaceAll("'", '').replaceAll('\\n', '\n');
  channel.set(name, plain);
}
