import type { Clock } from '../../boot/clock.ts';
import { JackfieldError } from '../../errors/index.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { Switch } from '../switch/contract.ts';

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
      onResync: () => undefined,
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
    this.#open(id);
    return id;
  }

  async press(id: string, digits: string): Promise<void> {
    this.#live(id);
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

  #open(id: string): Line {
    const present = this.#lines.get(id);
    if (present) return present;
    const line: Line = { id, events: [], waiters: new Set(), endedAt: null };
    this.#lines.set(id, line);
    return line;
  }

  #line(id: string): Line {
    const line = this.#lines.get(id);
    if (!line) throw new JackfieldError('NOT_FOUND', 'This virtual phone has no such call.');
    return line;
  }

  #live(id: string): Line {
    const line = this.#line(id);
    if (line.endedAt !== null) throw new JackfieldError('CALL_ENDED');
    return line;
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
    line.events.push({ ...told, seq: line.events.length + 1, at: event.timestamp } as PhoneEvent);
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
