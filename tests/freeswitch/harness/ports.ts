import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Whether somebody listens on this UDP port of loopback. */
export async function isTaken(port: number): Promise<boolean> {
  const udp = createSocket('udp4');
  const isFree = await new Promise<boolean>((resolve) => {
    udp.once('error', () => resolve(false));
    udp.bind(port, '127.0.0.1', () => resolve(true));
  });
  if (isFree) await new Promise<void>((resolve) => udp.close(() => resolve()));
  return !isFree;
}

/** Ports that were free a moment ago, for TCP and UDP, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const held: (() => Promise<void>)[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const tcp = createServer();
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    held.push(() => new Promise((resolve) => tcp.close(() => resolve())));
    const address = tcp.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const udp = createSocket('udp4');
    const isFree = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(address.port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    held.push(() => new Promise((resolve) => udp.close(() => resolve())));
    ports.push(address.port);
  }
  await Promise.all(held.map((release) => release()));
  return ports;
}
