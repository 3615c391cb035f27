import { createServer, type Server, type Socket } from 'node:net';

/** A command as it was received. */
export interface ScriptedCommand {
  /** First line. */
  readonly line: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What to answer: a text (sent as api/response to `api …`, as Reply-Text to the rest), null for no answer at all,
 * undefined to leave it to the handler added before.
 */
export type Handler = (command: ScriptedCommand, connection: ScriptedConnection) => string | null | undefined;

/** A TCP server that says on the event socket what a test tells it to. Not an emulator: it knows no calls. */
export class ScriptedSwitch {
  static async listen(port = 0): Promise<ScriptedSwitch> {
    const scripted = new ScriptedSwitch();
    await new Promise<void>((resolve) => scripted.server.listen(port, '127.0.0.1', resolve));
    return scripted;
  }

  password = 'ClueCon';
  /** What is sent to a new connection. */
  greeting = 'Content-Type: auth/request\n\n';
  coreUuid = 'core-1';
  readonly commands: ScriptedCommand[] = [];
  readonly connections: ScriptedConnection[] = [];
  private readonly handlers: Handler[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((socket) => {
      const connection = new ScriptedConnection(socket, (command) => this.receive(command, connection));
      this.connections.push(connection);
      connection.raw(this.greeting);
    });
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get address() {
    return { host: '127.0.0.1', port: this.port, password: this.password };
  }

  /** The newest connection. */
  get connection(): ScriptedConnection {
    const last = this.connections.at(-1);
    if (!last) throw new Error('nobody has connected');
    return last;
  }

  /** The newest handler is asked first. */
  handle(handler: Handler): void {
    this.handlers.unshift(handler);
  }

  /** First lines of all commands received. */
  get lines(): string[] {
    return this.commands.map((command) => command.line);
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private receive(command: ScriptedCommand, connection: ScriptedConnection): void {
    this.commands.push(command);
    for (const handler of [...this.handlers, this.standard]) {
      const answer = handler(command, connection);
      if (answer === undefined) continue;
      if (answer !== null) connection.answer(command, answer);
      return;
    }
  }

  private readonly standard: Handler = ({ line, headers }, connection) => {
    if (line.startsWith('auth ')) {
      if (line === `auth ${this.password}`) return '+OK accepted';
      connection.reply('-ERR invalid');
      connection.close();
      return null;
    }
    if (line.startsWith('event ')) return '+OK event listener enabled plain';
    if (line.startsWith('bgapi ')) return `+OK Job-UUID: ${headers['Job-UUID']}`;
    if (line === 'api version') return 'FreeSWITCH Version 1.11.2-release~64bit ( 64bit)\n';
    if (line.startsWith('api eval')) return this.coreUuid;
    if (line.startsWith('api show channels')) return '{"row_count":0}\n';
    if (line.startsWith('api hash_dump')) return '';
    if (line.startsWith('api uuid_dump')) return '-ERR No such channel!\n';
    if (line.startsWith('api uuid_exists')) return 'true';
    return '+OK\n';
  };
}

export class ScriptedConnection {
  private readonly socket: Socket;
  private text = '';

  constructor(socket: Socket, receive: (command: ScriptedCommand) => void) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.text += chunk.toString('utf8');
      for (let command = this.take(); command; command = this.take()) receive(command);
    });
  }

  get open(): boolean {
    return !this.socket.destroyed;
  }

  raw(bytes: string | Buffer): void {
    if (this.open) this.socket.write(bytes);
  }

  reply(text: string): void {
    this.raw(`Content-Type: command/reply\nReply-Text: ${text}\n\n`);
  }

  apiReply(body: string): void {
    this.raw(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`);
  }

  answer(command: ScriptedCommand, text: string): void {
    if (command.line.startsWith('api ')) this.apiReply(text);
    else this.reply(text);
  }

  /** An event as FreeSWITCH sends it in plain format. */
  event(name: string, headers: Readonly<Record<string, string>> = {}, body?: string): void {
    this.raw(plainFrame({ 'Event-Name': name, ...headers }, body));
  }

  /** Result of a background job. */
  job(id: string, result: string): void {
    this.event('BACKGROUND_JOB', { 'Job-UUID': id }, result);
  }

  close(): void {
    this.socket.end();
    this.socket.destroySoon();
  }

  /** As a machine that is switched off: no farewell. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  private take(): ScriptedCommand | null {
    const end = this.text.indexOf('\n\n');
    if (end < 0) return null;
    const [line = '', ...rest] = this.text.slice(0, end).split('\n');
    const headers = Object.fromEntries(
      rest.map((header) => [
        header.slice(0, header.indexOf(':')),
        header.slice(header.indexOf(':') + 1).trim(),
      ]),
    );
    const length = Number(headers['Content-Length'] ?? 0);
    const body = Buffer.from(this.text.slice(end + 2))
      .subarray(0, length)
      .toString();
    if (Buffer.byteLength(body) < length) return null;
    this.text = this.text.slice(end + 2 + body.length);
    return { line, headers, body };
  }
}

/** Text of a plain event: headers percent-encoded, blank line, body. Also what `uuid_dump` prints. */
export function plainText(headers: Readonly<Record<string, string>>, body?: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${encodeURIComponent(value)}\n`);
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}\n`);
  return `${lines.join('')}\n${body ?? ''}`;
}

export function plainFrame(headers: Readonly<Record<string, string>>, body?: string): Buffer {
  return frameOf('text/event-plain', Buffer.from(plainText(headers, body)));
}

export function frameOf(contentType: string, body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`Content-Length: ${body.length}\nContent-Type: ${contentType}\n\n`),
    body,
  ]);
}
