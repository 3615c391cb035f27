/** Plays a trace against the emulator on a clock that stands still: same commands, same happenings, same times. */
import {
  type Connection,
  type DialOut,
  Emulator,
  type EmulatorOptions,
  FakeClock,
  type Transport,
} from '../../../core/src/freeswitch/emulator/index.ts';
import {
  connectAnswer,
  jsonEvent,
  plainEvent,
  readTimeline,
  splitFrame,
  type TracedEvent,
  type TraceEntry,
} from './trace-timeline.ts';

export type Observed =
  | { readonly kind: 'reply'; readonly connection: string; readonly text: string }
  | { readonly kind: 'event'; readonly connection: string; readonly event: TracedEvent }
  | { readonly kind: 'closed'; readonly connection: string };

export interface Stage {
  /** The one that runs now. */
  readonly emulator: Emulator;
  readonly clock: FakeClock;
  /** Uuid in the emulator of the n-th channel of the trace, counted from 1. */
  channel(n: number): string;
  /** Starts another one like it, after a shutdown. */
  startAgain(): void;
}

/** What people and phones did, which the `###` notes of the trace tell. */
export interface Happening {
  /** Seconds, as in the trace. */
  readonly at: number;
  readonly do: (stage: Stage) => void;
}

export interface Scenario {
  readonly trace: string;
  readonly title: string;
  readonly happenings?: readonly Happening[];
  readonly options?: Partial<EmulatorOptions>;
  readonly prepare?: (emulator: Emulator) => void;
  /** Puts back what the capture does not show of a command: its body, or more commands in the same segment. */
  readonly rewrite?: (command: string) => string;
  /** Connections that the client closed; others are closed by the server or not at all. */
  readonly clientCloses?: readonly string[];
  /** Connections that FreeSWITCH makes, in their order; after them nobody listens any more. */
  readonly outbound?: readonly string[];
  /** Lets the emulator go on this long after the last entry, in seconds. */
  readonly tail?: number;
}

/** Lengths of the sound files in the traces, in milliseconds. */
const SOUNDS: Record<string, number> = {
  'short.wav': 716,
  'welcome.wav': 2682,
  'invalid.wav': 1324,
  'long.wav': 20_000,
};

const HEARTBEAT_SEC = 20;

const USERS = ['1001', '1002', '1003', '1004'];

class MemoryRecording {
  bytes = 44;
  append(samples: Int16Array): void {
    this.bytes += samples.byteLength;
  }
  close(): void {}
}

export interface Replay {
  readonly timeline: readonly TraceEntry[];
  readonly observed: readonly Observed[];
  /** Emulator's uuids in the order in which the channels came into being. */
  readonly channels: readonly string[];
  readonly stage: Stage;
  readonly clientCloses: readonly string[];
}

export async function replay(scenario: Scenario): Promise<Replay> {
  const timeline = readTimeline(scenario.trace);
  return new Player(scenario, timeline).play();
}

function emulatorFor(
  scenario: Scenario,
  {
    clock,
    heartbeatSec,
    dialOut,
  }: Pick<EmulatorOptions, 'heartbeatSec'> & {
    readonly clock: FakeClock;
    readonly dialOut: DialOut;
  },
): Emulator {
  const emulator = new Emulator({
    password: 'ClueCon',
    domain: 'cc.test',
    hostname: 'fs1',
    heartbeatSec,
    clock,
    dialOut,
    media: {
      durationMs: (path) => soundMs(path),
    },
    recordings: { open: (path) => (path.includes('/dev/full') ? null : new MemoryRecording()) },
    dialplan: ({ destination, context }) => {
      if (context !== 'public' && context !== 'default') return null;
      const park = { app: 'park', arg: '' };
      return destination === '7015' ? [{ app: 'set', arg: 'park_timeout=5:NO_USER_RESPONSE' }, park] : [park];
    },
    trunk: { gateways: ['carrier', 'badreg'], deadGateways: ['deadgw'] },
    eslUsers: new Map([
      [
        '1001@cc.test',
        {
          password: '1234',
          allowedEvents: ['CHANNEL_CREATE', 'CHANNEL_HANGUP_COMPLETE'],
          allowedApi: ['status', 'show', 'bgapi'],
        },
      ],
    ]),
    ...scenario.options,
  });
  for (const user of USERS) {
    emulator.addUser(user, 'cc.test', {
      record_stereo: 'true',
      user_context: 'default',
      effective_caller_id_name: `Agent ${user}`,
      effective_caller_id_number: user,
      ...(user === '1001' ? { accountcode: user } : {}),
    });
  }
  scenario.prepare?.(emulator);
  emulator.startHeartbeat();
  return emulator;
}

function soundMs(path: string): number | null {
  if (path === '' || /none\.wav|^nosuch:/.test(path)) return null;
  const tone = /^tone_stream:\/\/(.*)$/.exec(path);
  if (tone || path.startsWith('silence_stream') || path.startsWith('local_stream')) return streamMs(path);
  if (path.startsWith('file_string://')) {
    return path
      .slice('file_string://'.length)
      .split('!')
      .reduce((sum, part) => sum + (soundMs(part) ?? 0), 0);
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  return SOUNDS[name] ?? (path.includes('digits/') ? (path.includes('/zh/') ? 560 : 700) : null);
}

function streamMs(path: string): number {
  const silence = /^silence_stream:\/\/(\d+)/.exec(path);
  if (silence) return Number(silence[1]);
  if (path.startsWith('local_stream') || path.includes('loops=-1')) return Number.POSITIVE_INFINITY;
  const [, on = 0, off = 0] = /%\((\d+),(\d+)/.exec(path) ?? [];
  return (Number(on) + Number(off)) * Number(/loops=(\d+)/.exec(path)?.[1] ?? 1);
}

/** Time of the trace's t=0 by the clock of the FreeSWITCH that was traced, so that clock seconds end alike. */
function startOf(timeline: readonly TraceEntry[]): number {
  for (const entry of timeline) {
    if (entry.kind !== 'event' && entry.kind !== 'reply') continue;
    const stamp =
      entry.kind === 'event'
        ? entry.event.fields.get('Event-Date-Timestamp')
        : /^Event-Date-Timestamp: (\d+)$/m.exec(entry.text)?.[1];
    const us = Number(stamp ?? 0);
    if (us > 0) return us - Math.round(entry.atMs * 1000);
  }
  return Date.UTC(2026, 10, 20, 8, 0, 0) * 1000;
}

/** How long before t=0 the traced FreeSWITCH had its last heartbeat, in milliseconds; null when none was seen. */
function sinceHeartbeat(timeline: readonly TraceEntry[]): number | null {
  const first = timeline.find((entry) => entry.kind === 'event' && entry.event.name === 'HEARTBEAT');
  return first ? HEARTBEAT_SEC * 1000 - (first.atMs % (HEARTBEAT_SEC * 1000)) : null;
}

interface Client {
  send(text: string): void;
  close(): void;
  replies: number;
  rest: Buffer;
}

class Player {
  readonly #scenario: Scenario;
  readonly #timeline: readonly TraceEntry[];
  #emulator: Emulator;
  readonly #clock: FakeClock;
  readonly #startUs: number;
  readonly #heartbeatSec: number;
  readonly #observed: Observed[] = [];
  readonly #channels: string[] = [];
  readonly #clients = new Map<string, Client>();
  readonly #traceUuids: string[];
  readonly #stage: Stage;

  readonly #applications: string[];

  constructor(scenario: Scenario, timeline: readonly TraceEntry[]) {
    this.#scenario = scenario;
    this.#timeline = timeline;
    this.#startUs = startOf(timeline);
    const lead = sinceHeartbeat(timeline);
    this.#heartbeatSec = lead === null ? 0 : HEARTBEAT_SEC;
    const clock = new FakeClock(this.#startUs - (lead ?? 0) * 1000);
    this.#clock = clock;
    this.#traceUuids = channelsOf(timeline);
    this.#applications = [...(scenario.outbound ?? [])];
    this.#emulator = this.#start();
    const current = () => this.#emulator;
    this.#stage = {
      get emulator() {
        return current();
      },
      clock,
      channel: (n) => this.#channels[n - 1] ?? '',
      startAgain: () => {
        this.#emulator = this.#start();
      },
    };
  }

  #start(): Emulator {
    const emulator = emulatorFor(this.#scenario, {
      clock: this.#clock,
      heartbeatSec: this.#heartbeatSec,
      dialOut: async (_host, _port, accept) => {
        const name = this.#applications.shift();
        return name === undefined ? null : this.#open(name, accept);
      },
    });
    emulator.onEvent((event) => {
      const uuid = event.get('Unique-ID');
      if (uuid !== null && event.name !== 'CUSTOM' && !this.#channels.includes(uuid))
        this.#channels.push(uuid);
    });
    return emulator;
  }

  async play(): Promise<Replay> {
    const happenings = [...(this.#scenario.happenings ?? [])];
    await this.#advanceTo(0);
    for (const [index, entry] of this.#timeline.entries()) {
      if (entry.kind === 'event' || entry.kind === 'note') continue;
      if (entry.kind === 'reply') {
        if (entry.text.startsWith('Content-Type: auth/request')) {
          await this.#runUntil(entry.atMs, happenings);
          this.#open(entry.connection, (transport) => this.#emulator.connect(transport));
        }
        continue;
      }
      await this.#runUntil(entry.atMs, happenings);
      if (entry.kind === 'closed') {
        if (this.#scenario.clientCloses?.includes(entry.connection))
          this.#clients.get(entry.connection)?.close();
        continue;
      }
      await this.#waitForReplies(entry.connection, index);
      this.#clients
        .get(entry.connection)
        ?.send(this.#translate(this.#scenario.rewrite?.(entry.text) ?? entry.text));
      await this.#clock.settle();
    }
    const last = this.#timeline.at(-1)?.atMs ?? 0;
    await this.#runUntil(last + (this.#scenario.tail ?? 1) * 1000, happenings);
    return {
      timeline: this.#timeline,
      observed: this.#observed,
      channels: this.#channels,
      stage: this.#stage,
      clientCloses: this.#scenario.clientCloses ?? [],
    };
  }

  async #runUntil(atMs: number, happenings: Happening[]): Promise<void> {
    for (let next = happenings[0]; next && next.at * 1000 <= atMs; next = happenings[0]) {
      happenings.shift();
      await this.#advanceTo(next.at * 1000);
      next.do(this.#stage);
      await this.#clock.settle();
    }
    await this.#advanceTo(atMs);
  }

  async #advanceTo(atMs: number): Promise<void> {
    const ms = this.#startUs / 1000 + atMs - this.#clock.nowUs() / 1000;
    if (ms > 0) await this.#clock.advance(ms);
    else await this.#clock.settle();
  }

  /** As many answers as the client of the trace had when it sent its next command. */
  async #waitForReplies(connection: string, index: number): Promise<void> {
    const wanted = this.#timeline
      .slice(0, index)
      .filter((entry) => entry.kind === 'reply' && entry.connection === connection).length;
    const lacks = () => (this.#clients.get(connection)?.replies ?? -1) < wanted;
    for (let waited = 0; lacks() && waited < 3000; waited += 5) await this.#clock.advance(5);
  }

  #open<C extends Connection>(name: string, accept: (transport: Transport) => C): C {
    const client: Client = { send: () => {}, close: () => {}, replies: 0, rest: Buffer.alloc(0) };
    const closed = () => this.#observed.push({ kind: 'closed', connection: name });
    const connection = accept({
      pendingBytes: 0,
      write: (data) => {
        client.rest = Buffer.concat([client.rest, Buffer.from(data)]);
        this.#read(name, client);
        return true;
      },
      end: closed,
      destroy: closed,
    });
    // a body ends by its length, not by a blank line
    client.send = (text) =>
      connection.receive(Buffer.from(/^content-length: /im.test(text) ? text : `${text}\n\n`));
    client.close = () => connection.gone();
    this.#clients.set(name, client);
    this.#read(name, client);
    return connection;
  }

  #read(name: string, client: Client): void {
    for (;;) {
      const blank = client.rest.indexOf('\n\n');
      if (blank < 0) return;
      const head = client.rest.toString('utf8', 0, blank);
      const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1] ?? 0);
      const end = blank + 2 + length;
      if (client.rest.length < end) return;
      const frame = client.rest.toString('utf8', 0, end);
      client.rest = client.rest.subarray(end);
      const { type, body } = splitFrame(frame);
      if (type === 'text/event-plain') {
        this.#observed.push({ kind: 'event', connection: name, event: plainEvent(body) });
      } else if (type === 'text/event-json') {
        this.#observed.push({ kind: 'event', connection: name, event: jsonEvent(body) });
      } else {
        client.replies++;
        this.#observed.push({ kind: 'reply', connection: name, text: frame });
      }
    }
  }

  /** Uuids of the trace become those of the emulator; a chosen origination_uuid stays. */
  #translate(text: string): string {
    return text.replace(
      /\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
      (uuid, head: string) => {
        const index = this.#traceUuids.indexOf(head);
        return index < 0 ? uuid : (this.#channels[index] ?? uuid);
      },
    );
  }
}

/** First 8 characters of the uuids of a trace's channels, in order of appearance. */
export function channelsOf(timeline: readonly TraceEntry[]): string[] {
  const heads: string[] = [];
  for (const entry of timeline) {
    const event =
      entry.kind === 'event' ? entry.event : entry.kind === 'reply' ? connectAnswer(entry.text) : null;
    if (!event || event.uuid === '' || event.name === 'CUSTOM') continue;
    const head = event.uuid.slice(0, 8);
    if (!heads.includes(head)) heads.push(head);
  }
  return heads;
}
