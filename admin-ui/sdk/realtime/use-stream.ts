import {
  type MaybeRefOrGetter,
  onScopeDispose,
  type Ref,
  readonly,
  ref,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import { streams } from './socket.ts';
import type { StreamStatus } from './stream-state.ts';
import type { StreamMessage } from './wire.ts';

export interface UseStreamHandlers<Snapshot> {
  /** The state at one moment. Comes first, and again when what was missed can no longer be told one by one. */
  onSnapshot(snapshot: Snapshot): void;
  /** Every message after the snapshot: in order, none lost, none twice. */
  onMessage(message: { readonly type: string; readonly data: unknown; readonly at: number }): void;
}
export interface StreamHandle {
  readonly status: Readonly<Ref<StreamStatus>>;
  /** Why the server refused or closed the stream, such as PLUGIN_NOT_ENABLED. */
  readonly error: Readonly<Ref<{ readonly code: string; readonly message: string } | null>>;
}

/**
 * Follows a stream (`<plugin>/<topic>/<key>`; key `me` is the user's own) for as long as the component or store
 * lives. A getter may change or answer null: the old stream is left, none is followed.
 *
 *     const { status } = useStream<{ calls: Call[] }>('telephony/calls/me', {
 *       onSnapshot: (snapshot) => { calls.value = snapshot.calls; },
 *       onMessage: (message) => { calls.value = applyCall(calls.value, message); },
 *     });
 */
export function useStream<Snapshot>(
  stream: MaybeRefOrGetter<string | null>,
  handlers: UseStreamHandlers<Snapshot>,
): StreamHandle {
  const status = ref<StreamStatus>('connecting');
  const error = shallowRef<{ code: string; message: string } | null>(null);
  let close: (() => void) | null = null;
  watch(
    () => toValue(stream),
    (name) => {
      close?.();
      close = null;
      status.value = 'connecting';
      error.value = null;
      if (name === null) return;
      close = streams.open(name, {
        onSnapshot: (snapshot) => handlers.onSnapshot(snapshot as Snapshot),
        onMessage: (message: StreamMessage) => handlers.onMessage(message),
        onState: (state) => {
          status.value = state.status;
          error.value = state.error;
        },
      });
    },
    { immediate: true },
  );
  onScopeDispose(() => close?.());
  return { status: readonly(status), error: readonly(error) };
}
