import type { Clock } from '../../boot/clock.ts';
import { JackfieldError } from '../../errors/index.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { Resync, Switch } from '../switch/contract.ts';

/** What a customer at the virtual phone notices of the call. */
export type PhoneEvent = { readonly seq: number; readonly at: number } & (
  | { readonly type: 'ringing' | 'answered' | 'talking' | 'talk-ended' }
  | { readonly type: 'hears'; readonly path: string }
  | { readonly type: 'silence' }
  | { readonly type: 'ended'; readonly cause: string }
);
type Told = PhoneEvent extends infer E ? (E extends PhoneEvent ? Omit<E, 'seq' | 'at'> : never) : never;

interface Line {
  readonly id: string;
  readonly events: PhoneEvent[];
  readonly waiters: Set<() => void>;
  /** Number of the last event. */
  seq: number;
  endedAt: number | null;
}

/** An ended call can still be read for a while, so that a page that was late sees its end. */
const KEEP_ENDED_MS = 60_000;
const MOST_LINES = 100;

/** The customer's phone of the emulator: dials, presses keys, hangs up, and tells what is heard. */
export class PhoneLines {
  readonly #node: Switch;
  readonly #clock: Clock;
  readonly #lines = new Map<string, Line>();

  constructor(node: Switch, clock: Clock) {
    this.#node = node;
    this.#clock = clock;
  }

  /** Returns the undo. */
  listen(): () => void {
    return this.#node.listen({
      onEvent: (event) => this.#onEvent(event),
      onResync: (resync) => this.#onResync(resync),
      onState: () => undefined,
    });
  }

  async dial(number: string, from: string, name: string): Promise<string> {
    this.#prune();
    if (this.#lines.size >= MOST_LINES)
      throw new JackfieldError('RATE_LIMITED', 'Too many virtual phones are in a call.');
    // The api command is split at blanks outside quotes; the name is free text.
    const caller = name ? ` '${name.replaceAll(/['\r\n]/g, ' ')}'` : '';
    const reply = await this.#node.api(`jackfield phone dial ${number} ${from}${caller}`);
    const id = /^\+OK (\S+)/.exec(reply)?.[1];
    if (!id)
      throw new JackfieldError('SWITCH_COMMAND_FAILED', undefined, { details: { reply: reply.trim() } });
    this.#open(id, 0);
    return id;
  }

  async press(id: string, digits: string): Promise<void> {
    const line = this.#line(id);
    if (line.endedAt !== null) throw new JackfieldError('CALL_ENDED');
    await this.#command(`digits ${id} ${digits}`);
  }

  async hangUp(id: string): Promise<void> {
    const line = this.#line(id);
    if (line.endedAt === null) await this.#command(`hangup ${id}`);
  }

  /** What happened after `since`; waits up to `waitMs` for something when there is nothing yet. */
  async events(id: string, since: number, waitMs: number): Promise<readonly PhoneEvent[]> {
    const line = this.#line(id);
    const later = () => line.events.filter((event) => event.seq > since);
    if (later().length > 0 || line.endedAt !== null) return later();
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        line.waiters.delete(done);
        resolve();
      };
      const cancel = this.#clock.after(waitMs, done);
      line.waiters.add(done);
    });
    return later();
  }

  async #command(command: string): Promise<void> {
    const reply = await this.#node.api(`jackfield phone ${command}`);
    if (reply.startsWith('-'))
      throw new JackfieldError('SWITCH_COMMAND_FAILED', undefined, { details: { reply: reply.trim() } });
  }

  #open(id: string, seq: number): Line {
    const present = this.#lines.get(id);
    if (present) return present;
    const line: Line = { id, events: [], waiters: new Set(), seq, endedAt: null };
    this.#lines.set(id, line);
    return line;
  }

  #line(id: string): Line {
    const line = this.#lines.get(id);
    if (!line) throw new JackfieldError('NOT_FOUND', 'This virtual phone has no such call.');
    return line;
  }

  /**
   * An emulator of its own outlives the server, and the customers' calls with it: they are taken up as they stand.
   * Their events are numbered on from the clock, so that a page which had counted further sees what comes. Calls of
   * ours that ended while nothing was heard of the switch end here too.
   */
  #onResync({ reason, channels, receipts }: Resync): void {
    if (this.#node.state.state !== 'connected' || !this.#node.state.emulator) return;
    if (reason === 'connected' || reason === 'core-changed') {
      const alive = new Set(channels.map(({ uuid }) => uuid));
      for (const line of this.#lines.values()) {
        if (alive.has(line.id) || line.endedAt !== null) continue;
        const receipt = receipts.find(({ uuid }) => uuid === line.id);
        const at = receipt?.endedAt ?? this.#clock.now();
        this.#tell(line, { type: 'ended', cause: receipt?.cause ?? 'LOST' }, at);
      }
    }
    for (const { uuid, direction, answered, bridgedTo, dump } of channels) {
      if (direction !== 'inbound' || dump?.variable('sofia_profile_name') !== 'trunk') continue;
      if (this.#lines.has(uuid)) continue;
      const line = this.#open(uuid, this.#clock.now());
      const answeredAt = Number(dump.get('Caller-Channel-Answered-Time')) / 1000;
      if (answered) this.#tell(line, { type: 'answered' }, answeredAt || this.#clock.now());
      if (bridgedTo) this.#tell(line, { type: 'talking' }, this.#clock.now());
    }
  }

  #prune(): void {
    const before = this.#clock.now() - KEEP_ENDED_MS;
    for (const line of this.#lines.values()) {
      if (line.endedAt !== null && line.endedAt < before) this.#lines.delete(line.id);
    }
  }

  #onEvent(event: SwitchEvent): void {
    const told = translate(event);
    if (!told || event.uuid === null) return;
    // The bridge is told once, on leg A: the phone may be the other one.
    const other = event.get('Bridge-B-Unique-ID');
    const line = this.#lines.get(event.uuid) ?? (other ? this.#lines.get(other) : undefined);
    if (!line || line.endedAt !== null) return;
    this.#tell(line, told, event.timestamp);
  }

  #tell(line: Line, told: Told, at: number): void {
    line.seq += 1;
    line.events.push({ ...told, seq: line.seq, at } as PhoneEvent);
    if (told.type === 'ended') line.endedAt = this.#clock.now();
    for (const wake of [...line.waiters]) wake();
  }
}

function translate(event: SwitchEvent): Told | null {
  switch (event.name) {
    case 'CHANNEL_PROGRESS':
      return { type: 'ringing' };
    case 'CHANNEL_ANSWER':
      return { type: 'answered' };
    case 'CHANNEL_BRIDGE':
      return { type: 'talking' };
    case 'CHANNEL_UNBRIDGE':
      return { type: 'talk-ended' };
    case 'PLAYBACK_START':
      return { type: 'hears', path: event.get('Playback-File-Path') ?? '' };
    case 'PLAYBACK_STOP':
      return { type: 'silence' };
    case 'CHANNEL_HANGUP_COMPLETE':
      return { type: 'ended', cause: event.get('Hangup-Cause') ?? '' };
    default:
      return null;
  }
}
