/**
 * Hangup receipts: the switch itself keeps when each of our legs ended, for the time in which nobody listens.
 *
 * A leg that carries `receiptVariables(uuid)` writes, when it ends, `end|answer|cause` into the table `jackfield` of
 * mod_hash, under its own id. FreeSWITCH runs `api_reporting_hook` in CS_REPORTING, just before it fires
 * CHANNEL_HANGUP_COMPLETE: all times and the cause are set by then (switch_core_state_machine.c; the better known
 * `api_hangup_hook` would do too, but sites use that one for their own purposes). The table lives as long as the
 * FreeSWITCH process; a receipt is deleted by `forgetReceipt` when the end has been booked.
 */
import type { HangupReceipt } from './contract.ts';
import { checkChannelId } from './escape.ts';

const REALM = 'jackfield';

/**
 * Put these on every leg of ours. `originate` does it by itself; for an inbound leg give them to `setVariables`,
 * which stores the `${…}` as they are, so that they are filled in at the end and not now.
 */
export function receiptVariables(uuid: string): Record<string, string> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: FreeSWITCH fills these in
  const facts = '${end_uepoch}|${answer_uepoch}|${hangup_cause}';
  return { api_reporting_hook: `hash insert/${REALM}/${checkChannelId(uuid)}/${facts}` };
}

/** The api command that lists all receipts. */
export const LIST_RECEIPTS = `hash_dump db ${REALM}`;

/** The api command that deletes one. */
export function deleteReceipt(uuid: string): string {
  return `hash delete/${REALM}/${checkChannelId(uuid)}`;
}

/** Reads what `LIST_RECEIPTS` printed: `D/jackfield_<uuid>/<end>|<answer>|<cause>` per line, times in microseconds. */
export function parseReceipts(text: string): HangupReceipt[] {
  const receipts: HangupReceipt[] = [];
  const prefix = `D/${REALM}_`;
  for (const line of text.split('\n')) {
    if (!line.startsWith(prefix)) continue; // another realm whose name holds ours
    const slash = line.indexOf('/', prefix.length);
    const [ended, answered, cause] = line.slice(slash + 1).split('|');
    const endedAt = milliseconds(ended);
    if (slash < 0 || endedAt === null) continue;
    receipts.push({
      uuid: line.slice(prefix.length, slash),
      endedAt,
      answeredAt: milliseconds(answered),
      cause: cause?.trim() || 'NORMAL_CLEARING',
    });
  }
  return receipts;
}

function milliseconds(microseconds: string | undefined): number | null {
  const value = Number(microseconds);
  return Number.isFinite(value) && value > 0 ? Math.floor(value / 1000) : null;
}
