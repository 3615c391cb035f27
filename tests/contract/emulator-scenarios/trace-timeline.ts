/** Reads a trace of tests/fixtures/esl with its times; the format is described in the README there. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface TracedEvent {
  readonly name: string;
  /** Unique-ID, cut to 8 characters when the event is elided. '' without one. */
  readonly uuid: string;
  /** First value of each header; only the ones the capture kept when elided. */
  readonly fields: ReadonlyMap<string, string>;
  /** Names in order, duplicates included; null for an elided event. */
  readonly headerNames: readonly string[] | null;
  readonly body: string | null;
}

export type TraceEntry =
  | { readonly kind: 'sent'; readonly atMs: number; readonly connection: string; readonly text: string }
  | { readonly kind: 'reply'; readonly atMs: number; readonly connection: string; readonly text: string }
  | {
      readonly kind: 'event';
      readonly atMs: number;
      readonly connection: string;
      readonly event: TracedEvent;
    }
  | { readonly kind: 'closed'; readonly atMs: number; readonly connection: string }
  | { readonly kind: 'note'; readonly atMs: number; readonly text: string };

const FOLDER = fileURLToPath(new URL('../../fixtures/esl/', import.meta.url));

/** @param number two digits with which the file begins */
export function readTimeline(number: string): TraceEntry[] {
  const file = readdirSync(FOLDER).find((name) => name.startsWith(`${number}-`));
  if (!file) throw new Error(`There is no trace ${number}.`);
  return parseTimeline(readFileSync(FOLDER + file));
}

export function parseTimeline(bytes: Buffer): TraceEntry[] {
  const entries: TraceEntry[] = [];
  let at = 0;
  let sender: { connection: string; atMs: number } | null = null;
  let command: string[] = [];
  const endCommand = () => {
    if (sender && command.length > 0) entries.push({ kind: 'sent', ...sender, text: command.join('\n') });
    command = [];
  };
  while (at < bytes.length) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.toString('utf8', at, end);
    at = end + 1;
    if (line.startsWith('>>> ') || line === '>>>') {
      command.push(line.slice(4));
      continue;
    }
    endCommand();
    const head = /^### t=\+?(\S+) (.*)$/.exec(line);
    if (!head) continue;
    const atMs = Number(head[1]) * 1000;
    const rest = head[2] ?? '';
    const received = /^conn=(\w+) received (\d+) bytes/.exec(rest);
    const elided = /^conn=(\w+) elided \d+B (\S+) ?(.*)$/.exec(rest);
    const sent = /^conn=(\w+) sent/.exec(rest);
    const closed = /^conn (\w+) closed/.exec(rest);
    if (received) {
      const frame = bytes.toString('utf8', at, at + Number(received[2]));
      at += Number(received[2]) + 1;
      entries.push(frameEntry(frame, received[1] ?? '', atMs));
    } else if (elided) {
      const [, connection = '', name = '', fields = ''] = elided;
      entries.push({ kind: 'event', atMs, connection, event: elidedEvent(name, fields) });
    } else if (sent) {
      sender = { connection: sent[1] ?? '', atMs };
    } else if (closed) {
      entries.push({ kind: 'closed', atMs, connection: closed[1] ?? '' });
    } else {
      entries.push({ kind: 'note', atMs, text: rest });
    }
  }
  endCommand();
  return entries;
}

function frameEntry(frame: string, connection: string, atMs: number): TraceEntry {
  const { type, body } = splitFrame(frame);
  if (type === 'text/event-plain') {
    return { kind: 'event', atMs, connection, event: plainEvent(body) };
  }
  if (type === 'text/event-json') return { kind: 'event', atMs, connection, event: jsonEvent(body) };
  return { kind: 'reply', atMs, connection, text: frame };
}

export function splitFrame(frame: string): { type: string; body: string } {
  const blank = frame.indexOf('\n\n');
  const type = /^Content-Type: (.*)$/m.exec(frame.slice(0, blank))?.[1] ?? '';
  return { type, body: frame.slice(blank + 2) };
}

export function plainEvent(block: string): TracedEvent {
  const blank = block.indexOf('\n\n');
  const fields = new Map<string, string>();
  const headerNames: string[] = [];
  for (const line of block.slice(0, blank).split('\n')) {
    const colon = line.indexOf(': ');
    const name = line.slice(0, colon);
    headerNames.push(name);
    if (!fields.has(name)) fields.set(name, decode(line.slice(colon + 2)));
  }
  const body = block.slice(blank + 2);
  return {
    name: fields.get('Event-Name') ?? '',
    uuid: fields.get('Unique-ID') ?? '',
    fields,
    headerNames,
    body: body.trim() === '' ? null : body,
  };
}

/** The answer to `connect`: the one frame that is the block of an event itself. Null for any other. */
export function connectAnswer(frame: string): TracedEvent | null {
  return frame.startsWith('Event-Name: CHANNEL_DATA') ? plainEvent(frame) : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function jsonEvent(body: string): TracedEvent {
  // duplicate keys: the first one counts, as in plain
  const parsed = JSON.parse(body) as Record<string, string | string[]>;
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed)) {
    fields.set(name, typeof value === 'string' ? value : `ARRAY::${value.join('|:')}`);
  }
  const headerNames = [...body.matchAll(/"((?:[^"\\]|\\.)*)":/g)].map((match) => match[1] ?? '');
  return {
    name: fields.get('Event-Name') ?? '',
    uuid: fields.get('Unique-ID') ?? '',
    fields,
    headerNames: parsed._body === undefined ? headerNames : null,
    body: typeof parsed._body === 'string' ? parsed._body : null,
  };
}

/** What the capture kept of an elided event, under the names of the headers. */
const ELIDED: Record<string, string> = {
  st: 'Channel-State',
  call: 'Channel-Call-State',
  ans: 'Answer-State',
  app: 'Application',
  data: 'Application-Data',
  resp: 'Application-Response',
  appuuid: 'Application-UUID',
  cause: 'Hangup-Cause',
  file: 'Playback-File-Path',
  pbstatus: 'Playback-Status',
  digit: 'DTMF-Digit',
  other: 'Other-Leg-Unique-ID',
  action: 'Action',
  job: 'Job-UUID',
  api: 'API-Command',
  arg: 'API-Command-Argument',
};

function elidedEvent(name: string, text: string): TracedEvent {
  const fields = new Map<string, string>([['Event-Name', name]]);
  let uuid = '';
  for (const [, key = '', value = ''] of text.matchAll(
    /(\w+)=(.*?)(?= (?:seq|uuid|st|call|ans|app|data|resp|appuuid|cause|file|pbstatus|digit|other|action|job|api|arg)=|$)/gs,
  )) {
    if (key === 'uuid') uuid = value;
    else if (ELIDED[key]) fields.set(ELIDED[key], value);
  }
  return { name, uuid, fields, headerNames: null, body: null };
}

/** `<event><headers><Name>value</Name>…`, values percent-encoded. */
export function xmlEvent(text: string): TracedEvent {
  const pairs = [...text.matchAll(/<([\w-]+)>([^<]*)<\/\1>/g)].map(
    ([, name = '', value = '']) => [name, decode(value)] as const,
  );
  return {
    name: 'CHANNEL_DATA',
    uuid: '',
    fields: new Map([...pairs].reverse()),
    headerNames: pairs.map(([name]) => name),
    body: null,
  };
}
