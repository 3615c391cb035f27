import { type Frame, headerOf } from './frame-parser.ts';
import { PlainEvent } from './plain-event.ts';

/** Why FreeSWITCH says that it ends the connection: we read too slowly, or it is shutting down. */
export type Farewell = 'killed-listener' | 'shutdown';

const NOTICE = 'killed listener because of lost';

/** What a `text/disconnect-notice` says; null if it is none of our business, or not meant yet. */
export function readNotice(frame: Frame): Farewell | null {
  const head = frame.head.toString('latin1');
  if (headerOf(head, 'Content-Disposition') === 'linger') return null;
  const text = frame.body?.toString('latin1') ?? '';
  if (text.includes(NOTICE)) return 'killed-listener';
  return text.includes('shut down') ? 'shutdown' : null;
}

/**
 * The notice of a killed listener in what was left when the connection ended: it is sent as plain text, in the middle
 * of a frame. Null if there is none.
 */
export function noticeIn(remainder: Buffer | undefined): string | null {
  const said = remainder?.toString('latin1').slice(-400) ?? '';
  return said.includes(NOTICE) ? said.slice(said.lastIndexOf(NOTICE)).trim() : null;
}

/**
 * Whether a body that is long enough is no event all the same: the notice of a killed listener can fill up the
 * frame it interrupts. A whole event ends with a blank line or with a body of its own.
 */
export function isTorn(body: Buffer | null): boolean {
  if (body === null || body.length < 2) return true;
  if (body[body.length - 1] === 0x0a && body[body.length - 2] === 0x0a) return false;
  return new PlainEvent(body).bodyBytes === null;
}

/** Whether a torn body was cut by the notice, of which it may hold no more than the beginning. */
export function endsWithNotice(body: Buffer | null): boolean {
  const tail = body?.subarray(-60).toString('latin1') ?? '';
  for (let length = 1; length <= NOTICE.length; length++) {
    if (tail.endsWith(NOTICE.slice(0, length))) return true;
  }
  return tail.includes(NOTICE);
}
