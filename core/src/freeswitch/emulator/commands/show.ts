import type { ApiRegistry } from '../api.ts';
import type { Channel } from '../channel.ts';
import type { SwitchCore } from '../switch-core.ts';
import { localStamp } from '../switch-core.ts';

type Row = Record<string, string>;

/** `show <what> [count] [as json|delim x]`. */
export function addShowCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('show', (args) => {
    const words = args.trim().split(/\s+/);
    const rows = rowsOf(core, words[0] ?? '');
    if (!rows)
      return '-USAGE: codec|endpoint|application|api|dialplan|file|timer|calls|channels|registrations|...\n';
    const json = words.includes('json');
    if (words.includes('count')) {
      return json ? `{"row_count":${rows.length},"rows":[]}` : `\n${rows.length} total.\n`;
    }
    if (json) {
      // an empty table has no rows, and a blank that a full one has not
      return rows.length === 0 ? '{"row_count": 0}\n' : JSON.stringify({ row_count: rows.length, rows });
    }
    const first = rows[0];
    if (!first) return '\n0 total.\n';
    const lines = [Object.keys(first).join(','), ...rows.map((row) => Object.values(row).join(','))];
    return `${lines.join('\n')}\n\n${rows.length} total.\n`;
  });
}

function rowsOf(core: SwitchCore, table: string): Row[] | null {
  const channels = [...core.channels.values()].filter((channel) => channel.runningState !== 'CS_NONE');
  switch (table) {
    case 'channels':
      return channels.map(channelRow);
    case 'calls':
      return channels.filter(isFirstLeg).map((channel) => callRow(channel, false));
    case 'detailed_calls':
      return channels.filter(isFirstLeg).map((channel) => callRow(channel, true));
    case 'bridged_calls':
      return channels
        .filter((channel) => isFirstLeg(channel) && channel.partner)
        .map((c) => callRow(c, false));
    case 'detailed_bridged_calls':
      return channels
        .filter((channel) => isFirstLeg(channel) && channel.partner)
        .map((c) => callRow(c, true));
    case 'registrations':
      return core.phones.all().map((phone) => ({
        reg_user: phone.user,
        realm: phone.domain,
        token: phone.callId,
        url: `sofia/internal/sip:${phone.contact}`,
        expires: String(Math.floor(core.clock.nowUs() / 1e6) + phone.expiresSec),
        network_ip: '127.0.0.1',
        network_port: String(phone.port),
        network_proto: 'udp',
        hostname: core.identity.hostname,
        metadata: '',
      }));
    default:
      return ['api', 'application', 'codec', 'endpoint', 'modules', 'tasks', 'timer'].includes(table)
        ? []
        : null;
  }
}

/** A bridge is one call, named by its first leg: the one that shares its uuid with the call. */
function isFirstLeg(channel: Channel): boolean {
  return channel.partner === null || channel.callUuid === channel.uuid;
}

function channelRow(channel: Channel): Row {
  const p = channel.profile;
  const initial = channel.pastProfiles.at(-1) ?? p;
  const codec = channel.codecReady;
  const outbound = channel.direction === 'outbound';
  return {
    ...identity(channel),
    application: channel.application,
    application_data: channel.applicationData,
    dialplan: p.dialplan,
    context: p.context,
    read_codec: codec ? 'PCMA' : '',
    read_rate: codec ? '8000' : '',
    read_bit_rate: codec ? '64000' : '',
    write_codec: codec ? 'PCMA' : '',
    write_rate: codec ? '8000' : '',
    write_bit_rate: codec ? '64000' : '',
    secure: '',
    hostname: channel.core.identity.hostname,
    ...presence(channel),
    callstate: channel.callState,
    ...callee(channel),
    call_uuid: channel.times.bridged > 0 || outbound ? channel.callUuid : '',
    sent_callee_name: channel.get('last_sent_callee_id_name') ?? '',
    sent_callee_num: channel.get('last_sent_callee_id_number') ?? '',
    initial_cid_name: initial.origCallerIdName,
    initial_cid_num: initial.origCallerIdNumber,
    initial_ip_addr: outbound ? '' : initial.networkAddr,
    initial_dest: initial.destinationNumber,
    initial_dialplan: initial.dialplan,
    initial_context: initial.context,
  };
}

function identity(channel: Channel): Row {
  const p = channel.profile;
  return {
    uuid: channel.uuid,
    direction: channel.direction,
    created: localStamp(channel.times.created),
    created_epoch: String(Math.floor(channel.times.created / 1e6)),
    name: channel.name,
    state: channel.runningState,
    cid_name: p.callerIdName,
    cid_num: p.callerIdNumber,
    ip_addr: channel.direction === 'outbound' ? '' : p.networkAddr,
    dest: p.destinationNumber,
  };
}

function presence(channel: Channel): Row {
  return {
    presence_id: channel.get('presence_id') ?? '',
    presence_data: '',
    accountcode: channel.get('accountcode') ?? '',
  };
}

function callee(channel: Channel): Row {
  const bridged = channel.times.bridged > 0;
  return {
    callee_name: bridged || channel.direction === 'outbound' ? channel.profile.calleeIdName : '',
    callee_num: bridged || channel.direction === 'outbound' ? channel.profile.calleeIdNumber : '',
    callee_direction: bridged ? 'SEND' : channel.direction === 'outbound' && channel.answered ? 'RECV' : '',
  };
}

function callRow(channel: Channel, detailed: boolean): Row {
  const partner = channel.partner;
  const side = (leg: Channel): Row => {
    const row = channelRow(leg);
    const keys = detailed ? detailedKeys : briefKeys;
    return Object.fromEntries(keys.map((key) => [key, row[key] ?? '']));
  };
  const a = side(channel);
  const b = partner ? side(partner) : {};
  const bKeys = (detailed ? detailedKeys : briefKeys).filter(
    (key) => detailed || (key !== 'call_uuid' && key !== 'hostname'),
  );
  const row: Row = { ...a };
  for (const key of bKeys) row[`b_${key}`] = b[key] ?? '';
  row.call_created_epoch = partner ? String(Math.floor(channel.times.bridged / 1e6)) : '';
  return row;
}

const head = [
  'uuid',
  'direction',
  'created',
  'created_epoch',
  'name',
  'state',
  'cid_name',
  'cid_num',
  'ip_addr',
  'dest',
];
const presenceKeys = ['presence_id', 'presence_data', 'accountcode', 'callstate'];
const calleeKeys = ['callee_name', 'callee_num', 'callee_direction'];
const sentKeys = ['sent_callee_name', 'sent_callee_num'];
const briefKeys = [...head, ...presenceKeys, ...calleeKeys, 'call_uuid', 'hostname', ...sentKeys];
const detailedKeys = [
  ...head,
  'application',
  'application_data',
  'dialplan',
  'context',
  'read_codec',
  'read_rate',
  'read_bit_rate',
  'write_codec',
  'write_rate',
  'write_bit_rate',
  'secure',
  'hostname',
  ...presenceKeys,
  ...calleeKeys,
  'call_uuid',
  ...sentKeys,
];
