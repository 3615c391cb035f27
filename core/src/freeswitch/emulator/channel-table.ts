/**
 * The tables behind `show channels` and `show calls`: FreeSWITCH writes them from its own events, and so what they
 * say is not what the channels know. `application`, for one, is the last that was begun, also when it is over.
 * Follows core_event_handler() of switch_core_sqldb.c.
 */
import type { EventMessage } from './event-message.ts';
import { stateNumbers } from './states.ts';

export const channelColumns = [
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
  'presence_id',
  'presence_data',
  'accountcode',
  'callstate',
  'callee_name',
  'callee_num',
  'callee_direction',
  'call_uuid',
  'sent_callee_name',
  'sent_callee_num',
  'initial_cid_name',
  'initial_cid_num',
  'initial_ip_addr',
  'initial_dest',
  'initial_dialplan',
  'initial_context',
] as const;

export type ChannelRow = Record<(typeof channelColumns)[number], string>;

export interface CallRow {
  readonly callerUuid: string;
  readonly calleeUuid: string;
  readonly createdEpoch: string;
}

/** States in which FreeSWITCH does not write the column `state`. */
const unwritten = new Set<number>([
  stateNumbers.CS_NEW,
  stateNumbers.CS_INIT,
  stateNumbers.CS_HANGUP,
  stateNumbers.CS_REPORTING,
  stateNumbers.CS_DESTROY,
]);

export class ChannelTable {
  readonly #rows = new Map<string, ChannelRow>();
  readonly #calls: CallRow[] = [];
  readonly #hostname: string;

  constructor(hostname: string) {
    this.#hostname = hostname;
  }

  get rows(): readonly ChannelRow[] {
    return [...this.#rows.values()];
  }

  row(uuid: string): ChannelRow | null {
    return this.#rows.get(uuid) ?? null;
  }

  /** The bridge that a channel began, if any. */
  callOf(uuid: string): CallRow | null {
    return this.#calls.find((call) => call.callerUuid === uuid) ?? null;
  }

  isSecondLeg(uuid: string): boolean {
    return this.#calls.some((call) => call.calleeUuid === uuid);
  }

  take(event: EventMessage): void {
    const apply = handlers[event.name];
    if (!apply) return;
    const headers = new Map<string, string>();
    // the first of a name counts
    for (const [name, value] of event.headers) if (!headers.has(name)) headers.set(name, value);
    const get = (name: string) => headers.get(name) ?? '';
    apply(this, get, this.#rows.get(get('Unique-ID')) ?? null);
  }

  insert(get: Get): void {
    const row = Object.fromEntries(channelColumns.map((column) => [column, ''])) as ChannelRow;
    this.#rows.set(get('Unique-ID'), {
      ...row,
      uuid: get('Unique-ID'),
      direction: get('Call-Direction'),
      created: get('Event-Date-Local'),
      created_epoch: epochOf(get),
      name: get('Channel-Name'),
      state: get('Channel-State'),
      callstate: get('Channel-Call-State'),
      dialplan: get('Caller-Dialplan'),
      context: get('Caller-Context'),
      hostname: this.#hostname,
      initial_cid_name: get('Caller-Caller-ID-Name'),
      initial_cid_num: get('Caller-Caller-ID-Number'),
      initial_ip_addr: get('Caller-Network-Addr'),
      initial_dest: get('Caller-Destination-Number'),
      initial_dialplan: get('Caller-Dialplan'),
      initial_context: get('Caller-Context'),
    });
  }

  remove(uuid: string): void {
    this.#rows.delete(uuid);
    this.#deleteCalls(uuid);
  }

  bridge(get: Get): void {
    const a = get('Bridge-A-Unique-ID');
    const b = get('Bridge-B-Unique-ID');
    for (const uuid of [a, b]) {
      const row = this.#rows.get(uuid);
      if (row) row.call_uuid = get('Channel-Call-UUID');
    }
    this.#calls.push({ callerUuid: a, calleeUuid: b, createdEpoch: epochOf(get) });
  }

  unbridge(get: Get): void {
    const callUuid = get('Channel-Call-UUID');
    for (const row of this.#rows.values()) if (row.call_uuid === callUuid) row.call_uuid = row.uuid;
    this.#deleteCalls(get('Caller-Unique-ID'));
  }

  #deleteCalls(uuid: string): void {
    for (let i = this.#calls.length - 1; i >= 0; i--) {
      const call = this.#calls[i];
      if (call?.callerUuid === uuid || call?.calleeUuid === uuid) this.#calls.splice(i, 1);
    }
  }
}

type Get = (header: string) => string;
type Apply = (table: ChannelTable, get: Get, row: ChannelRow | null) => void;

function epochOf(get: Get): string {
  return String(Math.floor(Number(get('Event-Date-Timestamp')) / 1e6));
}

const presence = (row: ChannelRow, get: Get) => {
  row.presence_id = get('Channel-Presence-ID');
  row.accountcode = get('variable_accountcode');
};

const application: Apply = (_table, get, row) => {
  if (!row) return;
  row.application = get('Application');
  row.application_data = get('Application-Data');
  presence(row, get);
};

const codec: Apply = (_table, get, row) => {
  if (!row) return;
  row.read_codec = get('Channel-Read-Codec-Name');
  row.read_rate = get('Channel-Read-Codec-Rate');
  row.read_bit_rate = get('Channel-Read-Codec-Bit-Rate');
  row.write_codec = get('Channel-Write-Codec-Name');
  row.write_rate = get('Channel-Write-Codec-Rate');
  row.write_bit_rate = get('Channel-Write-Codec-Bit-Rate');
};

const state: Apply = (_table, get, row) => {
  const number = Number(get('Channel-State-Number'));
  if (!row || unwritten.has(number)) return;
  row.state = get('Channel-State');
  if (number !== stateNumbers.CS_ROUTING) return;
  row.cid_name = get('Caller-Caller-ID-Name');
  row.cid_num = get('Caller-Caller-ID-Number');
  row.callee_name = get('Caller-Callee-ID-Name');
  row.callee_num = get('Caller-Callee-ID-Number');
  row.sent_callee_name = get('Sent-Callee-ID-Name');
  row.sent_callee_num = get('Sent-Callee-ID-Number');
  row.ip_addr = get('Caller-Network-Addr');
  row.dest = get('Caller-Destination-Number');
  row.dialplan = get('Caller-Dialplan');
  row.context = get('Caller-Context');
  presence(row, get);
};

const callState: Apply = (_table, get, row) => {
  const name = get('Channel-Call-State');
  if (row && name !== 'DOWN' && name !== 'HANGUP') row.callstate = name;
};

const callUpdate: Apply = (_table, get, row) => {
  if (!row) return;
  row.callee_name = get('Caller-Callee-ID-Name');
  row.callee_num = get('Caller-Callee-ID-Number');
  row.sent_callee_name = get('Sent-Callee-ID-Name');
  row.sent_callee_num = get('Sent-Callee-ID-Number');
  row.callee_direction = get('Direction');
  row.cid_name = get('Caller-Caller-ID-Name');
  row.cid_num = get('Caller-Caller-ID-Number');
};

const originate: Apply = (_table, get, row) => {
  if (!row) return;
  presence(row, get);
  row.call_uuid = get('Channel-Call-UUID');
};

const handlers: Record<string, Apply | undefined> = {
  CHANNEL_CREATE: (table, get) => table.insert(get),
  CHANNEL_DESTROY: (table, get) => table.remove(get('Unique-ID')),
  CHANNEL_ANSWER: codec,
  CHANNEL_PROGRESS_MEDIA: codec,
  CODEC: codec,
  CHANNEL_HOLD: application,
  CHANNEL_UNHOLD: application,
  CHANNEL_EXECUTE: application,
  CHANNEL_ORIGINATE: originate,
  CALL_UPDATE: callUpdate,
  CHANNEL_CALLSTATE: callState,
  CHANNEL_STATE: state,
  CHANNEL_BRIDGE: (table, get) => table.bridge(get),
  CHANNEL_UNBRIDGE: (table, get) => table.unbridge(get),
};
