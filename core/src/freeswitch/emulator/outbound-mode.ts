/** An application that the `socket` application of a channel connected to: it controls that one channel (trace 10). */
import { profileHeaders } from './caller-profile.ts';
import { type Channel, isTrue, type PrivateMessage } from './channel.ts';
import {
  type ClientRights,
  COMMAND_NOT_FOUND,
  executeCommand,
  messageOf,
  splitCommand,
} from './client-commands.ts';
import { clockSecondsMs, type Timer } from './clock.ts';
import type { ClientCommand } from './command-reader.ts';
import { findChannel } from './commands/find.ts';
import { type Connection, type ConnectionMode, GOODBYE } from './connection.ts';
import { disconnectFrame, plainBlock } from './encode.ts';
import type { Header } from './event-message.ts';
import { profileField } from './expand.ts';

/** Words of the dialplan after `socket host:port`. */
export interface SocketOptions {
  /** The channel parks, and commands are queued; else the channel's thread does nothing but serve the socket. */
  readonly async: boolean;
  /** api, bgapi, events of others, linger and log are understood. */
  readonly full: boolean;
}

/** A command that the channel's own thread has to run while the client waits. */
export interface PendingMessage {
  readonly message: PrivateMessage;
  readonly done: () => void;
}

export class OutboundMode implements ConnectionMode {
  readonly noticeHeaders: readonly Header[];
  /** A command was received. */
  accepted = false;
  /** `connect` was received. An async channel parks only then. */
  connected = false;
  pending: PendingMessage | null = null;
  readonly #connection: Connection;
  readonly #channel: Channel;
  readonly #options: SocketOptions;
  readonly #rights: ClientRights;
  /** Seconds to stay after the call; -1 for ever, null not at all. */
  #lingerSec: number | null = null;
  #lingerTimer: Timer | null = null;
  #channelIsDown = false;

  constructor(connection: Connection, channel: Channel, options: SocketOptions) {
    this.#connection = connection;
    this.#channel = channel;
    this.#options = options;
    this.#rights = { events: null, api: null, session: channel.uuid };
    this.noticeHeaders = this.#notice('disconnect');
    connection.muted = true;
    if (options.async) channel.holders.add(this);
  }

  /** Whatever the first command is, nobody replies to it; `connect` and `api` answer themselves (trace 10 G). */
  execute(command: ClientCommand): Promise<void> | undefined {
    const first = !this.accepted;
    this.accepted = true;
    const speak = () => {
      this.#connection.muted = false;
    };
    const waiting = this.#execute(command);
    if (first && !waiting) speak();
    return first && waiting ? waiting.then(speak) : waiting;
  }

  #execute(command: ClientCommand): Promise<void> | undefined {
    const connection = this.#connection;
    const { verb, argument } = splitCommand(command.line);
    switch (verb) {
      case 'connect':
        return this.#connect();
      case 'getvar':
        return connection.reply(this.#variable(argument ?? '') || COMMAND_NOT_FOUND);
      case 'myevents':
        return this.#myEvents(argument);
      case 'resume':
        this.#channel.set('socket_resume', 'true');
        return connection.reply('+OK');
      case 'divert_events':
        return this.#divert((argument ?? '').trim());
      case 'sendmsg':
        return this.#sendmsg((argument ?? '').trim(), command);
      case 'filter':
        return executeCommand(connection, command, this.#rights);
    }
    if (!this.#options.full) return connection.reply(COMMAND_NOT_FOUND);
    switch (verb) {
      case 'linger':
        this.#lingerSec = argument === null ? -1 : Number.parseInt(argument, 10) || 0;
        return connection.reply(
          this.#lingerSec === -1 ? '+OK will linger' : `+OK will linger ${this.#lingerSec} seconds`,
        );
      case 'nolinger':
        this.#lingerSec = null;
        return connection.reply('+OK will not linger');
      default:
        return executeCommand(connection, command, this.#rights);
    }
  }

  /** The call is over: the last events, then the notice, and the end unless the client asked to linger. */
  channelDown(): void {
    if (this.#channelIsDown) return;
    this.#channelIsDown = true;
    this.#connection.afterEvents(() => {
      const seconds = this.#lingerSec;
      if (seconds === null) {
        this.#connection.close(GOODBYE);
        return;
      }
      const linger: Header[] = [
        ['Channel-Name', this.#channel.name],
        ['Linger-Time', String(seconds)],
      ];
      this.#connection.write(disconnectFrame('', [...this.#notice('linger'), ...linger]));
      if (seconds < 0) return;
      const { clock } = this.#connection.core;
      // the clock second after the last one
      this.#lingerTimer = clock.after(clockSecondsMs(clock, seconds + 1), () =>
        this.#connection.close(GOODBYE),
      );
    });
  }

  closed(): void {
    this.#lingerTimer?.cancel();
    const channel = this.#channel;
    // in async mode applications/socket.ts takes this back after the park; else the channel stays there for good
    if (isTrue(channel.get('socket_resume')) && channel.ready) channel.setState('CS_RESET');
    if (this.#options.async) {
      // a park under the control of this socket ends, and the dialplan goes on
      channel.parked = false;
      channel.holders.delete(this);
    }
    channel.wake();
  }

  #notice(disposition: 'disconnect' | 'linger'): Header[] {
    return [
      ['Controlled-Session-UUID', this.#channel.uuid],
      ['Content-Disposition', disposition],
    ];
  }

  /** Not a frame with an event: the event is the head, encoded as the inner block of others is, without a length. */
  #connect(): undefined {
    const channel = this.#channel;
    const { async, full } = this.#options;
    const answer = channel.event('CHANNEL_DATA', null, profileHeaders('Channel', channel.profile), [
      ['Content-Type', 'command/reply'],
      ['Reply-Text', '+OK\n'],
      ['Socket-Mode', async ? 'async' : 'static'],
      ['Control', full ? 'full' : 'single-channel'],
    ]);
    this.#connection.write(plainBlock(answer));
    this.connected = true;
    channel.wake();
    return undefined;
  }

  #variable(name: string): string | null {
    return this.#channel.get(name) ?? profileField(this.#channel, name);
  }

  #myEvents(argument: string | null): undefined {
    const { subscription } = this.#connection;
    if (!subscription.addOwn(this.#channel.uuid)) return this.#connection.reply('-ERR aready enabled.');
    const format = argument?.trim().toLowerCase();
    if (format === 'json' || format === 'xml') subscription.format = format;
    return this.#connection.reply('+OK Events Enabled');
  }

  /** Keys that are pressed are then told to this client, and to nobody else. */
  #divert(word: string): undefined {
    if (word === '') return this.#connection.reply('-ERR missing value.');
    const on = word.toLowerCase() === 'on';
    const { subscription } = this.#connection;
    this.#channel.diverted = on
      ? (event) => {
          if (subscription.active) this.#connection.send(event);
        }
      : null;
    return this.#connection.reply(on ? '+OK events diverted' : '+OK events not diverted');
  }

  #sendmsg(uuid: string, command: ClientCommand): Promise<void> | undefined {
    const own = uuid === '' || uuid === this.#channel.uuid;
    const channel = own ? this.#channel : findChannel(this.#connection.core, uuid);
    if (!channel) return this.#connection.reply(`-ERR invalid session id [${uuid}]`);
    const message = messageOf(command);
    const asked = command.headers.find(([name]) => name.toLowerCase() === 'async')?.[1] ?? null;
    if (!own || this.#options.async || isTrue(asked)) {
      this.#connection.reply('+OK');
      channel.queueMessage(message);
      return undefined;
    }
    return new Promise<void>((done) => {
      this.pending = { message, done };
      channel.interrupt();
    }).then(() => this.#connection.reply('+OK'));
  }
}
