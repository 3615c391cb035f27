/**
 * Streams and who follows them; what plugins say of them is topics.ts, and sockets are realtime.ts.
 *
 * Each stream keeps one log (stream-log.ts) and each subscription only the number it is to send next. Sending
 * is therefore the same walk along the log in every case: after a snapshot, after a resume, and when a slow
 * connection has drained. Nothing is buffered per client, so a slow one costs no memory: it is sent what the
 * log still has, and when the log has moved past it, its stream is closed and it asks for a new snapshot.
 *
 * No loss between snapshot and messages: the number is noted before the snapshot is taken, the reply names
 * it, and reply and first messages leave in one turn of the event loop.
 *
 * A stream exists from its first subscription until nobody has followed it for as long as its log reaches
 * back; what is published to a stream that does not exist is told to nobody, and nobody could resume it.
 *
 * One process holds the streams of its own clients. Several web processes would need each `publish` to reach
 * all of them and one place that numbers a stream: a Redis stream per stream (XADD gives the number, its
 * MAXLEN is the log) followed by every process that has a subscriber; `epoch` then lives beside it in Redis.
 */
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Clock } from '../boot/clock.ts';
import { type ErrorCode, errorCatalog, JackfieldError } from '../errors/index.ts';
import type { Circuits } from '../plugins/circuit.ts';
import type {
  StreamClosed,
  StreamMessage,
  SubscribeReply,
  SubscribeRequest,
  TopicDefinition,
} from './contract.ts';
import { createStreamLog, defaultLogLimits, type LogLimits, type StreamLog } from './stream-log.ts';
import { parseStreamName, type StreamAddress } from './stream-name.ts';
import { createTopics, type Follower, type Topic } from './topics.ts';

/** A tab needs some twenty; this many is a fault or an attack. */
const MAX_SUBSCRIPTIONS = 200;
/** Packets that may wait for the network before sending pauses. */
const HIGH_WATER = 64;
/** Times a snapshot is taken again because the stream outran its log meanwhile. */
const SNAPSHOT_TRIES = 3;

/** One tab. */
export interface Client extends Follower {
  readonly id: string;
  isConnected(): boolean;
  sendMessage(message: StreamMessage): void;
  sendClosed(closed: StreamClosed): void;
  /** Packets that wait for the network. */
  waiting(): number;
}

interface Subscription {
  readonly client: Client;
  /** As the client wrote it. */
  readonly name: string;
  readonly address: StreamAddress;
  stream: Stream | null;
  /** Number of the message to send next; null until the reply has gone out. */
  next: number | null;
  /** Why it ended while its reply was being prepared. */
  ended: ErrorCode | null;
}
interface Stream {
  readonly id: string;
  readonly tenantId: string | null;
  readonly plugin: string;
  readonly topic: string;
  readonly log: StreamLog;
  readonly subscriptions: Set<Subscription>;
  /** When the last subscriber left. */
  idleSince: number;
}

export interface Hub {
  declare(plugin: string, topic: string, definition: TopicDefinition<unknown>): () => void;
  publish(
    tenantId: string | null,
    plugin: string,
    topic: string,
    key: string,
    type: string,
    data: unknown,
  ): void;
  /** Publishes to every stream of a topic that a tenant's users follow. */
  publishToAll(tenantId: string, plugin: string, topic: string, type: string, data: unknown): void;
  /** Calls `reply` once, and sends the first messages in the same turn. Never rejects. */
  subscribe(client: Client, request: SubscribeRequest, reply: (reply: SubscribeReply) => void): Promise<void>;
  unsubscribe(client: Client, name: string): void;
  /** The connection can take more. */
  drained(client: Client): void;
  /** The rights of the client's user have changed: closes with FORBIDDEN what it may no longer see. */
  recheck(client: Client): Promise<void>;
  left(client: Client): void;
  closePlugin(tenantId: string, plugin: string): void;
  /** Drops what nobody has followed for as long as its log reaches back. */
  sweep(): void;
  streams(): number;
}

export interface HubDeps {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly circuits: Circuits;
  readonly isActive: (tenantId: string, pluginId: string) => boolean;
  readonly limits?: LogLimits;
}

export function createHub(deps: HubDeps): Hub {
  const limits = deps.limits ?? defaultLogLimits;
  const topics = createTopics(deps);
  const streams = new Map<string, Stream>();
  const clients = new Map<string, Map<string, Subscription>>();

  const subscriptionsOf = (client: Client): Map<string, Subscription> => clients.get(client.id) ?? new Map();

  function isActiveFor(tenantId: string | null, plugin: string): boolean {
    return plugin === 'core' || (tenantId !== null && deps.isActive(tenantId, plugin));
  }

  function streamOf(tenantId: string | null, address: StreamAddress): Stream {
    const id = streamId(tenantId, address.plugin, address.topic, address.key);
    const found = streams.get(id);
    if (found) return found;
    const stream: Stream = {
      id,
      tenantId,
      plugin: address.plugin,
      topic: address.topic,
      log: createStreamLog(ulid(), limits),
      subscriptions: new Set(),
      idleSince: deps.clock.now(),
    };
    streams.set(id, stream);
    return stream;
  }

  function remove(subscription: Subscription): void {
    const own = clients.get(subscription.client.id);
    if (own?.get(subscription.name) === subscription) own.delete(subscription.name);
    if (own?.size === 0) clients.delete(subscription.client.id);
    const { stream } = subscription;
    if (!stream?.subscriptions.delete(subscription)) return;
    if (stream.subscriptions.size === 0) stream.idleSince = deps.clock.now();
  }

  function end(
    subscription: Subscription,
    code: ErrorCode,
    message: string = errorCatalog[code].message,
  ): void {
    const live = subscription.next !== null && subscription.ended === null;
    subscription.ended ??= code;
    remove(subscription);
    if (live) subscription.client.sendClosed({ stream: subscription.name, code, message });
  }

  function endStream(stream: Stream, code: ErrorCode): void {
    streams.delete(stream.id);
    for (const subscription of [...stream.subscriptions]) end(subscription, code);
  }

  function pump(subscription: Subscription): void {
    const { stream, client } = subscription;
    if (!stream) return;
    while (
      subscription.next !== null &&
      subscription.ended === null &&
      subscription.next <= stream.log.seq()
    ) {
      if (client.waiting() >= HIGH_WATER) return;
      const message = stream.log.at(subscription.next);
      if (!message) {
        deps.log.warn(
          { stream: stream.id, client: client.id },
          'A browser was too slow for its stream and has to read it anew',
        );
        end(subscription, 'RATE_LIMITED', 'The connection is too slow for this stream. Subscribe again.');
        return;
      }
      // Counted first: sending may report the connection drained and come back here.
      subscription.next += 1;
      client.sendMessage({ ...message, stream: subscription.name });
    }
  }

  function append(stream: Stream, type: string, data: unknown): void {
    stream.log.append(type, data, deps.clock.now());
    for (const subscription of stream.subscriptions) pump(subscription);
  }

  function topicFor(client: Client, address: StreamAddress): Topic {
    if (!isActiveFor(client.tenantId, address.plugin)) throw new JackfieldError('PLUGIN_NOT_ENABLED');
    const topic = topics.get(address);
    if (!topic) throw new JackfieldError('NOT_FOUND', 'There is no such stream.');
    return topic;
  }

  /** What became of the subscription while the plugin was asked. */
  function checkStillWanted(subscription: Subscription): void {
    const { client, address } = subscription;
    if (subscription.ended) throw new JackfieldError(subscription.ended);
    if (!isActiveFor(client.tenantId, address.plugin)) throw new JackfieldError('PLUGIN_NOT_ENABLED');
    if (!client.isConnected()) throw new JackfieldError('CONFLICT', 'The connection is gone.');
  }

  async function open(
    subscription: Subscription,
    since: SubscribeRequest['since'],
    reply: (reply: SubscribeReply) => void,
  ): Promise<void> {
    const { client, address } = subscription;
    const topic = topicFor(client, address);
    if (!(await topic.mayFollow(client, address))) throw new JackfieldError('FORBIDDEN');
    checkStillWanted(subscription);

    const stream = streamOf(client.tenantId, address);
    subscription.stream = stream;
    stream.subscriptions.add(subscription);
    const { log } = stream;
    log.expire(deps.clock.now());

    const missed = since && since.epoch === log.epoch ? log.after(since.seq) : null;
    if (missed) {
      const named = missed.map((message) => ({ ...message, stream: subscription.name }));
      reply({ ok: true, kind: 'resumed', epoch: log.epoch, seq: log.seq(), missed: named });
      subscription.next = log.seq() + 1;
      return;
    }
    for (let attempt = 1; attempt <= SNAPSHOT_TRIES; attempt += 1) {
      const seq = log.seq();
      const snapshot = await topic.snapshot(client, address);
      checkStillWanted(subscription);
      if (!log.after(seq)) continue;
      reply({ ok: true, kind: 'snapshot', epoch: log.epoch, seq, snapshot });
      subscription.next = seq + 1;
      return pump(subscription);
    }
    throw new JackfieldError('UNAVAILABLE', 'The stream moves faster than it can be read.');
  }

  function refusal(subscription: { readonly name: string }, error: unknown): SubscribeReply {
    if (JackfieldError.is(error)) return { ok: false, code: error.code, message: error.message };
    deps.log.error({ stream: subscription.name, err: error }, 'A realtime topic failed');
    return { ok: false, code: 'INTERNAL', message: errorCatalog.INTERNAL.message };
  }

  return {
    declare(plugin, topic, definition) {
      const undo = topics.declare(plugin, topic, definition);
      return () => {
        undo();
        for (const stream of [...streams.values()]) {
          if (stream.plugin === plugin && stream.topic === topic) endStream(stream, 'PLUGIN_NOT_ENABLED');
        }
      };
    },
    publish(tenantId, plugin, topic, key, type, data) {
      const stream = streams.get(streamId(tenantId, plugin, topic, key));
      if (stream) append(stream, type, data);
    },
    publishToAll(tenantId, plugin, topic, type, data) {
      for (const stream of [...streams.values()]) {
        if (stream.tenantId === tenantId && stream.plugin === plugin && stream.topic === topic)
          append(stream, type, data);
      }
    },
    async subscribe(client, request, reply) {
      const address = parseStreamName(request.stream, client.actor().userId);
      if (!address)
        return reply(
          refusal({ name: request.stream }, new JackfieldError('BAD_REQUEST', 'This is not a stream.')),
        );
      const own = subscriptionsOf(client);
      const before = own.get(request.stream);
      if (before) {
        before.ended ??= 'CONFLICT';
        remove(before);
      } else if (own.size >= MAX_SUBSCRIPTIONS) {
        return reply(
          refusal(
            { name: request.stream },
            new JackfieldError('RATE_LIMITED', 'Too many streams on one connection.'),
          ),
        );
      }
      const subscription: Subscription = {
        client,
        name: request.stream,
        address,
        stream: null,
        next: null,
        ended: null,
      };
      clients.set(client.id, subscriptionsOf(client).set(request.stream, subscription));
      try {
        await open(subscription, request.since, reply);
      } catch (error) {
        remove(subscription);
        reply(refusal(subscription, error));
      }
    },
    unsubscribe(client, name) {
      const subscription = subscriptionsOf(client).get(name);
      if (!subscription) return;
      subscription.ended ??= 'CONFLICT';
      remove(subscription);
    },
    drained(client) {
      for (const subscription of subscriptionsOf(client).values()) pump(subscription);
    },
    async recheck(client) {
      for (const subscription of [...subscriptionsOf(client).values()]) {
        const { address } = subscription;
        const may = await topics
          .get(address)
          ?.mayFollow(client, address)
          .catch(() => false);
        if (!may) end(subscription, 'FORBIDDEN');
      }
    },
    left(client) {
      for (const subscription of [...subscriptionsOf(client).values()]) {
        subscription.ended ??= 'CONFLICT';
        remove(subscription);
      }
    },
    closePlugin(tenantId, plugin) {
      for (const stream of [...streams.values()]) {
        if (stream.tenantId === tenantId && stream.plugin === plugin) endStream(stream, 'PLUGIN_NOT_ENABLED');
      }
    },
    sweep() {
      const now = deps.clock.now();
      for (const stream of streams.values()) {
        if (stream.subscriptions.size === 0 && stream.idleSince <= now - limits.ageMs)
          streams.delete(stream.id);
        else stream.log.expire(now);
      }
    },
    streams: () => streams.size,
  };
}

/** The tenant is that of the subscriber's session or the publisher's scope, never what a client says. */
function streamId(tenantId: string | null, plugin: string, topic: string, key: string): string {
  return `${tenantId ?? ''}|${plugin}/${topic}/${key}`;
}
