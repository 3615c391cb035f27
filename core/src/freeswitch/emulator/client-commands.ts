/** Commands of the event socket that mean the same to every client: api, bgapi, events, filters, log. */
import type { PrivateMessage } from './channel.ts';
import type { ClientCommand } from './command-reader.ts';
import type { Connection } from './connection.ts';
import { apiFrame } from './encode.ts';
import { EventMessage, type Header } from './event-message.ts';

/** What a client may do, and in whose name it does it. */
export interface ClientRights {
  /** Names of events, in capitals; null for all. */
  readonly events: readonly string[] | null;
  /** Names of api commands; null for all. */
  readonly api: readonly string[] | null;
  /** Uuid of the channel that the client controls. */
  readonly session: string | null;
}

export const COMMAND_NOT_FOUND = '-ERR command not found';

/** `sendmsg <uuid>` is verb and argument; a command without a blank has no argument. */
export function splitCommand(line: string): { verb: string; argument: string | null } {
  const { name, args } = splitWord(line);
  return { verb: name.toLowerCase(), argument: line.includes(' ') ? args : null };
}

/** A `sendmsg` as the thread of a channel takes it. */
export function messageOf(command: ClientCommand): PrivateMessage {
  return { headers: [['Command', command.line], ...command.headers], body: command.body };
}

/** @returns a promise when the command takes time, in which the connection does nothing else */
export function executeCommand(
  connection: Connection,
  command: ClientCommand,
  rights: ClientRights,
): Promise<void> | undefined {
  const { subscription } = connection;
  const { verb, argument } = splitCommand(command.line);
  switch (verb) {
    case 'api':
      return api(connection, argument, rights);
    case 'bgapi':
      return bgapi(connection, argument ?? '', command, rights);
    case 'sendevent':
      return sendEvent(connection, argument ?? '', command);
    case 'event':
      return subscribe(connection, argument ?? '', rights);
    case 'nixevent':
      subscription.remove(words(argument ?? ''));
      return connection.reply('+OK events nixed');
    case 'noevents':
      if (!subscription.active) return connection.reply('-ERR not listening for events');
      subscription.clear();
      return connection.reply('+OK no longer listening for events');
    case 'filter':
      return filter(connection, words(argument ?? ''));
    case 'log':
      connection.logLevel = Number(argument) || 0;
      return connection.reply(`+OK log level ${argument ?? ''} [${connection.logLevel}]`);
    case 'nolog':
      if (connection.logLevel < 0) return connection.reply('-ERR not loging');
      connection.logLevel = -1;
      return connection.reply('+OK no longer logging');
    default:
      return connection.reply(COMMAND_NOT_FOUND);
  }
}

function api(
  connection: Connection,
  argument: string | null,
  rights: ClientRights,
): Promise<void> | undefined {
  if (argument === null) return connection.reply(COMMAND_NOT_FOUND);
  const { name, args } = splitWord(argument);
  if (!mayCall(rights, name)) return connection.reply('-ERR permission denied');
  const answer = (text: string) => connection.write(apiFrame(text === '' ? '-ERR no reply\n' : text));
  const printed = connection.core.apis.run(name, args);
  if (typeof printed !== 'string') return printed.then(answer);
  answer(printed);
  return undefined;
}

function bgapi(
  connection: Connection,
  argument: string,
  command: ClientCommand,
  rights: ClientRights,
): undefined {
  const { core } = connection;
  if (argument === '') return connection.reply(COMMAND_NOT_FOUND);
  const { name, args } = splitWord(argument);
  if (!mayCall(rights, name)) return connection.reply('-ERR permission denied');
  const id = command.headers.find(([key]) => key.toLowerCase() === 'job-uuid')?.[1] ?? core.newUuid();
  connection.reply(`+OK Job-UUID: ${id}`, [['Job-UUID', id]]);
  const done = (text: string) => {
    const headers: Header[] = [['Job-UUID', id]];
    if (rights.session !== null) headers.push(['Job-Owner-UUID', rights.session]);
    headers.push(['Job-Command', name]);
    if (args !== '') headers.push(['Job-Command-Arg', args]);
    core.fire('BACKGROUND_JOB', headers, text);
  };
  // a thread of its own: it does not begin before the reply
  core.clock.soon(() => {
    const printed = core.apis.run(name, args);
    if (typeof printed === 'string') done(printed);
    else void printed.then(done);
  });
  return undefined;
}

function sendEvent(connection: Connection, argument: string, command: ClientCommand): undefined {
  const { core } = connection;
  const name = argument.trim().toUpperCase();
  const subclass = command.headers.find(([key]) => key.toLowerCase() === 'event-subclass')?.[1] ?? null;
  const event = new EventMessage(name === '' ? 'MESSAGE' : name, subclass);
  const uuid = core.newUuid();
  // the sender's own headers come first, a Content-Length too, and then that of the body once more
  if (subclass !== null) event.add('Event-Subclass', subclass);
  event.add('Command', command.line);
  for (const [key, value] of command.headers)
    if (key.toLowerCase() !== 'event-subclass') event.add(key, value);
  event.add('Event-UUID', uuid);
  core.stamp(event);
  event.body = command.body;
  connection.reply(`+OK ${uuid}`);
  core.publish(event);
  return undefined;
}

function subscribe(connection: Connection, argument: string, rights: ClientRights): undefined {
  const { subscription } = connection;
  const list = words(argument);
  const format = list[0]?.toLowerCase();
  const names = format === 'plain' || format === 'json' || format === 'xml' ? list.slice(1) : list;
  if (names.length === 0) return connection.reply('-ERR no keywords supplied');
  if (rights.events && !names.every((name) => rights.events?.includes(name.toUpperCase()))) {
    return connection.reply('-ERR permission denied');
  }
  if (!subscription.add(names)) return connection.reply('-ERR no keywords supplied');
  // the format is the connection's: it changes what was subscribed before, too
  subscription.format = format === 'json' || format === 'xml' ? format : 'plain';
  return connection.reply(`+OK event listener enabled ${subscription.format}`);
}

function filter(connection: Connection, list: readonly string[]): undefined {
  const { subscription } = connection;
  if (list[0] === 'delete') {
    const [, header = '', ...value] = list;
    if (header === '') return connection.reply('-ERR invalid syntax');
    subscription.removeFilter(header, value.length > 0 ? value.join(' ') : null);
    return connection.reply(`+OK filter deleted. [${header}][${value.join(' ')}]`);
  }
  const [header, ...value] = list[0] === 'add' ? list.slice(1) : list;
  if (header === undefined || value.length === 0) return connection.reply('-ERR invalid syntax');
  subscription.addFilter(header, value.join(' '));
  return connection.reply(`+OK filter added. [${header}]=[${value.join(' ')}]`);
}

function mayCall(rights: ClientRights, name: string): boolean {
  return rights.api === null || rights.api.includes(name);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Two blanks after `api` make a command with an empty name. */
function splitWord(line: string): { name: string; args: string } {
  const space = line.indexOf(' ');
  return space < 0 ? { name: line, args: '' } : { name: line.slice(0, space), args: line.slice(space + 1) };
}
