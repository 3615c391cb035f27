/** Event socket clients over TCP: those that come, and those that the `socket` application goes to. */
import { connect, type Socket } from 'node:net';
import type { Connection, Transport } from './connection.ts';

/**
 * Connects to an application.
 * @param accept makes the connection that serves the application
 * @returns that connection; null when nobody listens
 */
export type DialOut = <C extends Connection>(
  host: string,
  port: number,
  accept: (transport: Transport) => C,
) => Promise<C | null>;

const KEEP_ALIVE_MS = 30_000;

export const dialTcp: DialOut = (host, port, accept) =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('error', () => resolve(null));
    socket.once('connect', () => {
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve(serveSocket(socket, accept));
    });
  });

/** What arrives on the socket goes to the connection, and what that says goes to the socket. */
export function serveSocket<C extends Connection>(socket: Socket, accept: (transport: Transport) => C): C {
  socket.setNoDelay(true);
  const connection = accept({
    write: (data) => socket.write(data),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
    get pendingBytes() {
      return socket.writableLength;
    },
  });
  socket.on('data', (data) => connection.receive(data));
  socket.on('drain', () => connection.drained());
  socket.on('close', () => connection.gone());
  // a reset is followed by 'close', which says all there is to say
  socket.on('error', () => {});
  return connection;
}
