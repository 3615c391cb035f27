import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModeslEvent } from './modesl.ts';
import { ModeslConnection } from './modesl-connection.ts';
import { frameOf, plainFrame, ScriptedSwitch } from './testing/scripted-switch.ts';

let server: ScriptedSwitch;

beforeEach(async () => {
  server = await ScriptedSwitch.listen();
});

afterEach(() => server.close());

async function ready(): Promise<ModeslConnection> {
  const connection = new ModeslConnection('127.0.0.1', server.port, 'ClueCon');
  await new Promise<void>((resolve) => connection.once('esl::ready', resolve));
  return connection;
}

const next = (connection: ModeslConnection, name: string) =>
  new Promise<ModeslEvent>((resolve) => connection.once(name, resolve));

describe('ModeslConnection keeps the public behaviour of modesl', () => {
  it('authenticates, subscribes as modesl does and says that it is ready', async () => {
    const connection = await ready();
    expect(connection.connected()).toBe(true);
    await vi.waitUntil(() => server.lines.length === 2);
    expect(server.lines).toEqual(['auth ClueCon', 'event json BACKGROUND_JOB CHANNEL_EXECUTE_COMPLETE']);
  });

  it('says that the password was wrong', async () => {
    const connection = new ModeslConnection('127.0.0.1', server.port, 'wrong');
    expect((await next(connection, 'esl::event::auth::fail')).getHeader('Modesl-Reply-ERR')).toBe('invalid');
  });

  it('names events by name and uuid', async () => {
    const connection = await ready();
    const arrived = next(connection, 'esl::event::CHANNEL_PARK::u1');
    server.connection.event(
      'CHANNEL_PARK',
      { 'Unique-ID': 'u1', 'Caller-Caller-ID-Name': '张三 100%' },
      'the body',
    );
    const event = await arrived;
    expect(event.getHeader('Caller-Caller-ID-Name')).toBe('张三 100%');
    expect([event.getType(), event.getBody()]).toEqual(['CHANNEL_PARK', 'the body']);
  });

  it('answers api, bgapi and sendRecv', async () => {
    const connection = await ready();
    const answer = new Promise<ModeslEvent>((resolve) => connection.api('version', resolve));
    expect((await answer).getBody()).toContain('FreeSWITCH Version');
    const reply = new Promise<ModeslEvent>((resolve) => connection.sendRecv('filter a b', resolve));
    expect((await reply).getHeader('Reply-Text')).toBe('+OK');
    server.handle(({ line, headers }, open) => {
      if (line.startsWith('bgapi')) setImmediate(() => open.job(String(headers['Job-UUID']), '+OK done\n'));
      return undefined;
    });
    const job = new Promise<ModeslEvent>((resolve) => connection.bgapi('status', '', resolve));
    expect((await job).getBody()).toBe('+OK done\n');
  });

  it('finishes execute with the completion of its own command', async () => {
    const connection = await ready();
    server.handle(({ line, headers }, open) => {
      if (!line.startsWith('sendmsg')) return undefined;
      setImmediate(() => {
        open.event('CHANNEL_EXECUTE_COMPLETE', { 'Unique-ID': 'u1', 'Application-UUID': 'other' });
        open.event('CHANNEL_EXECUTE_COMPLETE', {
          'Unique-ID': 'u1',
          'Application-UUID': String(headers['Event-UUID']),
        });
      });
      return '+OK';
    });
    const done = new Promise<ModeslEvent>((resolve) =>
      connection.execute('playback', 'x.wav', 'u1', resolve),
    );
    expect((await done).getHeader('Application-UUID')).toBe(server.commands.at(-1)?.headers['Event-UUID']);
  });

  it('reads json and xml events', async () => {
    const connection = await ready();
    const json = next(connection, 'esl::event::CUSTOM::u1');
    const text =
      '{"Event-Name":"CUSTOM","Unique-ID":"u1","a":"1","a":"2","Content-Length":"4","_body":"body"}';
    server.connection.raw(frameOf('text/event-json', Buffer.from(text)));
    expect([(await json).getHeader('a'), (await json).getBody()]).toEqual(['2', 'body']);
    const xml = next(connection, 'esl::event::CUSTOM::u2');
    const document =
      '<event><headers><Event-Name>CUSTOM</Event-Name><Unique-ID>u2</Unique-ID></headers></event>';
    server.connection.raw(frameOf('text/event-xml', Buffer.from(document)));
    expect((await xml).getHeader('Event-Name')).toBe('CUSTOM');
  });

  it('answers an outbound socket: the channel comes encoded in one block', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    const accepted = new Promise<Socket>((resolve) => listener.once('connection', resolve));
    const { connect } = await import('node:net');
    const freeswitch = connect(port, '127.0.0.1');
    const connection = new ModeslConnection(await accepted);
    const data = next(connection, 'esl::event::CHANNEL_DATA::u1');
    freeswitch.write(
      'Event-Name: CHANNEL_DATA\nUnique-ID: u1\nCaller-Caller-ID-Name: %E5%BC%A0%zz\n' +
        'Content-Type: command/reply\nReply-Text: %2BOK%0A\n\n',
    );
    expect((await data).getHeader('Caller-Caller-ID-Name')).toBe('张%zz');
    freeswitch.destroy();
    listener.close();
  });
});

describe('ModeslConnection contains the faults of modesl', () => {
  it('goes on after malformed escapes and GBK bytes', async () => {
    const connection = await ready();
    const arrived = next(connection, 'esl::event::CHANNEL_PARK::u1');
    server.connection.raw(frameOf('text/event-plain', Buffer.from('Event-Name: X\nname: %zz%E5%\n\n')));
    const gbk = Buffer.concat([
      Buffer.from('Event-Name: CHANNEL_PARK\nUnique-ID: u1\nname: '),
      Buffer.from([0xd5, 0xc5]),
      Buffer.from('%\n\n'),
    ]);
    server.connection.raw(frameOf('text/event-plain', gbk));
    expect((await arrived).getHeader('name')).toBe('张%');
  });

  it('does not decode outer headers', async () => {
    const connection = await ready();
    server.handle(({ line }) => (line === 'filter a b' ? '+OK filter added. [a]=[100%25]' : undefined));
    const reply = new Promise<ModeslEvent>((resolve) => connection.sendRecv('filter a b', resolve));
    expect((await reply).getHeader('Reply-Text')).toBe('+OK filter added. [a]=[100%25]');
  });

  it('reads 10,000 events in one segment without running out of stack', async () => {
    const connection = await ready();
    let seen = 0;
    connection.on('esl::event::HEARTBEAT', () => seen++);
    server.connection.raw(
      Buffer.concat(Array.from({ length: 10_000 }, () => plainFrame({ 'Event-Name': 'HEARTBEAT' }))),
    );
    await vi.waitUntil(() => seen === 10_000);
  });

  it('counts an inner body in bytes', async () => {
    const connection = await ready();
    const arrived = next(connection, 'esl::event::CUSTOM');
    const text = Buffer.from('Event-Name: CUSTOM\nname: 张三\nContent-Length: 7\n\n张三x rest\n\n');
    server.connection.raw(frameOf('text/event-plain', text));
    expect((await arrived).getBody()).toBe('张三x');
  });

  it('reports what it cannot read and goes on', async () => {
    const connection = await ready();
    const errors: Error[] = [];
    connection.on('error', (error: Error) => errors.push(error));
    const arrived = next(connection, 'esl::event::HEARTBEAT');
    server.connection.raw(frameOf('text/event-json', Buffer.from('{')));
    server.connection.raw(frameOf('text/event-xml', Buffer.from('<event>')));
    server.connection.event('HEARTBEAT');
    await arrived;
    expect(errors).toHaveLength(2);
  });

  it('reports a listener that throws instead of dying of it', async () => {
    const connection = await ready();
    const failed = new Promise<Error>((resolve) => connection.once('error', resolve));
    connection.on('esl::event::HEARTBEAT', () => {
      throw new Error('a bug of the listener');
    });
    server.connection.event('HEARTBEAT');
    expect((await failed).message).toBe('a bug of the listener');
    const arrived = next(connection, 'esl::event::CUSTOM');
    server.connection.event('CUSTOM');
    await arrived;
  });

  it.each(['close', 'reset'] as const)(
    'ends with esl::end after a %s, and sending then does not throw',
    async (how) => {
      const connection = await ready();
      const ended = new Promise<void>((resolve) => connection.once('esl::end', resolve));
      server.connection[how]();
      await ended;
      expect(() => connection.api('status')).not.toThrow();
      await vi.waitUntil(() => !connection.connected());
    },
  );

  it('does not throw an error that nobody listens for', async () => {
    await server.close();
    const connection = new ModeslConnection('127.0.0.1', server.port, 'x');
    await new Promise<void>((resolve) => connection.once('esl::end', resolve));
    server = await ScriptedSwitch.listen();
  });
});
