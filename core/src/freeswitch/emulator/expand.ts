import type { Channel } from './channel.ts';
import type { SwitchCore } from './switch-core.ts';

/**
 * Expands `${name}`, `${name:offset:length}` and `$${global}`. Done for application arguments, hangup hooks,
 * `eval` and dial strings, and not for `uuid_setvar` (README of the traces, 06). What is unknown becomes ''.
 */
export function expand(core: SwitchCore, channel: Channel | null, text: string): string {
  if (!text.includes('${')) return text;
  return text.replace(/\$?\$\{([^{}]*)\}/g, (_, inside: string) => {
    const [name = '', offset, length] = inside.split(':');
    const value = lookUp(core, channel, name);
    if (offset === undefined) return value;
    const from = Number(offset) || 0;
    const tail = value.slice(from);
    return length === undefined ? tail : tail.slice(0, Number(length) || 0);
  });
}

function lookUp(core: SwitchCore, channel: Channel | null, name: string): string {
  if (channel) {
    const own = channel.get(name) ?? profileField(channel, name);
    if (own !== null) return own;
  }
  return core.globals.get(name) ?? '';
}

/** What is a field of the profile and no variable; null for anything else. */
export function profileField(channel: Channel, name: string): string | null {
  const p = channel.profile;
  switch (name) {
    case 'destination_number':
      return p.destinationNumber;
    case 'caller_id_number':
      return p.callerIdNumber;
    case 'caller_id_name':
      return p.callerIdName;
    case 'context':
      return p.context;
    case 'network_addr':
      return p.networkAddr;
    case 'rdnis':
      return p.rdnis;
    case 'ani':
      return p.ani;
    case 'state':
      return channel.runningState;
    default:
      return null;
  }
}
