/** Compares what the emulator said with a trace, and writes the difference so that one can read it. */
import { channelsOf, type Replay } from './replay.ts';
import { connectAnswer, jsonEvent, plainEvent, type TracedEvent, xmlEvent } from './trace-timeline.ts';

/** Headers that must agree wherever the trace shows them. */
const COMPARED = [
  'Channel-State',
  'Channel-State-Number',
  'Channel-Call-State',
  'Answer-State',
  'Call-Direction',
  'Channel-HIT-Dialplan',
  'Application',
  'Application-Data',
  'Application-Response',
  'Application-UUID',
  'Hangup-Cause',
  'Playback-File-Path',
  'Playback-Status',
  'DTMF-Digit',
  'Other-Leg-Unique-ID',
  'Other-Type',
  'Bridge-A-Unique-ID',
  'Bridge-B-Unique-ID',
  'Caller-Caller-ID-Number',
  'Caller-Caller-ID-Name',
  'Caller-Callee-ID-Number',
  'Caller-Destination-Number',
  'Caller-Context',
  'Caller-RDNIS',
  'Caller-Profile-Index',
  'Record-File-Path',
  'Record-Completion-Cause',
  'Media-Bug-Function',
  'Action',
  'Member-ID',
  'Conference-Size',
  'Conference-Name',
  'Hear',
  'Speak',
  'Hold',
  'Job-UUID',
  'Job-Command',
  'Job-Command-Arg',
  'API-Command',
  'API-Command-Argument',
  'Event-Subclass',
  'Direction',
  'Original-Channel-Call-State',
  'from-user',
  'from-host',
  'user',
  'host',
  'auth-result',
  'to-user',
  'Gateway',
  'State',
  'Task-Desc',
  // the answer to `connect`
  'Content-Type',
  'Reply-Text',
  'Socket-Mode',
  'Control',
];

/** Variables that must agree, and be absent where the trace has none. */
const VARIABLES = [
  'hangup_cause',
  'hangup_cause_q850',
  'sip_hangup_disposition',
  'sip_term_status',
  'proto_specific_hangup_cause',
  'sip_invite_failure_status',
  'originate_disposition',
  'DIALSTATUS',
  'last_bridge_hangup_cause',
  'bridge_hangup_cause',
  'last_bridge_role',
  'endpoint_disposition',
  'current_application',
  'current_application_response',
  'read_result',
  'read_terminator_used',
  'playback_terminator_used',
  'cc_pin',
  'cc_pin_invalid',
  'digits_dialed',
  'cc_leg',
  'cc_call_id',
  'park_after_bridge',
  'presence_id',
  'originate_endpoint',
  'record_stereo',
  'channel_cid_flipped',
];

export interface Leniency {
  /** Events that are not compared, such as codec details and what timers of FreeSWITCH itself make. */
  readonly ignoredEvents?: readonly string[];
  /** Headers or `variable_*` not compared, per event name or `*`. */
  readonly ignoredFields?: Readonly<Record<string, readonly string[]>>;
  /** Header names that the emulator need not have; patterns. */
  readonly allowedMissing?: readonly RegExp[];
  /** Header names that the emulator may have in addition; patterns. */
  readonly allowedExtra?: readonly RegExp[];
  /** Replies whose text is not compared, by a pattern that the trace's reply matches. */
  readonly ignoredReplies?: readonly RegExp[];
  /** Parts of replies that are each process's own, and what to put in their place on both sides. */
  readonly cleaned?: readonly (readonly [RegExp, string])[];
  /** Events whose place among their neighbours varies in the real one too: moved behind by both sides. */
  readonly unordered?: readonly (readonly string[])[];
  /** Events that the emulator may have more of, because the trace was cut off before them. */
  readonly trailing?: readonly string[];
  /** Events of these names may be there or not. */
  readonly optional?: (event: TracedEvent) => boolean;
}

/** @returns lines that say what differs; none when all is well */
export function differences(replay: Replay, leniency: Leniency): string[] {
  const names = new Names(replay);
  const connections = [...new Set(replay.timeline.flatMap((e) => ('connection' in e ? [e.connection] : [])))];
  return connections.flatMap((connection) => [
    ...replyDifferences(replay, names, leniency, connection),
    ...eventDifferences(replay, names, leniency, connection),
    ...closeDifferences(replay, connection),
  ]);
}

/** The emulator must not close what FreeSWITCH left open, and the other way round. */
function closeDifferences(replay: Replay, connection: string): string[] {
  const byServer = replay.timeline.some((e) => e.kind === 'closed' && e.connection === connection);
  const closed = replay.observed.some((e) => e.kind === 'closed' && e.connection === connection);
  if (byServer === closed || replay.clientCloses.includes(connection)) return [];
  return [
    `${connection}: trace ${byServer ? 'closes' : 'stays open'}, emulator ${closed ? 'closes' : 'stays open'}`,
  ];
}

/** Both sides' uuids become `ch1`, `ch2`, … in the order in which the channels appeared. */
class Names {
  readonly #trace: readonly string[];
  readonly #emulator: readonly string[];

  constructor(replay: Replay) {
    this.#trace = channelsOf(replay.timeline);
    this.#emulator = replay.channels;
  }

  trace(text: string): string {
    return this.#rename(text, (uuid) => this.#trace.indexOf(uuid.slice(0, 8)));
  }

  emulator(text: string): string {
    return this.#rename(text, (uuid) => this.#emulator.indexOf(uuid));
  }

  ofTrace(uuid: string): string {
    const index = this.#trace.indexOf(uuid.slice(0, 8));
    return index < 0 ? uuid : `ch${index + 1}`;
  }

  ofEmulator(uuid: string): string {
    const index = this.#emulator.indexOf(uuid);
    return index < 0 ? uuid : `ch${index + 1}`;
  }

  #rename(text: string, find: (uuid: string) => number): string {
    return text.replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (uuid) => {
      const index = find(uuid);
      return index < 0 ? '<uuid>' : `ch${index + 1}`;
    });
  }
}

function replyDifferences(replay: Replay, names: Names, leniency: Leniency, connection: string): string[] {
  const ignored = (text: string) => leniency.ignoredReplies?.some((pattern) => pattern.test(text)) ?? false;
  const cleanAll = (text: string) =>
    (leniency.cleaned ?? []).reduce((all, [pattern, by]) => all.replace(pattern, by), clean(text));
  const clean = (text: string) =>
    text
      .replace(/^Content-Length: \d+\n/m, '')
      .replace(/\d{10}\b/g, (n) => (n.startsWith('17') ? '<epoch>' : n));
  const wanted = replay.timeline.flatMap((e) =>
    e.kind === 'reply' && e.connection === connection ? [cleanAll(names.trace(e.text))] : [],
  );
  const got = replay.observed.flatMap((e) =>
    e.kind === 'reply' && e.connection === connection ? [cleanAll(names.emulator(e.text))] : [],
  );
  const lines: string[] = [];
  const raw = {
    wanted: replay.timeline.flatMap((e) =>
      e.kind === 'reply' && e.connection === connection ? [e.text] : [],
    ),
    got: replay.observed.flatMap((e) => (e.kind === 'reply' && e.connection === connection ? [e.text] : [])),
  };
  for (let i = 0; i < Math.max(wanted.length, got.length); i++) {
    const want = wanted[i];
    const have = got[i];
    const dump = dumpOf(raw.wanted[i]);
    const gotDump = dumpOf(raw.got[i]);
    if (dump && gotDump) {
      lines.push(...eventPairDifferences(`reply ${i + 1} on ${connection}`, dump, gotDump, names, leniency));
      continue;
    }
    const tables = [tableOf(raw.wanted[i]), tableOf(raw.got[i])] as const;
    if (tables[0] && tables[1]) {
      lines.push(
        ...tableDifferences(`reply ${i + 1} on ${connection}`, tables[0], tables[1], names, leniency),
      );
      continue;
    }
    if (want === have || (want !== undefined && have !== undefined && ignored(want))) continue;
    lines.push(
      `reply ${i + 1} on ${connection}:`,
      `  trace    ${JSON.stringify(want)}`,
      `  emulator ${JSON.stringify(have)}`,
    );
  }
  return lines;
}

type Row = Readonly<Record<string, string>>;

/** The rows of `show … as json`. */
function tableOf(reply: string | undefined): Row[] | null {
  const body = reply?.slice(reply.indexOf('\n\n') + 2);
  if (!body?.startsWith('{"row_count"')) return null;
  return (JSON.parse(body) as { rows?: Row[] }).rows ?? [];
}

/** Rows are found by their uuid, since their order is that of a hash table. */
function tableDifferences(
  place: string,
  wanted: Row[],
  got: Row[],
  names: Names,
  leniency: Leniency,
): string[] {
  const ignored = new Set(leniency.ignoredFields?.show ?? []);
  const byUuid = (rows: Row[], nameOf: (uuid: string) => string) =>
    new Map(rows.map((row) => [nameOf(row.uuid ?? row.reg_user ?? ''), row]));
  const want = byUuid(wanted, (uuid) => names.ofTrace(uuid));
  const have = byUuid(got, (uuid) => names.ofEmulator(uuid));
  const lines: string[] = [];
  for (const [uuid, row] of want) {
    const other = have.get(uuid);
    if (!other) lines.push(`${place}: no row for ${uuid}`);
    for (const key of new Set([...Object.keys(row), ...Object.keys(other ?? row)])) {
      const a = row[key] === undefined ? undefined : names.trace(row[key]);
      const b = other?.[key] === undefined ? undefined : names.emulator(other[key]);
      if (other && a !== b && !ignored.has(key)) {
        lines.push(`${place}: ${uuid} ${key}: trace ${JSON.stringify(a)}, emulator ${JSON.stringify(b)}`);
      }
    }
    if (other && Object.keys(row).join() !== Object.keys(other).join())
      lines.push(`${place}: other order of columns`);
  }
  for (const uuid of have.keys()) if (!want.has(uuid)) lines.push(`${place}: a row too much for ${uuid}`);
  return lines;
}

/** The answer of uuid_dump is the block of an event, and so is that of `connect`. */
function dumpOf(reply: string | undefined): TracedEvent | null {
  if (reply === undefined) return null;
  const answer = connectAnswer(reply);
  if (answer) return answer;
  const body = reply.slice(reply.indexOf('\n\n') + 2);
  if (body.startsWith('Event-Name: CHANNEL_DATA')) return plainEvent(body);
  if (body.startsWith('<event>')) return xmlEvent(body);
  return body.startsWith('{"Event-Name":"CHANNEL_DATA"') ? jsonEvent(body) : null;
}

function eventDifferences(replay: Replay, names: Names, leniency: Leniency, connection: string): string[] {
  const ignored = new Set(leniency.ignoredEvents ?? []);
  const relevant = (event: TracedEvent) => !ignored.has(event.name) && !leniency.optional?.(event);
  const wanted = groups(
    replay.timeline.flatMap((e) =>
      e.kind === 'event' && e.connection === connection && relevant(e.event) ? [e.event] : [],
    ),
    (event) => groupOf(event, names.ofTrace(event.uuid)),
    leniency,
  );
  const got = groups(
    replay.observed.flatMap((e) =>
      e.kind === 'event' && e.connection === connection && relevant(e.event) ? [e.event] : [],
    ),
    (event) => groupOf(event, names.ofEmulator(event.uuid)),
    leniency,
  );
  const lines: string[] = [];
  for (const group of new Set([...wanted.keys(), ...got.keys()])) {
    lines.push(...groupDifferences(group, wanted.get(group) ?? [], got.get(group) ?? [], names, leniency));
  }
  return lines;
}

function groupOf(event: TracedEvent, channel: string): string {
  return event.uuid === '' ? event.name : channel;
}

function groups(
  events: readonly TracedEvent[],
  keyOf: (event: TracedEvent) => string,
  leniency: Leniency,
): Map<string, TracedEvent[]> {
  const map = new Map<string, TracedEvent[]>();
  for (const event of events) {
    const key = keyOf(event);
    const list = map.get(key) ?? [];
    list.push(event);
    map.set(key, list);
  }
  for (const list of map.values()) for (const set of leniency.unordered ?? []) sortRuns(list, set);
  return map;
}

/** Events of such a set that come directly after each other are put into the order of the set. */
function sortRuns(list: TracedEvent[], set: readonly string[]): void {
  const rank = (event: TracedEvent) => set.indexOf(describeBriefly(event));
  let from = 0;
  while (from < list.length) {
    let to = from;
    while (to < list.length && rank(list[to] as TracedEvent) >= 0) to++;
    if (to - from > 1) {
      const run = list.slice(from, to).sort((a, b) => rank(a) - rank(b));
      list.splice(from, run.length, ...run);
    }
    from = Math.max(to, from + 1);
  }
}

function describeBriefly(event: TracedEvent): string {
  const call = event.name === 'CHANNEL_CALLSTATE' ? ` ${event.fields.get('Channel-Call-State')}` : '';
  return event.name + call;
}

function groupDifferences(
  group: string,
  wanted: readonly TracedEvent[],
  got: readonly TracedEvent[],
  names: Names,
  leniency: Leniency,
): string[] {
  const lines: string[] = [];
  const pairs = align(wanted.map(describeBriefly), got.map(describeBriefly));
  for (const [i, j] of pairs) {
    const want = i === null ? null : (wanted[i] ?? null);
    const have = j === null ? null : (got[j] ?? null);
    if (want && !have) lines.push(`${group}: missing  ${describe(want, names.trace.bind(names))}`);
    else if (!want && have && leniency.trailing?.includes(have.name) && (i ?? j ?? 0) >= wanted.length)
      continue;
    else if (!want && have) lines.push(`${group}: too much ${describe(have, names.emulator.bind(names))}`);
    else if (want && have) lines.push(...eventPairDifferences(group, want, have, names, leniency));
  }
  return lines;
}

function describe(event: TracedEvent, rename: (text: string) => string): string {
  const f = event.fields;
  const parts = [
    'Channel-State',
    'Channel-Call-State',
    'Answer-State',
    'Application',
    'Application-Data',
    'Hangup-Cause',
    'Playback-File-Path',
    'Action',
  ]
    .map((name) => f.get(name))
    .filter((value) => value !== undefined);
  return rename(`${event.name} ${parts.join(' ')}`);
}

function eventPairDifferences(
  group: string,
  want: TracedEvent,
  have: TracedEvent,
  names: Names,
  leniency: Leniency,
): string[] {
  const ignored = new Set([
    ...(leniency.ignoredFields?.['*'] ?? []),
    ...(leniency.ignoredFields?.[want.name] ?? []),
  ]);
  const lines: string[] = [];
  const full = want.headerNames !== null;
  const fields = [...COMPARED, ...VARIABLES.map((name) => `variable_${name}`)];
  for (const name of fields) {
    if (ignored.has(name)) continue;
    const wanted = want.fields.get(name);
    const got = have.fields.get(name);
    if (wanted === undefined && !full) continue;
    if (wanted === undefined && got === undefined) continue;
    if (agree(name, wanted, got, names, full)) continue;
    lines.push(
      `${group}: ${want.name} ${name}: trace ${JSON.stringify(wanted && names.trace(wanted))}, emulator ${JSON.stringify(got && names.emulator(got))}`,
    );
  }
  if (want.headerNames && have.headerNames) lines.push(...headerNameDifferences(group, want, have, leniency));
  if (
    want.body !== null &&
    have.body !== null &&
    !leniency.ignoredReplies?.some((p) => p.test(want.body ?? ''))
  ) {
    const a = names.trace(want.body);
    const b = names.emulator(have.body);
    if (a !== b)
      lines.push(`${group}: ${want.name} body: trace ${JSON.stringify(a)}, emulator ${JSON.stringify(b)}`);
  }
  return lines;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The capture cuts long values of elided events. */
const CUT = 60;

function agree(
  name: string,
  wanted: string | undefined,
  got: string | undefined,
  names: Names,
  full: boolean,
): boolean {
  if (wanted === undefined || got === undefined) return false;
  if (name === 'Application-UUID') return UUID.test(got) || wanted === got;
  if (/Unique-ID$/.test(name)) return names.ofTrace(wanted) === names.ofEmulator(got);
  const a = names.trace(wanted);
  const b = names.emulator(got);
  if (a === b) return true;
  // a uuid that was cut to 8 characters, or a value that was cut at the end
  if (full) return false;
  if (names.ofTrace(wanted) === names.ofEmulator(got)) return true;
  // the capture shows the first line only
  if (got.startsWith(`${wanted}\n`)) return true;
  const cut = wanted.slice(0, CUT);
  return wanted.length >= CUT && got.startsWith(cut.slice(0, cut.search(/[0-9a-f]{8}-|$/)));
}

function headerNameDifferences(
  group: string,
  want: TracedEvent,
  have: TracedEvent,
  leniency: Leniency,
): string[] {
  const wanted = new Set(want.headerNames);
  const got = new Set(have.headerNames);
  const allowed = (patterns: readonly RegExp[] | undefined, name: string) =>
    patterns?.some((pattern) => pattern.test(name)) ?? false;
  const missing = [...wanted].filter((name) => !got.has(name) && !allowed(leniency.allowedMissing, name));
  const extra = [...got].filter((name) => !wanted.has(name) && !allowed(leniency.allowedExtra, name));
  const lines: string[] = [];
  if (missing.length > 0) lines.push(`${group}: ${want.name} lacks ${missing.join(' ')}`);
  if (extra.length > 0) lines.push(`${group}: ${want.name} has besides ${extra.join(' ')}`);
  return lines;
}

/** Longest common subsequence, as pairs of indices; null where one side has nothing. */
function align(a: readonly string[], b: readonly string[]): (readonly [number | null, number | null])[] {
  const table = Array.from({ length: a.length + 1 }, () => new Int32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = table[i] as Int32Array;
      const below = table[i + 1] as Int32Array;
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  const pairs: (readonly [number | null, number | null])[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) pairs.push([i++, j++]);
    else if (j >= b.length || (i < a.length && (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0)))
      pairs.push([i++, null]);
    else pairs.push([null, j++]);
  }
  return pairs;
}
