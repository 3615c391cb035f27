import { initialStream, passing, type StreamInput, type StreamState, stepStream } from './stream-state.ts';
import type { Cursor, StreamMessage, SubscribeReply } from './wire.ts';

/** What the client needs of a connection; socket.io in the browser, a script in tests. */
export interface StreamTransport {
  readonly connected: () => boolean;
  onConnect(listener: () => void): void;
  onDisconnect(listener: () => void): void;
  onMessage(listener: (message: StreamMessage) => void): void;
  onClosed(listener: (closed: { stream: string; code: string }) => void): void;
  /** Rejects when no answer came in time. */
  subscribe(request: { stream: string; since?: Cursor }): Promise<SubscribeReply>;
  unsubscribe(stream: string): void;
}
export interface StreamHandlers {
  onSnapshot(snapshot: unknown): void;
  onMessage(message: StreamMessage): void;
  onState?(state: StreamState): void;
}
export interface StreamClient {
  /** Returns the close. */
  open(stream: string, handlers: StreamHandlers): () => void;
}

interface OpenStream {
  readonly name: string;
  readonly viewers: Set<{ readonly handlers: StreamHandlers; synced: boolean }>;
  state: StreamState;
  cancelRetry: (() => void) | null;
}

/**
 * Keeps the tab at its place in each stream over losses of the connection. The server knows one subscription per
 * stream and connection, so all who look at a stream share it; whoever comes later makes it begin with a new snapshot.
 */
export function createStreamClient(
  transport: StreamTransport,
  options: {
    /** Runs `fn` after `ms`; returns the cancel. */
    later: (fn: () => void, ms: number) => () => void;
    /** A handler threw. */
    onFault: (error: unknown) => void;
  },
): StreamClient {
  const streams = new Map<string, OpenStream>();

  function hand(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      options.onFault(error);
    }
  }

  function feed(stream: OpenStream, input: StreamInput): void {
    const before = stream.state;
    const { state, effects } = stepStream(before, input);
    stream.state = state;
    for (const effect of effects) {
      if (effect.type === 'subscribe') void request(stream, effect.attempt, effect.since);
      for (const viewer of [...stream.viewers]) {
        if (effect.type === 'snapshot') {
          viewer.synced = true;
          hand(() => viewer.handlers.onSnapshot(effect.snapshot));
        } else if (effect.type === 'message' && viewer.synced)
          hand(() => viewer.handlers.onMessage(effect.message));
      }
    }
    if (state === before) return;
    for (const viewer of [...stream.viewers]) hand(() => viewer.handlers.onState?.(state));
  }

  async function request(stream: OpenStream, attempt: number, since: Cursor | null): Promise<void> {
    const reply = await transport
      .subscribe({ stream: stream.name, ...(since ? { since } : {}) })
      .catch((): SubscribeReply => ({ ok: false, code: 'TIMEOUT', message: '' }));
    if (streams.get(stream.name) !== stream || stream.state.attempt !== attempt) return;
    feed(stream, { type: 'reply', attempt, reply });
    if (reply.ok || !passing.has(reply.code)) return;
    stream.cancelRetry?.();
    stream.cancelRetry = options.later(() => {
      if (transport.connected() && !stream.state.awaiting) feed(stream, { type: 'connected' });
    }, 5_000);
  }

  const feedAll = (input: StreamInput) => {
    for (const stream of [...streams.values()]) feed(stream, input);
  };
  const feedOne = (name: string, input: StreamInput) => {
    const stream = streams.get(name);
    if (stream) feed(stream, input);
  };
  transport.onConnect(() => feedAll({ type: 'connected' }));
  transport.onDisconnect(() => feedAll({ type: 'disconnected' }));
  transport.onMessage((message) => feedOne(message.stream, { type: 'message', message }));
  transport.onClosed(({ stream, code }) => feedOne(stream, { type: 'closed', code }));

  return {
    open(name, handlers) {
      let stream = streams.get(name);
      // What the server closed is asked for anew: the plugin may be on again.
      if (!stream || stream.state.status === 'closed') {
        stream = { name, viewers: stream?.viewers ?? new Set(), state: initialStream, cancelRetry: null };
        streams.set(name, stream);
      }
      const own = stream;
      const viewer = { handlers, synced: false };
      own.viewers.add(viewer);
      if (transport.connected()) feed(own, { type: 'renew' });
      return () => {
        if (!own.viewers.delete(viewer) || own.viewers.size > 0) return;
        own.cancelRetry?.();
        if (streams.get(name) !== own) return;
        streams.delete(name);
        if (transport.connected() && own.state.status !== 'closed') transport.unsubscribe(name);
      };
    },
  };
}
