import type { ApiRegistry } from '../api.ts';
import { channelColumns } from '../channel-table.ts';
import type { SwitchCore } from '../switch-core.ts';

type Row = Readonly<Record<string, string>>;

const USAGE =
  '-USAGE: codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels [count|like <match string>]|calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|management|modules|nat_map|say|interfaces|interface_types|tasks|limits|status\n';

/** `show <what> [count] [as json]`. */
export function addShowCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('show', (args) => {
    const words = args.trim().split(/\s+/);
    const rows = rowsOf(core, words[0] ?? '');
    if (!rows) return USAGE;
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

const others = ['api', 'application', 'aliases', 'codec', 'endpoint', 'modules', 'tasks', 'timer'];

function rowsOf(core: SwitchCore, table: string): readonly Row[] | null {
  switch (table) {
    case 'channels':
      return core.table.rows;
    case 'calls':
      return calls(core, briefColumns, true);
    case 'detailed_calls':
      return calls(core, detailedColumns, true);
    case 'bridged_calls':
      return calls(core, briefColumns, false);
    case 'detailed_bridged_calls':
      return calls(core, detailedColumns, false);
    case 'registrations':
      return registrations(core);
    default:
      return others.includes(table) ? [] : null;
  }
}

const briefColumns = [
  ...channelColumns.slice(0, 10),
  'presence_id',
  'presence_data',
  'accountcode',
  'callstate',
  'callee_name',
  'callee_num',
  'callee_direction',
  'call_uuid',
  'hostname',
  'sent_callee_name',
  'sent_callee_num',
] as const;
const detailedColumns = channelColumns.slice(0, 32);
/** Columns of the first leg only. */
const onlyFirst = new Set<string>(['call_uuid', 'hostname']);

/** One row per call: a bridge is one, named by its first leg; `alone` takes in channels that are in none. */
function calls(core: SwitchCore, columns: readonly (typeof channelColumns)[number][], alone: boolean): Row[] {
  const rows: Row[] = [];
  for (const a of core.table.rows) {
    const call = core.table.callOf(a.uuid);
    if (!call && (!alone || core.table.isSecondLeg(a.uuid))) continue;
    const b = call ? core.table.row(call.calleeUuid) : null;
    const row: Record<string, string> = {};
    for (const column of columns) row[column] = a[column];
    for (const column of columns) {
      if (columns === briefColumns && onlyFirst.has(column)) continue;
      row[`b_${column}`] = b?.[column] ?? '';
    }
    row.call_created_epoch = call?.createdEpoch ?? '';
    rows.push(row);
  }
  return rows;
}

function registrations(core: SwitchCore): Row[] {
  return core.phones.listed().map((phone) => ({
    reg_user: phone.user,
    realm: phone.domain,
    token: phone.callId,
    url: `sofia/internal/sip:${phone.contact}`,
    expires: String(phone.expiresAt),
    network_ip: '127.0.0.1',
    network_port: String(phone.port),
    network_proto: 'udp',
    hostname: core.identity.hostname,
    metadata: '',
  }));
}
