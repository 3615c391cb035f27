import { io } from 'socket.io-client';
import { computed, readonly, ref } from 'vue';
import { getSession } from '../session.ts';
import { createStreamClient } from './stream-client.ts';
import type { SubscribeReply } from './wire.ts';

export type ConnectionStatus = 'live' | 'reconnecting' | 'offline';

const socket = io({ autoConnect: false, transports: ['websocket', 'polling'], reconnectionDelayMax: 5_000 });
const up = ref(false);
const online = ref(typeof navigator === 'undefined' || navigator.onLine);
const refused = new Set<() => void>();

socket.on('connect', () => {
  up.value = true;
});
socket.on('disconnect', (reason) => {
  up.value = false;
  // After a disconnect by the server socket.io does not come back by itself.
  if (reason === 'io server disconnect' && getSession()) socket.connect();
});
// The session was ended elsewhere; the server disconnects right after.
socket.on('ended', (end: { code: string }) => {
  if (end.code === 'NOT_SIGNED_IN') for (const listener of refused) listener();
});
socket.on('connect_error', (error) => {
  const data: unknown = 'data' in error ? error.data : undefined;
  const code = typeof data === 'object' && data !== null && 'code' in data ? data.code : error.message;
  if (code === 'NOT_SIGNED_IN') for (const listener of refused) listener();
});
if (typeof window !== 'undefined') {
  window.addEventListener('online', () => {
    online.value = true;
    if (getSession() && !socket.connected) socket.disconnect().connect();
  });
  window.addEventListener('offline', () => {
    online.value = false;
  });
}

/** Host only. */
export const connection = {
  open: (): void => void socket.connect(),
  close: (): void => void socket.disconnect(),
  onRefused: (listener: () => void): void => void refused.add(listener),
  up: readonly(up),
  status: computed<ConnectionStatus>(() => (!online.value ? 'offline' : up.value ? 'live' : 'reconnecting')),
};

export const streams = createStreamClient(
  {
    connected: () => socket.connected,
    onConnect: (listener) => void socket.on('connect', listener),
    onDisconnect: (listener) => void socket.on('disconnect', listener),
    onMessage: (listener) => void socket.on('message', listener),
    onClosed: (listener) => void socket.on('closed', listener),
    subscribe: (request): Promise<SubscribeReply> => socket.timeout(10_000).emitWithAck('subscribe', request),
    unsubscribe: (stream) => void socket.emit('unsubscribe', { stream }),
  },
  {
    later: (fn, ms) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
    onFault: (error) => console.error(error),
  },
);
