/**
 * The far side of `call-intake.ts`, in a process of its own: a switch that says a recorded inbound call again and
 * again, each time with a new uuid, as fast as the socket takes it. Its parent says how often, and when.
 */
import { join } from 'node:path';
import { ScriptedSwitch } from '../../core/src/freeswitch/event-socket/testing/scripted-switch.ts';
import { readTrace } from '../../core/src/freeswitch/event-socket/testing/trace-file.ts';
import { SUBSCRIBED_EVENTS } from '../../core/src/freeswitch/switch/subscriptions.ts';
import { fromRoot } from './bench.ts';

/** Calls that go on at the same time; their events are mixed. */
const AT_ONCE = 50;
const TRACE = join(fromRoot('tests/fixtures/esl'), '02-inbound-park-answer-playback-hangup.txt');

/** The events of the first call in the trace, of the names that we subscribe to, in the order they came in. */
function recordedCall(): { readonly uuid: string; readonly frames: readonly Buffer[] } {
  const names: ReadonlySet<string> = new Set(SUBSCRIBED_EVENTS);
  let uuid = '';
  const frames: Buffer[] = [];
  for (const entry of readTrace(TRACE)) {
    if (entry.kind !== 'received' || !entry.bytes.includes('Content-Type: text/event-plain')) continue;
    const text = entry.bytes.toString('latin1');
    const channel = /^Unique-ID: (\S+)/m.exec(text)?.[1];
    if (!channel || !names.has(/^Event-Name: (\S+)/m.exec(text)?.[1] ?? '')) continue;
    uuid ||= channel;
    if (channel === uuid) frames.push(entry.bytes);
  }
  return { uuid, frames };
}

function positions(frame: Buffer, uuid: string): number[] {
  const found: number[] = [];
  for (let at = frame.indexOf(uuid); at >= 0; at = frame.indexOf(uuid, at + uuid.length)) found.push(at);
  return found;
}

const { uuid, frames } = recordedCall();
const templates = frames.map((frame) => ({ frame, at: positions(frame, uuid) }));

/** Same length as any uuid, and never the same twice. */
const uuidOf = (call: number): string => `${uuid.slice(0, 24)}${call.toString(16).padStart(12, '0')}`;

/** All calls of a round, step by step, so that `AT_ONCE` of them stand at the same step. */
function round(first: number, count: number): Buffer {
  return Buffer.concat(
    templates.flatMap(({ frame, at }) =>
      Array.from({ length: count }, (_, index) => {
        const copy = Buffer.from(frame);
        for (const position of at) copy.write(uuidOf(first + index), position, 'latin1');
        return copy;
      }),
    ),
  );
}

export interface Prepared {
  readonly events: number;
  readonly bytes: number;
}

const scripted = await ScriptedSwitch.listen();
let said = 0;
let rounds: Buffer[] = [];

/** A number: so many calls are made ready. `go`: they are sent. */
process.on('message', (message: number | 'go') => {
  if (message === 'go') {
    for (const bytes of rounds) scripted.connection.raw(bytes);
    return;
  }
  rounds = [];
  for (let left = message; left > 0; left -= AT_ONCE) {
    const count = Math.min(AT_ONCE, left);
    rounds.push(round(said, count));
    said += count;
  }
  const bytes = rounds.reduce((sum, { length }) => sum + length, 0);
  process.send?.({ events: message * templates.length, bytes } satisfies Prepared);
});
process.on('disconnect', () => process.exit(0));
process.send?.(scripted.address);
