/**
 * Event-socket intake: bytes of real traces → events with the headers a call reads, our parser against modesl's
 * own. Both get the same bytes in the same segments of 64 KiB in the same process, turn about.
 */
import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FrameParser } from '../../core/src/freeswitch/event-socket/frame-parser.ts';
import { modesl } from '../../core/src/freeswitch/event-socket/modesl.ts';
import { PlainEvent } from '../../core/src/freeswitch/event-socket/plain-event.ts';
import { readTrace } from '../../core/src/freeswitch/event-socket/testing/trace-file.ts';
import { fromRoot, perSecond, tell, times } from './bench.ts';

const FIXTURES = fromRoot('tests/fixtures/esl');
const SEGMENT = 64 * 1024;
const RUNS = 5;
const EVENTS = 10_000;

/** What a call actor reads of an event; some of them are absent in most events. */
const READ = [
  'Event-Name',
  'Unique-ID',
  'Event-Date-Timestamp',
  'Answer-State',
  'Channel-State',
  'Hangup-Cause',
  'Application-UUID',
  'Caller-Caller-ID-Number',
  'Caller-Destination-Number',
  'variable_jf_call',
];

/** Plain events of all traces, over and over until there are `EVENTS`, cut into segments as a socket gives them. */
function segments(): { segments: Buffer[]; bytes: number } {
  const frames = readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => readTrace(join(FIXTURES, file)))
    .flatMap((entry) => (entry.kind === 'received' ? [entry.bytes] : []))
    .filter((bytes) => bytes.includes('Content-Type: text/event-plain'));
  const stream = Buffer.concat(Array.from({ length: EVENTS }, (_, i) => frames[i % frames.length] as Buffer));
  const cut: Buffer[] = [];
  for (let at = 0; at < stream.length; at += SEGMENT)
    cut.push(Buffer.from(stream.subarray(at, at + SEGMENT)));
  return { segments: cut, bytes: stream.length };
}

function ours(input: readonly Buffer[]): number {
  let read = 0;
  let events = 0;
  const parser = new FrameParser((frame) => {
    const event = new PlainEvent(frame.body as Buffer);
    for (const header of READ) read += event.get(header)?.length ?? 0;
    events++;
  });
  for (const segment of input) parser.push(segment);
  if (read === 0) throw new Error('nothing was read');
  return events;
}

function theirs(input: readonly Buffer[]): number {
  let read = 0;
  let events = 0;
  const socket = new EventEmitter();
  const parser = new modesl.Parser(socket);
  parser.on('esl::event', (event: { getHeader(name: string): unknown }) => {
    for (const header of READ) read += String(event.getHeader(header) ?? '').length;
    events++;
  });
  for (const segment of input) socket.emit('data', segment);
  if (read === 0) throw new Error('nothing was read');
  return events;
}

function measure(work: (input: readonly Buffer[]) => number, input: readonly Buffer[]): number {
  const start = performance.now();
  const events = work(input);
  const elapsed = performance.now() - start;
  if (events !== EVENTS) throw new Error(`${events} events instead of ${EVENTS}`);
  return perSecond(events, elapsed);
}

process.removeAllListeners('warning'); // modesl's `new Buffer()`
const { segments: input, bytes } = segments();
measure(ours, input); // warm-up
measure(theirs, input);
const runs = await times(RUNS, () => ({ ours: measure(ours, input), theirs: measure(theirs, input) }));
tell({
  what: `event socket, bytes to events: ${Math.round(bytes / EVENTS)} bytes each, ${READ.length} headers read`,
  unit: 'events/s',
  runs: runs.map((run) => run.ours),
  peer: { name: "modesl's parser, same bytes", runs: runs.map((run) => run.theirs) },
  aim: { of: 'ratio', atLeast: 3 },
});
