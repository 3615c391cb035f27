/**
 * modesl 1.2.1 with its faults contained. Nothing else builds on modesl.
 *
 * What is kept: the client (connecting, authenticating, sending) and its public behaviour: `esl::ready`,
 * `esl::end`, `esl::event::NAME::UUID`, `api()`, `bgapi()`, `sendRecv()`, `execute()`, `Event.getHeader()`.
 * What is replaced, and why:
 * - the parser: it concatenates its whole buffer per chunk, searches it byte by byte in JavaScript, recurses once
 *   per event (10,000 events in one segment overflow the stack), counts the inner body in characters in one place
 *   and in bytes in another, and throws a URIError out of the socket's handler at `%zz` or a GBK byte;
 * - the outer headers are left as they are (they are not encoded); only the CHANNEL_DATA block is decoded;
 * - a listener that throws no longer takes the connection with it: it is reported as `error`;
 * - `send` writes a command as one piece instead of one write per header, and after the end of the connection it
 *   reports instead of throwing; a reset connection ends with `esl::end` too, not only an orderly closed one.
 */
import type { Socket } from 'node:net';
import { type Frame, FrameParser } from './frame-parser.ts';
import { type ModeslEvent, modesl } from './modesl.ts';
import { decodePercent } from './percent.ts';

/** Sees each frame first; returns true to keep it from modesl's own event dispatch. */
export type FrameTap = (frame: Frame) => boolean;

export class ModeslConnection extends modesl.Connection {
  // `declare`: for a given socket modesl calls _onConnect inside its constructor, before fields would be set
  declare tap: FrameTap | null | undefined;
  declare frames: FrameParser | undefined;

  /** Connects to `host:port`, or speaks on a connection that FreeSWITCH made (`socket`, outbound mode). */
  constructor(...target: [host: string, port: number, password: string] | [socket: Socket]) {
    super(...target);
    const { socket } = this;
    socket?.setNoDelay(true); // commands are small and each waits for its reply
    socket?.once('close', () => {
      if (this.socket !== socket) return; // the orderly end has been reported
      this.socket = null;
      this.emit('esl::end');
    });
  }

  override _onConnect(): void {
    this.connecting = false;
    this.frames = new FrameParser((frame) => this.onFrame(frame));
    this.socket?.on('data', (chunk: Buffer) => this.onData(chunk));
    // before esl::connect as published, so that nothing that came with the connect is missed
    this.on('esl::event::auth::request', () => this.auth());
    this.emit('esl::connect');
  }

  override _onError(error: Error): void {
    // without a listener an `error` would be thrown, out of the socket's own handler
    if (this.listeners('error').length > 0) this.emit('error', error);
  }

  /** `command`, its headers and an optional body, in one write. Content-Length is added for a body. */
  override send(command: string, headers?: Record<string, unknown> | null, body?: string): void {
    if (!this.socket || this.socket.destroyed) {
      this._onError(new Error('The connection has ended.'));
      return;
    }
    let text = `${command}\n`;
    for (const [name, value] of Object.entries(headers ?? {})) text += `${name}: ${value}\n`;
    if (body !== undefined) text += `Content-Length: ${Buffer.byteLength(body)}\n`;
    this.socket.write(`${text}\n${body ?? ''}`);
  }

  private onData(chunk: Buffer): void {
    try {
      this.frames?.push(chunk);
    } catch (error) {
      this._onError(error as Error);
      this.socket?.destroy();
    }
  }

  private onFrame(frame: Frame): void {
    if (this.tap?.(frame)) return;
    try {
      const headers = outerHeaders(frame);
      const body = frame.body?.toString('utf8');
      this._onEvent(toModeslEvent(frame, headers, body), headers, body);
    } catch (error) {
      this._onError(error as Error);
    }
  }
}

type Headers = Record<string, string | number>;

function outerHeaders(frame: Frame): Headers {
  const block = frame.head.toString('latin1');
  // the reply to `connect` is one block with the channel in it, and that one is encoded
  const encoded = /^Event-Name: /m.test(block);
  return readHeaders(block, encoded ? decodePercent : (raw) => Buffer.from(raw, 'latin1').toString('utf8'));
}

function readHeaders(block: string, decode: (latin1: string) => string): Headers {
  const headers: Headers = Object.create(null);
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = decode(line.slice(colon + 1).trim());
    headers[name] = name === 'Content-Length' ? Number.parseInt(value, 10) : value;
  }
  return headers;
}

function toModeslEvent(frame: Frame, headers: Headers, body: string | undefined): ModeslEvent {
  switch (frame.contentType) {
    case 'text/event-plain':
      return buildEvent(...readPlain(frame.body ?? Buffer.alloc(0)));
    case 'text/event-json': {
      const { _body: inner = '', ...rest } = JSON.parse(body ?? '{}');
      if ('Content-Length' in rest) rest['Content-Length'] = Number.parseInt(rest['Content-Length'], 10);
      return buildEvent(rest, inner);
    }
    case 'text/event-xml': {
      const { _body: inner = '', ...rest } = modesl.Parser.prototype._parseXmlBody.call(
        ignoringErrors,
        body ?? '',
      );
      return buildEvent(rest as Headers, String(inner));
    }
    default:
      return buildEvent(headers, body ?? '');
  }
}

function readPlain(bytes: Buffer): [Headers, string] {
  const end = bytes.indexOf('\n\n');
  const headers = readHeaders(bytes.toString('latin1', 0, end < 0 ? bytes.length : end), decodePercent);
  const length = headers['Content-Length'];
  if (end < 0 || typeof length !== 'number' || !(length > 0)) return [headers, ''];
  return [headers, bytes.toString('utf8', end + 2, Math.min(end + 2 + length, bytes.length))];
}

/** As modesl's Event constructor leaves it, without its search through all headers for each header added. */
function buildEvent(headers: Headers, body: string): ModeslEvent {
  const event = new modesl.Event();
  event.type = headers['Event-Name'] as string | undefined;
  event.subclass = headers['Event-Subclass'] as string | undefined;
  event.body = body;
  event.headers = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const reply = String(headers['Reply-Text'] ?? '');
  if (reply.startsWith('-ERR')) event.addHeader('Modesl-Reply-ERR', reply.slice(5));
  else if (reply.startsWith('+OK')) event.addHeader('Modesl-Reply-OK', reply.slice(4));
  return event;
}

const ignoringErrors = { emit: (): boolean => true } as never;
