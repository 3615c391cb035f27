/**
 * The socket.io side of realtime: who connects, what they ask for, who is there. Streams are in hub.ts.
 *
 * The sign-in is read from the headers of the handshake and read again every 30 s, so that a session ended in
 * another process ends here too. With several web processes, socket.io needs sticky sessions for long polling
 * and `isConnected` a shared count; what streams need then stands in hub.ts.
 */
import type { Server as HttpServer, IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import { Server, type Socket } from 'socket.io';
import { ulid } from 'ulid';
import { z } from 'zod';
import type { Authenticator, Identity } from '../auth/contract.ts';
import type { Clock } from '../boot/clock.ts';
import { type ErrorCode, errorCatalog, JackfieldError } from '../errors/index.ts';
import { contained } from '../events/contained.ts';
import { comesFromAnotherSite } from '../http/same-site.ts';
import type { Circuits } from '../plugins/circuit.ts';
import { scope } from '../tenants/scope.ts';
import type {
  PluginRealtime,
  StreamClosed,
  StreamMessage,
  SubscribeReply,
  TopicDefinition,
} from './contract.ts';
import { type Client, createHub } from './hub.ts';
import { createPresence, type PresenceChange } from './presence.ts';
import type { LogLimits } from './stream-log.ts';
import { createUiTopic, type UiTopic } from './ui-topic.ts';

const PRESENCE_GRACE_MS = 5_000;
const RECHECK_MS = 30_000;
const SWEEP_MS = 60_000;
/** A client that asks on and on without reading the answers. */
const MAX_WAITING = 1_000;
/** Requests are names and numbers. */
const MAX_REQUEST_BYTES = 16_384;
const FOREIGN_UPGRADE_MS = 10_000;

export interface RealtimeDeps {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly auth: Authenticator;
  readonly circuits: Circuits;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
  /** Runs `fn` when the surrounding transaction has committed; at once when there is none. */
  readonly afterCommit: (fn: () => void) => void;
  /** Origins besides our own whose pages may connect. */
  readonly allowedOrigins?: readonly string[];
  readonly registry?: Registry;
  readonly limits?: LogLimits;
}

export interface Realtime {
  attach(server: HttpServer): void;
  forPlugin(pluginId: string, book: (undo: () => void) => () => void): PluginRealtime;
  /** The plugin was switched off for the tenant: its streams there close with PLUGIN_NOT_ENABLED at once. */
  closePlugin(tenantId: string, pluginId: string): void;
  /** Disconnects the tabs of a session that was ended. */
  revokeSession(sessionId: string): void;
  /** Reads the user's sign-in and rights again: disconnects, or closes what is no longer allowed. */
  refreshUser(userId: string): Promise<void>;
  /** The same for everybody, one after the other, after a change whose reach is not known. */
  refreshAll(): Promise<void>;
  readonly ui: UiTopic;
  /** Disconnects everybody; the HTTP server is left to its owner. */
  stop(): Promise<void>;
}

type Signed = Pick<Identity, 'actor' | 'tenantId'>;
interface ServerToClient {
  message: (message: StreamMessage) => void;
  closed: (closed: StreamClosed) => void;
  ended: (end: { code: string; message: string }) => void;
}
interface ClientToServer {
  subscribe: (request: unknown, reply: unknown) => void;
  unsubscribe: (request: unknown) => void;
}
type NoEvents = Record<string, never>;
type Tab = Socket<ClientToServer, ServerToClient, NoEvents, { signed: Signed }>;
interface OpenTab {
  readonly socket: Tab;
  readonly client: Client;
}

const subscribeSchema = z.object({
  stream: z.string().max(400),
  since: z.object({ epoch: z.string().max(64), seq: z.int().min(0) }).optional(),
});
const unsubscribeSchema = z.object({ stream: z.string().max(400) });

export function createRealtime(deps: RealtimeDeps): Realtime {
  const { clock, log } = deps;
  const hub = createHub(deps);
  const listeners = new Set<{ readonly plugin: string; call(change: PresenceChange): void }>();
  const presence = createPresence({ clock, graceMs: PRESENCE_GRACE_MS, onChange: tellPresence });
  const tabs = new Map<string, OpenTab>();
  const metrics = deps.registry
    ? createMetrics(deps.registry, { tabs: () => tabs.size, streams: hub.streams, users: presence.count })
    : null;
  const undos = [clock.every(SWEEP_MS, () => hub.sweep()), clock.every(RECHECK_MS, () => void recheckAll())];
  const ui = createUiTopic({ hub, clock, afterCommit: deps.afterCommit });
  let io: Server<ClientToServer, ServerToClient, NoEvents, { signed: Signed }> | null = null;

  function tellPresence(change: PresenceChange): void {
    for (const listener of listeners) {
      if (listener.plugin !== 'core' && !deps.isActive(change.tenantId, listener.plugin)) continue;
      scope
        .runAsSystem(change.tenantId, `presence:${ulid()}`, () =>
          contained(deps.circuits, listener.plugin, `presence#${listener.plugin}`, () =>
            listener.call(change),
          ),
        )
        .catch((error: unknown) =>
          log.error({ plugin: listener.plugin, err: error }, 'A presence listener failed'),
        );
    }
  }

  function connected(socket: Tab): void {
    const client = clientOf(socket);
    tabs.set(socket.id, { socket, client });
    const { actor, tenantId } = socket.data.signed;
    if (tenantId !== null) presence.opened(tenantId, actor.userId);
    socket.conn.on('drain', () => hub.drained(client));

    socket.on('subscribe', (raw, reply) => {
      if (typeof reply !== 'function') return;
      const request = subscribeSchema.safeParse(raw);
      if (!request.success) return void reply(refusal('BAD_REQUEST'));
      if (client.waiting() > MAX_WAITING) {
        log.warn(
          { userId: actor.userId, tenantId },
          'A browser asks without reading the answers; it is disconnected',
        );
        return void socket.disconnect(true);
      }
      void hub.subscribe(client, request.data, (answer) => reply(answer));
    });
    socket.on('unsubscribe', (raw) => {
      const request = unsubscribeSchema.safeParse(raw);
      if (request.success) hub.unsubscribe(client, request.data.stream);
    });
    socket.on('disconnect', () => {
      tabs.delete(socket.id);
      hub.left(client);
      if (tenantId !== null) presence.closed(tenantId, actor.userId);
    });
  }

  function clientOf(socket: Tab): Client {
    // Engine.io hands all waiting packets over at once and says `drain`; until then they wait in memory.
    let waiting = 0;
    socket.conn.on('packetCreate', () => {
      waiting += 1;
    });
    socket.conn.on('drain', () => {
      waiting = 0;
    });
    return {
      id: socket.id,
      tenantId: socket.data.signed.tenantId,
      actor: () => socket.data.signed.actor,
      isConnected: () => socket.connected,
      sendMessage(message) {
        metrics?.messages.inc();
        socket.emit('message', message);
      },
      sendClosed: (closed) => void socket.emit('closed', closed),
      waiting: () => waiting,
    };
  }

  function end(socket: Tab, code: ErrorCode): void {
    socket.emit('ended', { code, message: errorCatalog[code].message });
    socket.disconnect(true);
  }

  async function recheck(tab: OpenTab, streams: 'always' | 'when rights changed'): Promise<void> {
    const { socket, client } = tab;
    const before = socket.data.signed;
    const now = await deps.auth.resolve(socket.handshake.headers);
    if (!socket.connected) return;
    if (!now || now.actor.userId !== before.actor.userId || now.tenantId !== before.tenantId)
      return end(socket, 'NOT_SIGNED_IN');
    socket.data.signed = now;
    const changed = !sameSet(before.actor.permissions, now.actor.permissions);
    if (streams === 'always' || changed) await hub.recheck(client);
    // What the menus show depends on what the user may do.
    if (changed && now.tenantId !== null) ui.userChanged(now.tenantId, now.actor.userId);
  }

  async function recheckAll(): Promise<void> {
    // One after the other: thousands of tabs must not ask the database in one moment.
    for (const tab of [...tabs.values()]) {
      await recheck(tab, 'when rights changed').catch((error: unknown) =>
        log.warn({ err: error }, 'A realtime session could not be checked'),
      );
    }
  }

  return {
    attach(server) {
      io = new Server(server, {
        serveClient: false,
        // Of upgrades that are not for us: the softphones' has longer to be answered by the switch.
        destroyUpgradeTimeout: FOREIGN_UPGRADE_MS,
        maxHttpBufferSize: MAX_REQUEST_BYTES,
        allowRequest: (request, decide) =>
          decide(null, !comesFromAnotherSite(request, deps.allowedOrigins ?? [])),
      });
      io.use((socket, next) => {
        signIn(deps.auth, socket.handshake.headers).then(
          (signed) => {
            socket.data.signed = signed;
            next();
          },
          (error: unknown) => next(handshakeError(error)),
        );
      });
      io.on('connection', connected);
    },
    forPlugin: (pluginId, book) => ({
      topic(name, definition) {
        book(hub.declare(pluginId, name, definition as TopicDefinition<unknown>));
        return {
          publish(key, type, data, options = {}) {
            const tenantId = options.tenantId ?? scope.tenantId();
            deps.afterCommit(() => hub.publish(tenantId, pluginId, name, key, type, data));
          },
        };
      },
      isConnected: (userId) => presence.isConnected(userId, scope.current()?.tenantId ?? null),
      onPresence(listener) {
        const entry = { plugin: pluginId, call: listener };
        listeners.add(entry);
        return book(() => listeners.delete(entry));
      },
    }),
    closePlugin: (tenantId, pluginId) => hub.closePlugin(tenantId, pluginId),
    revokeSession(sessionId) {
      for (const { socket } of [...tabs.values()]) {
        if (socket.data.signed.actor.sessionId === sessionId) end(socket, 'NOT_SIGNED_IN');
      }
    },
    async refreshUser(userId) {
      const own = [...tabs.values()].filter(({ socket }) => socket.data.signed.actor.userId === userId);
      await Promise.all(own.map((tab) => recheck(tab, 'always')));
    },
    refreshAll: recheckAll,
    ui,
    async stop() {
      for (const undo of undos) undo();
      presence.stop();
      listeners.clear();
      io?.disconnectSockets(true);
      io?.engine.close();
      io = null;
    },
  };
}

async function signIn(auth: Authenticator, headers: IncomingHttpHeaders): Promise<Signed> {
  const identity = await auth.resolve(headers);
  if (!identity) throw new JackfieldError('NOT_SIGNED_IN');
  return identity;
}

/** socket.io passes `data` on to the client's `connect_error`. */
function handshakeError(error: unknown): Error & { data: { code: string } } {
  const code = JackfieldError.is(error) ? error.code : 'INTERNAL';
  return Object.assign(new Error(errorCatalog[code].message), { data: { code } });
}

function refusal(code: ErrorCode): SubscribeReply {
  return { ok: false, code, message: errorCatalog[code].message };
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((value) => b.has(value));
}

function createMetrics(
  registry: Registry,
  counts: { tabs(): number; streams(): number; users(): number },
): { messages: Counter } {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('jackfield_realtime_connections', 'Browser tabs connected', counts.tabs);
  gauge('jackfield_realtime_users', 'Users connected', counts.users);
  gauge('jackfield_realtime_streams', 'Streams kept in memory', counts.streams);
  return {
    messages: new Counter({
      name: 'jackfield_realtime_messages_total',
      help: 'Messages sent to browsers',
      registers: [registry],
    }),
  };
}
