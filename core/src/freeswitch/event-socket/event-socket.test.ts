import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CloseReason, EventSocket, type EventSocketOptions } from './event-socket.ts';
import type { SwitchEvent } from './switch-event.ts';
import { frameOf, plainFrame, ScriptedSwitch } from './testing/scripted-switch.ts';

let server: ScriptedSwitch;
const open: EventSocket[] = [];

beforeEach(async () => {
  server = await ScriptedSwitch.listen();
});

afterEach(async () => {
  for (const socket of open.splice(0)) socket.close();
  await server.close();
});

async function connect(options: Partial<EventSocketOptions> = {}) {
  const socket = await EventSocket.connect({ ...server.address, ...options });
  open.push(socket);
  const events: SwitchEvent[] = [];
  const closed = new Promise<{ reason: CloseReason; detail: string; eventsBefore: number }>((resolve) => {
    socket.onClose = (reason, detail) => resolve({ reason, detail, eventsBefore: events.length });
  });
  socket.onEvent = (event) => events.push(event);
  return { socket, events, closed };
}

const numbers = (events: readonly SwitchEvent[]) => events.map((event) => Number(event.get('n')));

describe('EventSocket: connecting', () => {
  it('authenticates', async () => {
    server.password = 'a b:c%';
    const { socket } = await connect();
    expect(socket.connected).toBe(true);
    expect(server.lines).toEqual(['auth a b:c%']);
  });

  it('rejects a wrong password', async () => {
    const attempt = EventSocket.connect({ ...server.address, password: 'wrong' });
    await expect(attempt).rejects.toMatchObject({ code: 'SWITCH_AUTH_FAILED' });
  });

  it('rejects when the access list of the switch does', async () => {
    server.greeting = frameOf('text/rude-rejection', Buffer.from('Access Denied, go away.\n')).toString();
    await expect(EventSocket.connect(server.address)).rejects.toMatchObject({ code: 'SWITCH_AUTH_FAILED' });
  });

  it('rejects when nobody listens', async () => {
    const { address } = server;
    await server.close();
    await expect(EventSocket.connect(address)).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
  });

  it('rejects when something else answers, or nothing', async () => {
    server.greeting = '';
    const silent = EventSocket.connect({ ...server.address, connectTimeoutMs: 30 });
    await expect(silent).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
    server.greeting = 'HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(70_000, 'x');
    await expect(EventSocket.connect(server.address)).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
  });

  it('rejects when the connection closes before the password is accepted', async () => {
    server.handle(({ line }, connection) => {
      if (line.startsWith('auth')) connection.reset();
      return line.startsWith('auth') ? null : undefined;
    });
    await expect(EventSocket.connect(server.address)).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
  });

  it('rejects when the host accepts and says nothing at all', async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    const attempt = EventSocket.connect({ host: '127.0.0.1', port, password: 'x', connectTimeoutMs: 20 });
    await expect(attempt).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE', details: { port } });
    mute.close();
  });
});

describe('EventSocket: commands', () => {
  it('matches replies by order, with events in between', async () => {
    const { socket, events } = await connect();
    server.handle(({ line }, connection) => {
      connection.event('HEARTBEAT', { n: line.slice(-1) });
      return line.startsWith('api') ? `answer to ${line}` : `+OK ${line}`;
    });
    const replies = await Promise.all([
      socket.api('echo 1'),
      socket.command('filter x 2'),
      socket.api('echo 3'),
      socket.sendmsg('u4', { 'call-command': 'hangup' }),
    ]);
    expect(replies.map((reply) => reply.text)).toEqual([
      'answer to api echo 1',
      '+OK filter x 2',
      'answer to api echo 3',
      '+OK sendmsg u4',
    ]);
    expect(numbers(events)).toEqual([1, 2, 3, 4]);
  });

  it('tells refusals apart and keeps the body as bytes', async () => {
    const { socket } = await connect();
    server.handle(({ line }) => (line.includes('uuid_kill') ? '-ERR No such channel!\n' : undefined));
    expect(await socket.api('uuid_kill x')).toMatchObject({ ok: false, text: '-ERR No such channel!\n' });
    expect((await socket.api('version')).bytes).toBeInstanceOf(Buffer);
    server.handle(({ line }) => (line === 'api nothing' ? '' : undefined));
    expect(await socket.api('nothing')).toMatchObject({ ok: true, text: '' });
  });

  it('sends headers and a body in the length of its bytes', async () => {
    const { socket } = await connect();
    await socket.sendmsg('u1', { 'call-command': 'execute', 'content-type': 'text/plain' }, '张三\n\nx');
    expect(server.commands.at(-1)).toEqual({
      line: 'sendmsg u1',
      headers: { 'call-command': 'execute', 'content-type': 'text/plain', 'Content-Length': '9' },
      body: '张三\n\nx',
    });
  });

  it('refuses line breaks, which would be a second command', async () => {
    const { socket } = await connect();
    await expect(socket.api('status\n\napi shutdown')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(socket.sendmsg('u', { a: 'b\r\nc: d' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(socket.command('  ')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(server.lines).toEqual(['auth ClueCon']);
  });

  it('says when a subscription is refused', async () => {
    const { socket } = await connect();
    server.handle(({ line }) => (line.startsWith('event') ? '-ERR no keywords supplied' : undefined));
    await expect(socket.subscribe(['NOSUCH'])).rejects.toMatchObject({ code: 'SWITCH_COMMAND_FAILED' });
  });

  it('resolves a job by its own id, also when the result is in the segment of the reply', async () => {
    const { socket, events } = await connect();
    server.handle(({ line, headers }, connection) => {
      if (!line.startsWith('bgapi')) return undefined;
      const reply = `Content-Type: command/reply\nReply-Text: +OK Job-UUID: ${headers['Job-UUID']}\n\n`;
      const result = plainFrame(
        { 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': String(headers['Job-UUID']) },
        '+OK u1\n',
      );
      const foreign = plainFrame({ 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': 'foreign' }, '-ERR foreign\n');
      connection.raw(Buffer.concat([Buffer.from(reply), foreign, result]));
      return null;
    });
    expect(await socket.bgapi('originate x &park()', 'job-1')).toBe('+OK u1\n');
    expect(events.map((event) => event.get('Job-UUID'))).toEqual(['foreign', 'job-1']);
  });

  it('rejects a job that is not taken', async () => {
    const { socket } = await connect();
    server.handle(({ line }) => (line.startsWith('bgapi') ? '-ERR command not found' : undefined));
    await expect(socket.bgapi('x', 'job-1')).rejects.toMatchObject({ code: 'SWITCH_COMMAND_FAILED' });
  });
});

describe('EventSocket: the end', () => {
  it.each([
    ['closed', 'peer'],
    ['reset', 'error'],
  ] as const)('rejects what waits when the connection is %s', async (how, reason) => {
    const { socket, closed } = await connect();
    server.handle(({ line }) => (line.startsWith('bgapi') ? undefined : null));
    const waiting = [socket.bgapi('originate', 'job-1'), socket.api('status'), socket.command('filter a b')];
    const results = Promise.allSettled(waiting);
    await vi.waitUntil(() => server.commands.length === 4);
    if (how === 'closed') server.connection.close();
    else server.connection.reset();
    for (const result of await results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SWITCH_UNREACHABLE' } });
    }
    expect((await closed).reason).toBe(reason);
    await expect(socket.api('status')).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
    expect(socket.connected).toBe(false);
  });

  it('delivers what came before the end, then closes', async () => {
    const { closed, events } = await connect();
    for (let n = 0; n < 1000; n++) server.connection.event('HEARTBEAT', { n: String(n) });
    server.connection.close();
    expect(await closed).toMatchObject({ reason: 'peer', eventsBefore: 1000 });
    expect(numbers(events)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });

  it('closes on overload instead of leaving events out', async () => {
    const { closed, events, socket } = await connect({ maxBufferedEvents: 100 });
    const frames = Array.from({ length: 5000 }, (_, n) =>
      plainFrame({ 'Event-Name': 'HEARTBEAT', n: String(n) }),
    );
    server.connection.raw(Buffer.concat(frames));
    expect(await closed).toMatchObject({ reason: 'overload', detail: 'more than 100 events were waiting' });
    expect(events.length).toBeGreaterThanOrEqual(100);
    expect(numbers(events)).toEqual(events.map((_, n) => n));
    await expect(socket.api('status')).rejects.toMatchObject({ code: 'SWITCH_OVERLOAD' });
  });

  it('recognises the notice of a killed listener in the middle of a frame', async () => {
    const { closed, events } = await connect();
    const frame = plainFrame({ 'Event-Name': 'CHANNEL_PARK', n: '1', variable_long: 'x'.repeat(5000) });
    const notice = Buffer.from('killed listener because of lost events\n');
    server.connection.raw(Buffer.concat([frame, frame.subarray(0, 900), notice]));
    server.connection.close();
    expect(await closed).toMatchObject({ reason: 'killed-listener' });
    expect(numbers(events)).toEqual([1]);
  });

  it('does not take an event for whole that the notice has filled up', async () => {
    const frame = plainFrame({ 'Event-Name': 'CHANNEL_PARK', n: '1' });
    const notice = Buffer.from('killed listener because of lost events\n');
    for (const missing of [1, 2, 3, 20, notice.length]) {
      const { closed, events } = await connect();
      server.connection.raw(Buffer.concat([frame, frame.subarray(0, frame.length - missing), notice]));
      server.connection.close();
      expect(await closed).toMatchObject({ reason: 'killed-listener' });
      expect(numbers(events)).toEqual([1]);
    }
  });

  it('tells a shutdown from a lost connection', async () => {
    const { closed } = await connect();
    server.connection.raw(frameOf('text/disconnect-notice', Buffer.from('The system is being shut down.\n')));
    server.connection.close();
    expect((await closed).reason).toBe('shutdown');
  });

  it('goes on after the notice of a lingering socket', async () => {
    const { events } = await connect();
    server.connection.raw(
      'Content-Type: text/disconnect-notice\nContent-Disposition: linger\nContent-Length: 0\n\n',
    );
    server.connection.event('HEARTBEAT', { n: '1' });
    await vi.waitUntil(() => events.length === 1);
  });

  it('closes when the stream makes no sense', async () => {
    const { closed } = await connect();
    server.connection.raw('Content-Length: nonsense\n\n');
    expect(await closed).toMatchObject({ reason: 'error' });
  });

  it('survives a listener that throws', async () => {
    const { socket } = await connect();
    let seen = 0;
    socket.onEvent = () => {
      seen++;
      throw new Error('a bug of the listener');
    };
    server.connection.event('HEARTBEAT');
    server.connection.event('HEARTBEAT');
    await vi.waitUntil(() => seen === 2);
    expect((await socket.api('version')).ok).toBe(true);
  });
});
