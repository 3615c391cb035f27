import type { SwitchEvent } from '../../../core/src/freeswitch/event-socket/switch-event.ts';
import type { Resync, SwitchState } from '../../../core/src/freeswitch/switch/contract.ts';
import {
  FreeswitchNode,
  type FreeswitchNodeOptions,
} from '../../../core/src/freeswitch/switch/freeswitch-node.ts';
import { Changes } from './changes.ts';
import type { FreeSwitchServer } from './freeswitch-server.ts';
import type { SipCall } from './sip-call.ts';
import type { SipPhone } from './sip-phone.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** The product's adapter on a wire that can be cut, with everything that it told its listener. */
export class WatchedNode {
  readonly node: FreeswitchNode;
  readonly wire: TcpProxy;
  readonly events: SwitchEvent[] = [];
  readonly resyncs: Resync[] = [];
  readonly states: SwitchState[] = [];
  readonly #changes = new Changes(
    () =>
      `last events: ${this.events
        .slice(-12)
        .map((event) => `${event.name} ${event.uuid?.slice(0, 8)}`)
        .join(', ')}`,
  );

  private constructor(node: FreeswitchNode, wire: TcpProxy) {
    this.node = node;
    this.wire = wire;
    node.listen({
      onEvent: (event) => {
        this.events.push(event);
        this.#changes.notify();
      },
      onResync: (resync) => {
        this.resyncs.push(resync);
        this.#changes.notify();
      },
      onState: (state) => {
        this.states.push(state);
        this.#changes.notify();
      },
    });
  }

  /** Connected to this switch. */
  static async on(fs: FreeSwitchServer, options: Partial<FreeswitchNodeOptions> = {}): Promise<WatchedNode> {
    const wire = await TcpProxy.open({ host: fs.host, port: fs.ports.eventSocket });
    const address = { host: '127.0.0.1', port: wire.port, password: fs.password };
    const backoff = { firstMs: 100, maxMs: 500 };
    const watched = new WatchedNode(
      new FreeswitchNode({ nodeId: 'fs1', address, backoff, ...options }),
      wire,
    );
    watched.node.start();
    await watched.connected();
    return watched;
  }

  /** Resolves when it is connected and has handed out its resync. */
  async connected(timeoutMs?: number): Promise<void> {
    await this.until(
      () => this.node.state.state === 'connected' && this.resyncs.length > 0,
      'a connection',
      timeoutMs,
    );
  }

  until<T>(read: () => T | null | undefined | false, what: string, timeoutMs?: number): Promise<T> {
    return this.#changes.until(read, what, timeoutMs);
  }

  /** The next event of this name and channel after those that have come already (all, with `from` 0). */
  event(name: string, uuid: string, from = 0): Promise<SwitchEvent> {
    return this.until(
      () => this.events.slice(from).find((event) => event.name === name && event.uuid === uuid),
      `${name} of ${uuid}`,
    );
  }

  /** The next resync after now. */
  resync(timeoutMs?: number): Promise<Resync> {
    const { length } = this.resyncs;
    return this.until(() => this.resyncs[length], 'a resync', timeoutMs);
  }

  /** A customer's call that has parked: the call as the phone sees it, and the channel. */
  async inbound(phone: SipPhone, number = '4001234567'): Promise<{ call: SipCall; uuid: string }> {
    const from = this.events.length;
    const call = await phone.call(number);
    const park = await this.until(
      () =>
        this.events
          .slice(from)
          .find((event) => event.name === 'CHANNEL_PARK' && event.variable('sip_call_id') === call.id),
      `the call to ${number} to park`,
    );
    return { call, uuid: park.uuid ?? '' };
  }

  /** The same, answered. */
  async answered(phone: SipPhone, number?: string): Promise<{ call: SipCall; uuid: string }> {
    const inbound = await this.inbound(phone, number);
    await this.node.answer(inbound.uuid);
    await inbound.call.answered();
    return inbound;
  }

  async close(): Promise<void> {
    await this.node.stop();
    await this.wire.close();
  }
}
