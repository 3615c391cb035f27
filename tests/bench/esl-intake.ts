/**
 * Event-socket intake: bytes of real traces → events with the headers a call reads, our parser against modesl's own.
 *
 * Both get the same bytes in the same segments of 64 KiB in the same process, turn about, five times. Run it with
 * `node tests/bench/esl-intake.ts` (Node ≥ 22.18) or through `npm run bench` after a build.
 */
import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FrameParser } from '../../core/src/freeswitch/event-socket/frame-parser.ts';
import { modesl } from '../../core/src/freeswitch/event-socket/modesl.ts';
import { PlainEvent } from '../../core/src/freeswitch/event-socket/plain-event.ts';
import { readTrace } from '../../core/src/freeswitch/event-socket/testing/trace-file.ts';

export interface BenchResult {
  name: string;
  unit: string;
  /** Median of our runs. */
  value: number;
  /** Median of the peer's runs. */
  peer: number;
  ratio: number;
  runs: { value: number[]; peer: number[] };
}

const FIXTURES = new URL('../fixtures/esl/', import.meta.url);
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
function segments(): { segments: Buffer[]; events: number; bytes: number } {
  const frames = readdirSync(fileURLToPath(FIXTURES))
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => readTrace(fileURLToPath(new URL(file, FIXTURES))))
    .flatMap((entry) => (entry.kind === 'received' ? [entry.bytes] : []))
    .filter((bytes) => bytes.includes('Content-Type: text/event-plain'));
  const stream = Buffer.concat(Array.from({ length: EVENTS }, (_, i) => frames[i % frames.length] as Buffer));
  const cut: Buffer[] = [];
  for (let at = 0; at < stream.length; at += SEGMENT)
    cut.push(Buffer.from(stream.subarray(at, at + SEGMENT)));
  return { segments: cut, events: EVENTS, bytes: stream.length };
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

function perSecond(
  work: (input: readonly Buffer[]) => number,
  input: readonly Buffer[],
  expected: number,
): number {
  const start = performance.now();
  const events = work(input);
  const seconds = (performance.now() - start) / 1000;
  if (events !== expected) throw new Error(`${events} events instead of ${expected}`);
  return Math.round(events / seconds);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

export async function run(): Promise<BenchResult[]> {
  const input = segments();
  perSecond(ours, input.segments, input.events); // warm-up
  perSecond(theirs, input.segments, input.events);
  const runs = { value: [] as number[], peer: [] as number[] };
  for (let i = 0; i < RUNS; i++) {
    runs.value.push(perSecond(ours, input.segments, input.events));
    runs.peer.push(perSecond(theirs, input.segments, input.events));
  }
  const value = median(runs.value);
  const peer = median(runs.peer);
  return [
    {
      name: `event-socket intake, ${Math.round(input.bytes / input.events)} bytes per event, ${READ.length} headers read`,
      unit: 'events/s',
      value,
      peer,
      ratio: Math.round((value / peer) * 100) / 100,
      runs,
    },
  ];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.removeAllListeners('warning'); // modesl's `new Buffer()`
  for (const result of await run()) console.log(JSON.stringify(result));
}
