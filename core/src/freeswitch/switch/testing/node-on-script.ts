import { vi } from 'vitest';
import type { SwitchEvent } from '../../event-socket/switch-event.ts';
import {
  plainText,
  type ScriptedCommand,
  ScriptedSwitch,
} from '../../event-socket/testing/scripted-switch.ts';
import type { Resync, SwitchState } from '../contract.ts';
import { FreeswitchNode, type FreeswitchNodeOptions } from '../freeswitch-node.ts';
import { FakeTimers } from './fake-timers.ts';

/** What a node told its listener, in order. */
export type Told =
  | { readonly kind: 'event'; readonly event: SwitchEvent }
  | { readonly kind: 'resync'; readonly resync: Resync }
  | { readonly kind: 'state'; readonly state: SwitchState };

/** A node on a scripted switch, with time that the test moves. */
export class NodeOnScript {
  static async start(options: Partial<FreeswitchNodeOptions> = {}): Promise<NodeOnScript> {
    return new NodeOnScript(await ScriptedSwitch.listen(), options);
  }

  readonly server: ScriptedSwitch;
  readonly timers = new FakeTimers();
  readonly node: FreeswitchNode;
  readonly told: Told[] = [];

  private constructor(server: ScriptedSwitch, options: Partial<FreeswitchNodeOptions>) {
    this.server = server;
    this.node = new FreeswitchNode({
      nodeId: 'fs1',
      address: server.address,
      timers: this.timers,
      random: () => 0.999999,
      ...options,
    });
    this.node.listen({
      onEvent: (event) => this.told.push({ kind: 'event', event }),
      onResync: (resync) => this.told.push({ kind: 'resync', resync }),
      onState: (state) => this.told.push({ kind: 'state', state }),
    });
  }

  get resyncs(): Resync[] {
    return this.told.flatMap((told) => (told.kind === 'resync' ? [told.resync] : []));
  }

  get events(): SwitchEvent[] {
    return this.told.flatMap((told) => (told.kind === 'event' ? [told.event] : []));
  }

  /** Short form of what was told: states, resync reasons, event names. */
  get story(): string[] {
    return this.told.map((told) => {
      if (told.kind === 'event') return told.event.name;
      return told.kind === 'resync' ? `resync ${told.resync.reason}` : told.state.state;
    });
  }

  async connect(): Promise<void> {
    this.node.start();
    await this.until(() => this.node.state.state === 'connected');
  }

  async close(): Promise<void> {
    await this.node.stop();
    await this.server.close();
  }

  until(condition: () => boolean): Promise<unknown> {
    return vi.waitUntil(condition, { timeout: 3000, interval: 1 });
  }

  /** Moves time on when all replies have come, so that none of them is found missing. */
  async advance(ms: number): Promise<void> {
    if (this.node.state.state === 'connected') await this.node.api('echo');
    this.timers.advance(ms);
  }

  /** Waits for the `count`th command that matches, and returns it. */
  async command(pattern: RegExp, count = 1): Promise<ScriptedCommand> {
    const matching = () =>
      this.server.commands.filter(({ line, headers }) =>
        pattern.test(`${line} ${headers['execute-app-name'] ?? ''}`),
      );
    await this.until(() => matching().length >= count);
    return matching()[count - 1] as ScriptedCommand;
  }

  event(name: string, uuid: string, headers: Readonly<Record<string, string>> = {}): void {
    this.server.connection.event(name, { 'Unique-ID': uuid, ...headers });
  }

  /** The end of the application that `command` started. */
  completes(command: ScriptedCommand, headers: Readonly<Record<string, string>> = {}): void {
    this.event('CHANNEL_EXECUTE_COMPLETE', command.line.split(' ')[1] ?? '', {
      'Application-UUID': String(command.headers['Event-UUID']),
      'Answer-State': 'answered',
      ...headers,
    });
  }

  /** Has every channel answer `uuid_dump`, and the table list them. */
  channels(
    dumps: Readonly<Record<string, Readonly<Record<string, string>>>>,
    rows: readonly object[] = [],
  ): void {
    this.server.handle(({ line }) => {
      if (line === 'api show channels as json')
        return `${JSON.stringify({ row_count: rows.length, rows })}\n`;
      const dump = dumps[/^api uuid_dump (\S+)/.exec(line)?.[1] ?? ''];
      return dump ? plainText({ 'Event-Name': 'CHANNEL_DATA', ...dump }) : undefined;
    });
  }
}
