import type { Cursor, StreamMessage, SubscribeReply } from './wire.ts';

/**
 * A tab's view of one stream: a pure machine, so that "none lost, none twice" can be shown without a
 * network. `connecting`: nothing seen yet. `live`: everything up to `cursor` was handed on. `stale`: was live, the
 * connection is gone or a gap is being closed. `closed`: refused or ended by the server; it stays so.
 */
export type StreamStatus = 'connecting' | 'live' | 'stale' | 'closed';
export interface StreamState {
  readonly status: StreamStatus;
  readonly cursor: Cursor | null;
  /** Number of the request whose reply is awaited; replies to earlier ones are ignored. */
  readonly attempt: number;
  readonly awaiting: boolean;
  /** The awaited reply can only be a snapshot. */
  readonly fresh: boolean;
  /** Messages that came before the reply. */
  readonly pending: readonly StreamMessage[];
  readonly error: { readonly code: string; readonly message: string } | null;
}
export type StreamInput =
  | { readonly type: 'connected' }
  /** Somebody new looks on and needs a snapshot. */
  | { readonly type: 'renew' }
  | { readonly type: 'disconnected' }
  | { readonly type: 'reply'; readonly attempt: number; readonly reply: SubscribeReply }
  | { readonly type: 'message'; readonly message: StreamMessage }
  | { readonly type: 'closed'; readonly code: string };
export type StreamEffect =
  | { readonly type: 'subscribe'; readonly attempt: number; readonly since: Cursor | null }
  | { readonly type: 'snapshot'; readonly snapshot: unknown }
  | { readonly type: 'message'; readonly message: StreamMessage };
export interface StreamStep {
  readonly state: StreamState;
  readonly effects: readonly StreamEffect[];
}

export const initialStream: StreamState = {
  status: 'connecting',
  cursor: null,
  attempt: 0,
  awaiting: false,
  fresh: false,
  pending: [],
  error: null,
};

/** Refusals that pass by themselves (a slow connection, a newer request on its way); the caller asks again after a pause. */
export const passing: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'INTERNAL',
  'TIMEOUT',
  'RATE_LIMITED',
  'CONFLICT',
  'PLUGIN_CIRCUIT_OPEN',
]);

function ask(state: StreamState, pending: readonly StreamMessage[]): StreamStep {
  const attempt = state.attempt + 1;
  return {
    state: {
      ...state,
      attempt,
      awaiting: true,
      fresh: state.cursor === null,
      pending,
      error: null,
      status: state.cursor ? 'stale' : 'connecting',
    },
    effects: [{ type: 'subscribe', attempt, since: state.cursor }],
  };
}

/** Hands on what follows `cursor` without a gap; asks again when there is one. */
function advance(
  state: StreamState,
  messages: readonly StreamMessage[],
  effects: StreamEffect[],
): StreamStep {
  let cursor = state.cursor;
  for (const [i, message] of messages.entries()) {
    if (!cursor || message.epoch !== cursor.epoch) {
      const again = ask({ ...state, cursor }, messages.slice(i));
      return { state: again.state, effects: [...effects, ...again.effects] };
    }
    if (message.seq <= cursor.seq) continue;
    if (message.seq > cursor.seq + 1) {
      const again = ask({ ...state, cursor }, messages.slice(i));
      return { state: again.state, effects: [...effects, ...again.effects] };
    }
    cursor = { epoch: message.epoch, seq: message.seq };
    effects.push({ type: 'message', message });
  }
  return { state: { ...state, cursor, status: 'live', awaiting: false, pending: [] }, effects };
}

function onReply(state: StreamState, reply: SubscribeReply): StreamStep {
  if (!reply.ok) {
    const error = { code: reply.code, message: reply.message };
    const status = passing.has(reply.code) ? state.status : 'closed';
    return { state: { ...state, awaiting: false, pending: [], error, status }, effects: [] };
  }
  const bySeq = [...state.pending].sort((a, b) => a.seq - b.seq);
  if (reply.kind === 'snapshot') {
    const cursor = { epoch: reply.epoch, seq: reply.seq };
    // What is left over from before a restart has another epoch and is part of no snapshot.
    const rest = bySeq.filter((message) => message.epoch === reply.epoch);
    return advance({ ...state, cursor, error: null }, rest, [{ type: 'snapshot', snapshot: reply.snapshot }]);
  }
  return advance(
    { ...state, error: null },
    [...reply.missed, ...bySeq.filter((m) => m.epoch === reply.epoch)],
    [],
  );
}

export function stepStream(state: StreamState, input: StreamInput): StreamStep {
  if (state.status === 'closed') return { state, effects: [] };
  switch (input.type) {
    case 'connected':
      return ask(state, []);
    case 'renew':
      return state.awaiting && state.fresh ? { state, effects: [] } : ask({ ...state, cursor: null }, []);
    case 'disconnected':
      return {
        state: {
          ...state,
          awaiting: false,
          pending: [],
          attempt: state.attempt + 1,
          status: state.cursor ? 'stale' : 'connecting',
        },
        effects: [],
      };
    case 'reply':
      return input.attempt === state.attempt && state.awaiting
        ? onReply(state, input.reply)
        : { state, effects: [] };
    case 'message':
      if (state.awaiting)
        return { state: { ...state, pending: [...state.pending, input.message] }, effects: [] };
      return state.status === 'live' ? advance(state, [input.message], []) : { state, effects: [] };
    case 'closed':
      if (passing.has(input.code)) return ask(state, []);
      return {
        state: {
          ...state,
          status: 'closed',
          awaiting: false,
          pending: [],
          error: { code: input.code, message: '' },
        },
        effects: [],
      };
  }
}
