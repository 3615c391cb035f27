/** A client that connected to us: it proves who it is, and may then do what its account allows. */
import { timingSafeEqual } from 'node:crypto';
import {
  type ClientRights,
  COMMAND_NOT_FOUND,
  executeCommand,
  messageOf,
  splitCommand,
} from './client-commands.ts';
import type { ClientCommand } from './command-reader.ts';
import { findChannel } from './commands/find.ts';
import { type Connection, type ConnectionMode, GOODBYE } from './connection.ts';
import type { Header } from './event-message.ts';

export interface EslUser {
  readonly password: string;
  readonly allowedEvents: readonly string[];
  readonly allowedApi: readonly string[];
}

export interface Accounts {
  readonly password: string;
  /** For `userauth user@domain:password`. */
  readonly users: ReadonlyMap<string, EslUser>;
}

export class InboundMode implements ConnectionMode {
  readonly noticeHeaders: readonly Header[] = [];
  readonly #connection: Connection;
  readonly #accounts: Accounts;
  /** Null before authentication. */
  #rights: ClientRights | null = null;

  constructor(connection: Connection, accounts: Accounts) {
    this.#connection = connection;
    this.#accounts = accounts;
    connection.write('Content-Type: auth/request\n\n');
  }

  get accepted(): boolean {
    return this.#rights !== null;
  }

  execute(command: ClientCommand): Promise<void> | undefined {
    const connection = this.#connection;
    const { verb, argument } = splitCommand(command.line);
    if (!this.#rights) return this.#authenticate(verb, argument ?? '');
    switch (verb) {
      case 'sendmsg':
        return this.#sendmsg((argument ?? '').trim(), command);
      case 'linger':
      case 'nolinger':
        return connection.reply('-ERR not controlling a session');
      case 'divert_events':
        return connection.reply('-ERR not controlling a session.');
      default:
        return executeCommand(connection, command, this.#rights);
    }
  }

  /** Calls, and what runs on them, go on without the client. */
  closed(): void {}

  #authenticate(verb: string, argument: string): undefined {
    const connection = this.#connection;
    if (verb === 'auth') {
      if (!same(argument, this.#accounts.password)) return this.#refuse();
      this.#rights = EVERYTHING;
      return connection.reply('+OK accepted');
    }
    if (verb === 'userauth') {
      const colon = argument.lastIndexOf(':');
      const user = this.#accounts.users.get(argument.slice(0, colon));
      if (!user || !same(argument.slice(colon + 1), user.password)) return this.#refuse();
      this.#rights = { events: user.allowedEvents, api: user.allowedApi, session: null };
      return connection.reply('+OK accepted', [
        ['Allowed-Events', user.allowedEvents.join(',')],
        ['Allowed-API', user.allowedApi.join(',')],
        ['Allowed-LOG', 'true'],
      ]);
    }
    return connection.reply(COMMAND_NOT_FOUND);
  }

  #refuse(): undefined {
    this.#connection.reply('-ERR invalid');
    this.#connection.close(GOODBYE);
    return undefined;
  }

  #sendmsg(uuid: string, command: ClientCommand): undefined {
    const channel = findChannel(this.#connection.core, uuid);
    if (!channel) return this.#connection.reply(`-ERR invalid session id [${uuid}]`);
    this.#connection.reply('+OK');
    channel.queueMessage(messageOf(command));
    return undefined;
  }
}

const EVERYTHING: ClientRights = { events: null, api: null, session: null };

function same(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
