import type { JackfieldError } from '../../errors/index.ts';
import type { EventSocket } from '../event-socket/event-socket.ts';
import type { Log } from '../event-socket/log.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { ChannelBook } from './channel-book.ts';
import { STOP_KEY } from './collect.ts';
import type { Resync } from './contract.ts';
import type { SwitchLink } from './link.ts';
import type { Listeners } from './listeners.ts';
import type { Gap, NodeConnection } from './node-connection.ts';
import { readTruth } from './resync.ts';

export interface EventIntakeDeps {
  readonly nodeId: string;
  readonly log: Log;
  readonly link: SwitchLink;
  readonly connection: NodeConnection;
  readonly book: ChannelBook;
  readonly listeners: Listeners;
  /** Milliseconds between two periodic resyncs. */
  readonly resyncEveryMs: number;
  /** Events that may wait for a resync before the connection is given up. */
  readonly maxHeld: number;
}

/**
 * What a node's listeners hear, in an order they can rely on. The truth is read when a connection is made and again
 * and again after that; events that come while it is being read are held, and follow it.
 */
export class EventIntake {
  private readonly deps: EventIntakeDeps;
  private coreUuid: string | null = null;
  /** When anything was last received, by our clock. */
  private heardAt: number | null = null;
  private cancelNext: () => void = () => {};
  /** Events that wait for a resync to be handed out before them; null when there is none. */
  private held: SwitchEvent[] | null = null;
  private afterHold: (() => void)[] = [];

  constructor(deps: EventIntakeDeps) {
    this.deps = deps;
  }

  /** Nothing of a new connection is handed out before its first resync. */
  attached(): void {
    this.held = [];
  }

  /** First resync of a connection: only then is the node connected. */
  async enter(socket: EventSocket, gap: Gap): Promise<void> {
    const { connection, link } = this.deps;
    const [version, core] = await Promise.all([
      link.api('version'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: FreeSWITCH fills this in
      link.api('eval ${core_uuid}'),
    ]);
    const coreUuid = core.text.trim();
    const changed = this.coreUuid !== null && this.coreUuid !== coreUuid;
    const lastAliveAt = changed ? this.heardAt : null;
    const truth = await this.readTruth();
    if (!connection.isOn(socket)) return;
    this.coreUuid = coreUuid;
    this.heardAt = link.timers.now();
    connection.connected(version.text.trim(), coreUuid);
    this.publish({ reason: changed ? 'core-changed' : gap, coreUuid, ...truth, lastAliveAt });
    this.planResync(socket);
  }

  receive(event: SwitchEvent): void {
    if (this.held === null) {
      this.heardAt = this.deps.link.timers.now();
      this.deliver(event);
      return;
    }
    this.held.push(event);
    if (this.held.length > this.deps.maxHeld) {
      this.deps.connection.drop('overload', 'too many events during a resync');
    }
  }

  /** Resolves when everything that has come so far has been handed out, or will never be. */
  async upToDate(): Promise<void> {
    if (this.held !== null) await new Promise<void>((resolve) => this.afterHold.push(resolve));
  }

  lost(error: JackfieldError): void {
    const { connection, link, book } = this.deps;
    this.cancelNext();
    // what came before the end is still true and nobody will send it again
    const rest = connection.state.state === 'connected' ? (this.held ?? []) : [];
    this.held = null;
    for (const event of rest) this.deliver(event);
    link.proofs.rejectAll(error);
    book.clear();
    for (const go of this.afterHold.splice(0)) go();
  }

  private planResync(socket: EventSocket): void {
    const { connection, link, resyncEveryMs } = this.deps;
    this.cancelNext();
    this.cancelNext = link.timers.after(resyncEveryMs, async () => {
      if (!connection.isOn(socket)) return;
      this.held ??= [];
      try {
        const truth = await this.readTruth();
        if (!connection.isOn(socket)) return;
        this.heardAt = link.timers.now();
        this.publish({ reason: 'periodic', coreUuid: this.coreUuid ?? '', ...truth, lastAliveAt: null });
        this.planResync(socket);
      } catch (error) {
        // a switch that does not answer this does not answer anything: a new connection finds out
        socket.close('error', error instanceof Error ? error.message : 'resync failed');
      }
    });
  }

  private async readTruth(): Promise<Pick<Resync, 'channels' | 'receipts'>> {
    const { link, book, connection, log, nodeId } = this.deps;
    const known = new Set([...book.ids]);
    const { channels, receipts, receiptsKept } = await readTruth(link.api, known);
    if (!receiptsKept && connection.state.state !== 'connected') {
      log.warn({ node: nodeId }, 'mod_hash is not loaded: end times of a gap are lost');
    }
    return { channels, receipts };
  }

  /** Hands out a resync and then what came meanwhile. */
  private publish(resync: Resync): void {
    const { book, listeners, link } = this.deps;
    const gone = book.replace(resync.channels);
    listeners.tell((listener) => listener.onResync(resync));
    const events = this.held ?? [];
    this.held = null;
    for (const event of events) this.deliver(event);
    for (const uuid of gone) link.proofs.channelGone(uuid);
    for (const go of this.afterHold.splice(0)) go();
  }

  private deliver(event: SwitchEvent): void {
    const { book, listeners, link, connection } = this.deps;
    // the key with which a prompt of ours is stopped was pressed by nobody
    if (event.name === 'DTMF' && event.get('DTMF-Digit') === STOP_KEY) return;
    book.see(event);
    listeners.tell((listener) => listener.onEvent(event));
    link.proofs.dispatch(event);
    if (event.name !== 'HEARTBEAT') return;
    const core = event.get('Core-UUID');
    if (core !== null && this.coreUuid !== null && core !== this.coreUuid) {
      connection.drop('error', 'another FreeSWITCH answers');
    }
  }
}
