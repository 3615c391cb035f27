import { EventSocket } from '../../core/src/freeswitch/event-socket/event-socket.ts';
import type { SwitchEvent } from '../../core/src/freeswitch/event-socket/switch-event.ts';
import { SUBSCRIPTION } from '../../core/src/freeswitch/switch/subscriptions.ts';
import type { SwitchAddress } from '../../core/src/freeswitch/switch/url.ts';
import { Changes } from '../freeswitch/harness/changes.ts';

/**
 * The switch as somebody sees it who stands beside the server: over an event socket of its own, which lives on
 * while the server is dead. What it says is the truth that the server's records are held to.
 */
export class SwitchWatch {
  readonly events: SwitchEvent[] = [];
  readonly #socket: EventSocket;
  readonly #arrivals = new WeakMap<SwitchEvent, number>();
  readonly #changes = new Changes(
    () =>
      `last events: ${this.events
        .slice(-14)
        .map((event) => `${event.name} ${event.uuid?.slice(0, 8) ?? ''}`)
        .join(', ')}`,
  );

  private constructor(socket: EventSocket) {
    this.#socket = socket;
    socket.onEvent = (event) => {
      this.#arrivals.set(event, performance.now());
      this.events.push(event);
      this.#changes.notify();
    };
  }

  static async on(address: SwitchAddress): Promise<SwitchWatch> {
    const socket = await EventSocket.connect({ ...address });
    const watch = new SwitchWatch(socket);
    await socket.subscribe(SUBSCRIPTION);
    return watch;
  }

  /** Runs an api command; resolves with what it printed. */
  async api(command: string): Promise<string> {
    return (await this.#socket.api(command)).text.trim();
  }

  until<T>(read: () => T | null | undefined | false, what: string, timeoutMs?: number): Promise<T> {
    return this.#changes.until(read, what, timeoutMs);
  }

  /** How many events there have been: `event(…, mark)` looks only behind it. */
  get mark(): number {
    return this.events.length;
  }

  /** The first event of this name and channel behind `mark`, now or later. */
  event(name: string, uuid: string, mark = 0, timeoutMs?: number): Promise<SwitchEvent> {
    return this.until(() => this.past(name, uuid, mark), `${name} of ${uuid}`, timeoutMs);
  }

  /** The same, if it has come already. */
  past(name: string, uuid: string, mark = 0): SwitchEvent | null {
    return this.events.slice(mark).find((event) => event.name === name && event.uuid === uuid) ?? null;
  }

  /** When it came here, by `performance.now()`: finer than the times of the switch, which go by 20 ms. */
  arrivedAt(event: SwitchEvent): number {
    return this.#arrivals.get(event) ?? Number.NaN;
  }

  /** Uuids of all channels. */
  async channels(): Promise<string[]> {
    const { rows = [] } = JSON.parse(await this.api('show channels as json')) as {
      rows?: { uuid: string }[];
    };
    return rows.map(({ uuid }) => uuid);
  }

  async isThere(uuid: string): Promise<boolean> {
    return (await this.api(`uuid_exists ${uuid}`)) === 'true';
  }

  /** The channel it talks with; null if it talks with none. */
  async partnerOf(uuid: string): Promise<string | null> {
    const partner = await this.api(`uuid_getvar ${uuid} bridge_to`);
    return /^[0-9a-f-]{36}$/.test(partner) ? partner : null;
  }

  /** Waits for the end of a channel; when it ended and why, as the switch says. */
  async end(
    uuid: string,
    timeoutMs?: number,
  ): Promise<{ at: number; answeredAt: number | null; cause: string }> {
    const event = await this.event('CHANNEL_HANGUP_COMPLETE', uuid, 0, timeoutMs);
    const answered = Number(event.get('Caller-Channel-Answered-Time'));
    return {
      at: Number(event.get('Caller-Channel-Hangup-Time')) / 1000,
      answeredAt: answered > 0 ? answered / 1000 : null,
      cause: event.get('Hangup-Cause') ?? '',
    };
  }

  close(): void {
    this.#socket.close();
  }
}
