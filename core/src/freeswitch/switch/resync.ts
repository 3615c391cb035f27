import { JackfieldError } from '../../errors/index.ts';
import type { Reply } from '../event-socket/event-socket.ts';
import { PlainEvent } from '../event-socket/plain-event.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { ChannelSnapshot, HangupReceipt } from './contract.ts';
import { isChannelId } from './escape.ts';
import { LIST_RECEIPTS, parseReceipts } from './receipts.ts';

export interface Truth {
  readonly channels: readonly ChannelSnapshot[];
  readonly receipts: readonly HangupReceipt[];
  /** Whether mod_hash answered; without it the true end times of a gap are lost. */
  readonly receiptsKept: boolean;
}

/** Dumps asked for before the first answer is awaited: FreeSWITCH sends events in between. */
const BATCH = 25;

/**
 * Reads from the switch what is the case: all channels, each with its variables, and the receipts of ended ones.
 *
 * `show channels` is a table that FreeSWITCH writes in the background: it can lack a channel that the events have
 * told of (`known`, asked for one by one) and still have one that is gone (dump null). `uuid_dump` is the channel
 * itself. Receipts are read last, so that whatever ends meanwhile is in one of the two.
 * @param api rejects when the connection is lost, which ends the resync
 * @throws JackfieldError SWITCH_COMMAND_FAILED when the table cannot be read
 */
export async function readTruth(
  api: (command: string) => Promise<Reply>,
  known: Iterable<string>,
): Promise<Truth> {
  const rows = new Map(readRows(await api('show channels as json')).map((row) => [row.uuid ?? '', row]));
  const ids = [...new Set([...rows.keys(), ...known])].filter(isChannelId);
  const channels: ChannelSnapshot[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    const batch = ids.slice(at, at + BATCH);
    const dumps = await Promise.all(batch.map((uuid) => api(`uuid_dump ${uuid}`)));
    batch.forEach((uuid, index) => {
      const row = rows.get(uuid);
      const dump = readDump(dumps[index]);
      if (row || dump) channels.push(toSnapshot(uuid, row ?? {}, dump));
    });
  }
  const listed = await api(LIST_RECEIPTS); // `-ERR no reply` when there is none: nothing was printed
  return { channels, receipts: parseReceipts(listed.text), receiptsKept: !/not found/i.test(listed.text) };
}

type Row = Readonly<Record<string, string>>;

function readRows(reply: Reply): Row[] {
  try {
    const { rows = [] } = JSON.parse(reply.text) as { rows?: Row[] }; // without `rows` when there are none
    return rows;
  } catch (cause) {
    const details = { reply: reply.text.slice(0, 200) };
    throw new JackfieldError('SWITCH_COMMAND_FAILED', 'The list of channels cannot be read.', {
      details,
      cause,
    });
  }
}

function readDump(reply: Reply | undefined): SwitchEvent | null {
  return reply?.ok && reply.bytes && reply.bytes.length > 0 ? new PlainEvent(reply.bytes) : null;
}

function toSnapshot(uuid: string, row: Row, dump: SwitchEvent | null): ChannelSnapshot {
  const direction = dump?.get('Call-Direction') ?? row.direction;
  const answered = dump
    ? dump.get('Answer-State') === 'answered'
    : ['ACTIVE', 'HELD'].includes(row.callstate ?? '');
  return {
    uuid,
    direction: direction === 'outbound' ? 'outbound' : 'inbound',
    answered,
    // of all the signs of a bridge the only one that goes with it: bridge_uuid and Other-Leg-* stay for good,
    // signal_bond stays when the partner hangs up (seen on FreeSWITCH 1.11)
    bridgedTo: dump?.variable('bridge_to') || null,
    application: row.application ?? dump?.variable('current_application') ?? '',
    dump,
  };
}
