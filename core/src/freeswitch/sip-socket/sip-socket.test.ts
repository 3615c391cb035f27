import { createServer as createHttpServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { fakeClock } from '../../../test-kit/index.ts';
import type { Identity } from '../../auth/contract.ts';
import { createSipSockets, SIP_SOCKET_PATH } from './sip-socket.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one();
});

const amy: Identity = {
  actor: { kind: 'user', userId: 'amy', name: 'Amy', sessionId: 's1', permissions: new Set() },
  tenantId: 'acme',
  locale: 'en',
  via: 'cookie',
};
const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
  'sec-websocket-protocol': 'sip',
  cookie: 'session=amy',
};

/** A switch that keeps what it is sent, and a server before it. */
async function stage(options: { readonly switchIsThere?: boolean } = {}) {
  const calls: { socket: Socket; received: string }[] = [];
  const fs = createServer((socket) => {
    const call = { socket, received: '' };
    calls.push(call);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      call.received += data;
      if (call.received.endsWith('\r\n\r\n'))
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    });
  });
  const port = await listen(fs);
  if (options.switchIsThere === false) await new Promise((resolve) => fs.close(resolve));
  const clock = fakeClock();
  let signedIn = true;
  const sockets = createSipSockets({
    target: { host: '127.0.0.1', port },
    auth: {
      resolve: async ({ cookie }: IncomingHttpHeaders) => (signedIn && cookie === 'session=amy' ? amy : null),
    },
    clock,
    log: { warn: () => undefined },
  });
  const server = createHttpServer();
  sockets.attach(server);
  const others: string[] = [];
  server.on('upgrade', (request, socket) => {
    if (request.url === SIP_SOCKET_PATH) return;
    others.push(request.url ?? '');
    socket.end('HTTP/1.1 418 Other\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  const webPort = await listen(server);
  undo.push(
    () => fs.close(),
    () => server.close(),
    () => sockets.stop(),
  );
  return {
    clock,
    calls,
    others,
    sockets,
    signOut: () => {
      signedIn = false;
    },
    /** Status of the answer, and the socket if it was let in. */
    open: (headers: Readonly<Record<string, string>> = handshake, path = SIP_SOCKET_PATH) =>
      new Promise<{ status: number; socket: Socket | null }>((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port: webPort, path, headers });
        asked.once('upgrade', (response, socket) =>
          resolve({ status: response.statusCode ?? 0, socket: socket as Socket }),
        );
        asked.once('response', (response) => resolve({ status: response.statusCode ?? 0, socket: null }));
        asked.once('error', reject);
        asked.end();
      }),
  };
}

async function listen(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const closed = (socket: Socket | null | undefined) =>
  new Promise<void>((resolve) => {
    if (!socket || socket.destroyed) return resolve();
    socket.once('close', () => resolve());
    socket.on('error', () => undefined);
    socket.resume();
  });

it('carries what the two say to each other, and nothing of the sign-in', async () => {
  const { open, calls } = await stage();
  const { status, socket } = await open();
  expect(status).toBe(101);
  const [call] = calls;
  expect(call?.received).toContain('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n');
  expect(call?.received).not.toMatch(/cookie|session/i);
  const heard = new Promise<string>((resolve) => socket?.once('data', (data) => resolve(data.toString())));
  const asked = new Promise<string>((resolve) =>
    call?.socket.once('data', (data) => resolve(data.toString())),
  );
  socket?.write('REGISTER');
  call?.socket.write('200 OK');
  expect(await asked).toBe('REGISTER');
  expect(await heard).toBe('200 OK');
});

it.each<[number, string, Readonly<Record<string, string>>]>([
  [401, 'is not signed in', { ...handshake, cookie: 'session=nobody' }],
  [403, 'is a page of another site', { ...handshake, 'sec-fetch-site': 'cross-site' }],
  [403, 'names another origin', { ...handshake, origin: 'https://evil.example' }],
  [400, 'speaks another protocol', { ...handshake, 'sec-websocket-protocol': 'chat' }],
  [400, 'smuggles a header', { ...handshake, 'sec-websocket-key': 'x' }],
])('answers %i to who %s', async (status, _, headers) => {
  const { open, calls } = await stage();
  expect(await open(headers)).toEqual({ status, socket: null });
  expect(calls).toEqual([]);
});

it.each(['//', '//[', '/switch/sip/x', '/other?a=/switch/sip'])(
  'leaves %s to others, whatever it means',
  async (path) => {
    const { open, calls, others } = await stage();
    expect((await open(handshake, path)).status).toBe(418);
    expect(others).toEqual([path]);
    expect(calls).toEqual([]);
    expect((await open()).status).toBe(101);
  },
);

it('says that the switch is away', async () => {
  const { open } = await stage({ switchIsThere: false });
  expect(await open()).toEqual({ status: 502, socket: null });
});

it('ends with either side', async () => {
  const { open, calls } = await stage();
  const first = await open();
  calls[0]?.socket.destroy();
  await closed(first.socket);
  const second = await open();
  second.socket?.destroy();
  await closed(calls[1]?.socket);
});

it('ends when the session does, at once if told so and after half a minute otherwise', async () => {
  const { open, signOut, sockets } = await stage();
  const told = await open();
  await sockets.recheck();
  expect(told.socket?.destroyed).toBe(false);
  signOut();
  await sockets.recheck();
  await closed(told.socket);

  const other = await stage();
  const found = await other.open();
  other.signOut();
  await other.clock.advance(30_000);
  await closed(found.socket);
});

it('closes the oldest of a person who opens one after the other', async () => {
  const { open } = await stage();
  const opened = [];
  for (let n = 0; n < 5; n += 1) opened.push((await open()).socket);
  await closed(opened[0]);
  expect(opened.map((socket) => socket?.destroyed ?? true)).toEqual([true, false, false, false, false]);
});
