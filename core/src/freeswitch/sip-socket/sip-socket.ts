/**
 * SIP over WebSocket (RFC 7118) for softphones in the browser, carried on to the switch through the server's own
 * port: one address, one certificate, and nobody reaches the switch who is not signed in here. Only the signalling
 * goes this way; the voice (DTLS-SRTP) goes straight between browser and switch.
 *
 * Who calls: the softphone of the workbench, by the session cookie; then it registers with its SIP password.
 * May fail: 401 for who is not signed in, 403 for a page of another site, 502 while the switch does not answer. The
 *   socket ends when the session does, and with either side; the browser opens another.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Authenticator, Identity } from '../../auth/contract.ts';
import type { Clock } from '../../boot/clock.ts';
import { comesFromAnotherSite } from '../../http/same-site.ts';

export const SIP_SOCKET_PATH = '/switch/sip';

const RECHECK_MS = 30_000;
const CONNECT_MS = 5_000;
const KEEP_ALIVE_MS = 30_000;
/** One phone a person, and the ones of pages that have not quite closed yet. */
const MOST_OF_A_USER = 4;

export interface SipSocketDeps {
  /** Where the switch takes WebSockets (`ws-binding` of its profile for phones). */
  readonly target: { readonly host: string; readonly port: number };
  readonly auth: Authenticator;
  readonly clock: Pick<Clock, 'every'>;
  readonly log: Pick<Logger, 'warn'>;
  /** Origins besides our own whose pages may connect. */
  readonly allowedOrigins?: readonly string[];
}

export interface SipSockets {
  attach(server: HttpServer): void;
  /** Ends the sockets of sessions that are over. */
  recheck(): Promise<void>;
  /** Ends all of them. */
  stop(): void;
}

interface Line {
  readonly request: IncomingMessage;
  readonly browser: Duplex;
  readonly userId: string;
}

export function createSipSockets(deps: SipSocketDeps): SipSockets {
  const { target, auth, clock, log } = deps;
  /** Oldest first. */
  const lines = new Set<Line>();
  const stopChecking = clock.every(RECHECK_MS, () => void recheck());

  async function recheck(): Promise<void> {
    for (const line of [...lines]) {
      const identity = await auth.resolve(line.request.headers).catch(() => 'unknown' as const);
      // The database may be away for a moment; the phones need not be.
      if (identity === 'unknown' || identity?.actor.userId === line.userId) continue;
      line.browser.destroy();
    }
  }

  async function open(request: IncomingMessage, browser: Duplex, head: Buffer): Promise<void> {
    if (comesFromAnotherSite(request, deps.allowedOrigins ?? [])) return refuse(browser, '403 Forbidden');
    const key = request.headers['sec-websocket-key'];
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    if (key === undefined || !/^[A-Za-z0-9+/]{22}==$/.test(key) || !protocols.includes('sip'))
      return refuse(browser, '400 Bad Request');
    const identity = await auth.resolve(request.headers);
    if (!identity) return refuse(browser, '401 Unauthorized');
    join({ request, browser, identity, key, head });
  }

  function join({
    request,
    browser,
    identity,
    key,
    head,
  }: {
    readonly request: IncomingMessage;
    readonly browser: Duplex;
    readonly identity: Identity;
    readonly key: string;
    readonly head: Buffer;
  }): void {
    const { userId } = identity.actor;
    const upstream = connect(target);
    const line: Line = { request, browser, userId };
    const end = () => {
      lines.delete(line);
      browser.destroy();
      upstream.destroy();
    };
    browser.once('close', end);
    // The client waits for an answer, if only one that says that there is none.
    const fail = (error: Error) => {
      log.warn({ err: error, ...target }, 'the switch takes no phones of browsers');
      upstream.destroy();
      refuse(browser, '502 Bad Gateway');
    };
    upstream.setTimeout(CONNECT_MS, () => fail(new Error('timed out')));
    upstream.once('error', fail);
    upstream.once('connect', () => {
      upstream.setTimeout(0);
      upstream.off('error', fail);
      const ofUser = [...lines].filter((one) => one.userId === userId);
      for (const old of ofUser.slice(0, -(MOST_OF_A_USER - 1))) old.browser.destroy();
      lines.add(line);
      upstream.on('error', end).once('close', end);
      for (const side of [browser as Socket, upstream]) {
        side.setNoDelay(true);
        side.setKeepAlive(true, KEEP_ALIVE_MS);
      }
      // Nothing else of the request: the switch is not to see the cookie.
      upstream.write(
        `GET / HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n`,
      );
      upstream.write(head);
      browser.pipe(upstream).pipe(browser);
    });
  }

  return {
    attach(server) {
      server.on('upgrade', (request: IncomingMessage, browser: Duplex, head: Buffer) => {
        // As text: what strangers send need not be a URL, and nothing may be thrown here.
        if (request.url?.split('?', 1)[0] !== SIP_SOCKET_PATH) return;
        browser.on('error', () => browser.destroy());
        open(request, browser, head).catch((error: unknown) => {
          log.warn({ err: error }, 'the phone of a browser could not be let in');
          refuse(browser, '503 Service Unavailable');
        });
      });
    },
    recheck,
    stop() {
      stopChecking();
      for (const { browser } of [...lines]) browser.destroy();
    },
  };
}

function refuse(browser: Duplex, status: string): void {
  browser.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
