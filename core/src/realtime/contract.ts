/**
 * The realtime contract: what a browser sees without asking again.
 *
 * A topic is declared by a plugin; a *stream* is one key of it (`acd/agent/<userId>`). To subscribe is to get
 * a snapshot, then every message after it: consecutive `seq`, none lost, none twice. After a lost connection
 * the client says the last `seq` it has and gets what it missed (of each stream the last 1,000 messages, 4 MB or
 * 10 minutes are kept, whichever is least), or, if that is no longer possible or the server was restarted (`epoch` changed), a new
 * snapshot. Streams live in a tenant; `authorize` decides within it. A plugin switched off: the topic is
 * closed with PLUGIN_NOT_ENABLED at once.
 */
export interface TopicDefinition<Snapshot> {
  readonly permission?: string;
  /** May this user see the stream of this key? Called on each subscription, in the user's scope. */
  authorize?(key: string, userId: string): boolean | Promise<boolean>;
  /** State at this moment; messages published during the call come after it. */
  snapshot(key: string): Promise<Snapshot>;
}
export interface Topic {
  /**
   * In the tenant of the scope, unless `tenantId` is given; TENANT_REQUIRED without either. Inside a
   * transaction it goes out after the commit, and not at all after a rollback.
   */
  publish(key: string, type: string, data: unknown, options?: { tenantId?: string }): void;
}
export interface PluginRealtime {
  topic<Snapshot>(name: string, definition: TopicDefinition<Snapshot>): Topic;
  /** True while the user has at least one tab connected, and for 5 s after the last closed; `onPresence` tells of changes. */
  isConnected(userId: string): boolean;
  onPresence(
    listener: (change: { userId: string; tenantId: string; connected: boolean }) => void,
  ): () => void;
}

/**
 * On the wire (socket.io events). Client → server: `subscribe` (SubscribeRequest, acknowledged with a
 * SubscribeReply), `unsubscribe` ({ stream }). Server → client: `message` (StreamMessage), `closed`
 * (StreamClosed: this stream is over; RATE_LIMITED means subscribe again), `ended` ({ code, message }: the
 * session is over, the connection closes after it). Messages follow their reply in the same packet: take the
 * reply in the acknowledgement's callback, since a promise of it would settle after them.
 */
export interface SubscribeRequest {
  /** `<plugin>/<topic>/<key>`; the key `me` stands for the user's own id. */
  readonly stream: string;
  readonly since?: { readonly epoch: string; readonly seq: number };
}
export type SubscribeReply =
  | {
      readonly ok: true;
      readonly kind: 'snapshot';
      readonly epoch: string;
      readonly seq: number;
      readonly snapshot: unknown;
    }
  | {
      readonly ok: true;
      readonly kind: 'resumed';
      readonly epoch: string;
      readonly seq: number;
      readonly missed: readonly StreamMessage[];
    }
  | { readonly ok: false; readonly code: string; readonly message: string };
export interface StreamClosed {
  readonly stream: string;
  readonly code: string;
  readonly message: string;
}
export interface StreamMessage {
  readonly stream: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: string;
  readonly data: unknown;
  readonly at: number;
}
