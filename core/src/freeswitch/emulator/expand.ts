import type { Channel } from './channel.ts';
import type { SwitchCore } from './switch-core.ts';

/**
 * Expands `${name}`, `${name:offset:length}`, `${api(args)}` and `$${global}`, and takes away one backslash of `\\$`
 * and `\\\\`. Done for application arguments, hangup hooks and `eval`, and not for `uuid_setvar` (README of the
 * traces, 06). What is unknown becomes ''. Behaves as switch_channel_expand_variables().
 */
export function expand(core: SwitchCore, channel: Channel | null, text: string): string {
  if (!text.includes('${') && !text.includes('\\')) return text;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    const next = text.charAt(i + 1);
    if (c === '\\' && (next === '$' || next === '\\')) {
      out += next;
      i++;
      continue;
    }
    if (c === '\\' && next === "'") {
      i++;
      continue;
    }
    const at = text.startsWith('$${', i) ? i + 3 : text.startsWith('${', i) ? i + 2 : -1;
    const end = at < 0 ? -1 : closingBrace(text, at);
    if (end < 0) {
      out += c;
      continue;
    }
    out += value(core, channel, expand(core, channel, text.slice(at, end)));
    i = end;
  }
  return out;
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function value(core: SwitchCore, channel: Channel | null, inside: string): string {
  const call = /^(\w+)[ (](.*?)\)?$/s.exec(inside);
  if (call && core.apis.has(call[1] ?? '')) {
    const printed = core.apis.run(call[1] ?? '', call[2] ?? '', channel ? { channel } : {});
    // one that takes time would hold up the channel's thread: nothing of ours does that
    return typeof printed === 'string' ? printed : '';
  }
  const [name = '', offset, length] = inside.split(':');
  const known = lookUp(core, channel, name);
  if (offset === undefined) return known;
  const tail = known.slice(Number(offset) || 0);
  return length === undefined ? tail : tail.slice(0, Number(length) || 0);
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
