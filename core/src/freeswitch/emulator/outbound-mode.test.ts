/** Behaviour of the `socket` application that trace 10 does not show was measured on FreeSWITCH 1.11.2. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DialplanStep } from './channel.ts';
import { FakeClock } from './clock.ts';
import type { Connection } from './connection.ts';
import { Emulator } from './emulator.ts';
import type { EventMessage } from './event-message.ts';

const SOUND_MS = 500;

let clock: FakeClock;
let emulator: Emulator;
let events: EventMessage[];
let steps: DialplanStep[];
/** What the emulator wrote to the application, and how that answers. */
let app: {
  text: string;
  closed: boolean;
  say(command: string): Promise<void>;
  leave(): Promise<void>;
} | null;

beforeEach(() => {
  clock = new FakeClock();
  events = [];
  app = null;
  emulator = new Emulator({
    password: 'x',
    clock,
    domain: 'd',
    heartbeatSec: 0,
    dialplan: () => steps,
    media: { durationMs: () => SOUND_MS },
    dialOut: async (_host, port, accept) => {
      if (port !== 8040) return null;
      const socket = { text: '', closed: false };
      const end = () => {
        socket.closed = true;
      };
      const connection = accept({
        pendingBytes: 0,
        write: (data) => {
          socket.text += data.toString();
          return true;
        },
        end,
        destroy: end,
      });
      app = Object.assign(socket, talking(connection));
      return connection;
    },
  });
  emulator.onEvent((event) => events.push(event));
});

function talking(connection: Connection) {
  return {
    say: async (command: string) => {
      connection.receive(Buffer.from(`${command}\n\n`));
      await clock.settle();
    },
    leave: async () => {
      connection.gone();
      await clock.advance(40);
    },
  };
}

/** A customer's call whose dialplan is `socket 127.0.0.1:8040 <words>`, then a busy tone. */
async function call(words: string, port = 8040): Promise<string> {
  steps = [
    { app: 'socket', arg: `127.0.0.1:${port} ${words}` },
    { app: 'hangup', arg: 'USER_BUSY' },
  ];
  const uuid = emulator.dial({ number: '8040', from: '138' }) ?? '';
  await clock.advance(100);
  return uuid;
}

/** Says these one after the other, with a moment after each. @returns what was answered */
async function say(...commands: string[]): Promise<string> {
  if (!app) throw new Error('The emulator did not connect.');
  const before = app.text.length;
  for (const command of commands) {
    await app.say(command);
    await clock.advance(40);
  }
  return app.text.slice(before);
}

const execute = (name: string, arg = '', more = '') =>
  `sendmsg\ncall-command: execute\nexecute-app-name: ${name}\nexecute-app-arg: ${arg}${more}`;
const reply = (text: string) => `Content-Type: command/reply\nReply-Text: ${text}\n\n`;
const UNKNOWN = reply('-ERR command not found');
const names = () => events.map((event) => event.name);
const causeOf = (uuid: string) =>
  events
    .find((event) => event.name === 'CHANNEL_HANGUP' && event.get('Unique-ID') === uuid)
    ?.get('Hangup-Cause');
const stateOf = (uuid: string) => emulator.core.channels.get(uuid)?.state;

describe('while the application is there', () => {
  test('an async channel parks when `connect` has come, not before', async () => {
    await call('async full');
    expect(names()).not.toContain('CHANNEL_PARK');
    await say('connect');
    expect(names()).toContain('CHANNEL_PARK');
  });

  test('a sync channel answers a sendmsg when the application has run, and shows its events then', async () => {
    await call('full');
    await say('connect', 'myevents');
    expect(await say(execute('playback', 'a.wav'))).toBe('');
    await clock.advance(SOUND_MS);
    const after = app?.text.slice(app.text.lastIndexOf('Reply-Text: +OK Events Enabled')) ?? '';
    expect(after.indexOf(reply('+OK'))).toBeGreaterThan(0);
    expect(after.indexOf('CHANNEL_EXECUTE_COMPLETE')).toBeGreaterThan(after.indexOf(reply('+OK')));
    expect(names()).not.toContain('PRIVATE_COMMAND');
  });

  test('a sync channel queues a sendmsg with `async: true`, and runs it within the next one', async () => {
    await call('full');
    await say('connect');
    expect(await say(execute('playback', 'queued.wav', '\nasync: true'))).toBe(reply('+OK'));
    await clock.advance(1000);
    expect(names()).not.toContain('PLAYBACK_START');
    await say(execute('playback', 'own.wav'));
    await clock.advance(2 * SOUND_MS);
    const ended = events
      .filter((event) => event.name === 'CHANNEL_EXECUTE_COMPLETE' && event.get('Application') === 'playback')
      .map((event) => event.get('Application-Data'));
    expect(ended).toEqual(['queued.wav', 'own.wav']);
  });

  test('sendmsg takes its own uuid, none, and that of another channel', async () => {
    const own = await call('async full');
    await say('connect');
    const set = (uuid: string, value: string) =>
      `sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: a=${value}`;
    expect(await say(set(own, '1'), 'getvar a')).toBe(reply('+OK') + reply('1'));
    expect(await say(execute('set', 'a=2'), 'getvar a')).toBe(reply('+OK') + reply('2'));
    expect(await say(set('nosuch', '3'))).toBe(reply('-ERR invalid session id [nosuch]'));
    steps = [{ app: 'park', arg: '' }];
    const other = emulator.dial({ number: '1', from: '2' }) ?? '';
    await clock.advance(40);
    expect(await say(set(other, '4'))).toBe(reply('+OK'));
    expect(emulator.core.channels.get(other)?.get('a')).toBe('4');
  });

  test('myevents shows this call and its own jobs, and nothing else', async () => {
    const own = await call('async full');
    await say('connect', 'event plain BACKGROUND_JOB CHANNEL_CREATE');
    expect(await say('myevents', 'myevents')).toBe(
      reply('+OK Events Enabled') + reply('-ERR aready enabled.'),
    );
    steps = [{ app: 'park', arg: '' }];
    const other = emulator.dial({ number: '1', from: '2' }) ?? '';
    await clock.advance(40);
    expect(await say('bgapi echo mine\nJob-UUID: j')).toContain(`Job-Owner-UUID: ${own}\nJob-Command: echo`);
    expect(app?.text).not.toContain(other);
  });

  test('a call that diverts its events tells its keys to the application and to nobody else', async () => {
    const uuid = await call('async full');
    await say('connect', 'event plain CHANNEL_PARK', execute('answer'));
    expect(await say('divert_events', 'divert_events on')).toBe(
      reply('-ERR missing value.') + reply('+OK events diverted'),
    );
    emulator.digits(uuid, '5');
    await clock.advance(40);
    expect(app?.text).toContain('DTMF-Digit: 5');
    expect(names()).not.toContain('DTMF');
    expect(await say('divert_events off')).toBe(reply('+OK events not diverted'));
    emulator.digits(uuid, '6');
    await clock.advance(40);
    expect(app?.text).not.toContain('DTMF-Digit: 6');
    expect(names()).toContain('DTMF');
  });

  test('without `full` it may command its own channel and nothing more', async () => {
    await call('');
    expect(await say('connect')).toContain('Socket-Mode: static\nControl: single-channel\n\n');
    for (const refused of ['api status', 'bgapi status', 'event plain ALL', 'linger', 'nolinger', 'log 7']) {
      expect(await say(refused)).toBe(UNKNOWN);
    }
    for (const refused of ['sendevent CUSTOM', 'noevents', 'nixevent ALL'])
      expect(await say(refused)).toBe(UNKNOWN);
    expect(await say('filter a b', 'divert_events off', 'getvar direction')).toBe(
      reply('+OK filter added. [a]=[b]') + reply('+OK events not diverted') + reply('inbound'),
    );
    expect(await say('getvar', execute('answer'))).toBe(UNKNOWN + reply('+OK'));
    expect(names()).toContain('CHANNEL_ANSWER');
  });
});

describe('when the application leaves', () => {
  test.each(['async full', 'full', ''])('the dialplan goes on (%j)', async (words) => {
    const uuid = await call(words);
    await say('connect', execute('answer'));
    expect(await say('exit')).toBe(
      `${reply('+OK bye')}Content-Type: text/disconnect-notice\nControlled-Session-UUID: ${uuid}\n` +
        'Content-Disposition: disconnect\nContent-Length: 67\n\nDisconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n',
    );
    expect(app?.closed).toBe(true);
    expect(causeOf(uuid)).toBe('USER_BUSY');
  });

  test.each(['async full', 'full'])('what it had begun to play is played to its end (%j)', async (words) => {
    const uuid = await call(words);
    await say('connect', execute('playback', 'a.wav'));
    await app?.leave();
    expect(causeOf(uuid)).toBeUndefined();
    await clock.advance(SOUND_MS + 40);
    const played = events.find((event) => event.name === 'PLAYBACK_STOP');
    expect(played?.get('Playback-Status')).toBe('done');
    expect(causeOf(uuid)).toBe('USER_BUSY');
  });

  test('after `resume` an async call goes on, and a sync one stays in CS_RESET for ever', async () => {
    const async = await call('async full');
    await say('connect', 'resume', 'exit');
    expect(causeOf(async)).toBe('USER_BUSY');
    const sync = await call('full');
    await say('connect', 'resume', 'exit');
    await clock.advance(60_000);
    expect(stateOf(sync)).toBe('CS_RESET');
    expect(causeOf(sync)).toBeUndefined();
  });

  test('an async call that never got a `connect` is parked, and nobody ends that', async () => {
    const uuid = await call('async full');
    await app?.leave();
    await clock.advance(60_000);
    expect(names()).toContain('CHANNEL_PARK');
    expect(stateOf(uuid)).toBe('CS_EXECUTE');
  });

  test('one that says nothing for 25 clock seconds is sent away', async () => {
    const uuid = await call('full');
    await clock.advance(24_000);
    expect(app?.closed).toBe(false);
    await clock.advance(1000);
    expect(app?.text).toMatch(/^Content-Type: text\/disconnect-notice\n/);
    await clock.advance(40);
    expect(causeOf(uuid)).toBe('USER_BUSY');
  });

  test('a channel that was transferred away and parks elsewhere is let go, too', async () => {
    const uuid = await call('async full');
    await say('connect');
    steps = [
      { app: 'park', arg: '' },
      { app: 'hangup', arg: 'CALL_REJECTED' },
    ];
    await say(`api uuid_transfer ${uuid} 6100`);
    expect(names().filter((name) => name === 'CHANNEL_PARK')).toHaveLength(2);
    await say('exit');
    expect(causeOf(uuid)).toBe('CALL_REJECTED');
  });
});

describe('when the call ends', () => {
  test('a sync application gets the hang-up and the notice, and the channel goes on when that is said', async () => {
    const uuid = await call('full');
    await say('connect', 'myevents', execute('answer'));
    emulator.hangup(uuid);
    await clock.advance(40);
    const end = app?.text.slice(app.text.indexOf('Event-Name: CHANNEL_HANGUP\n')) ?? '';
    expect(end).toContain('Content-Disposition: disconnect');
    expect(end).not.toContain('CHANNEL_HANGUP_COMPLETE');
    expect(app?.closed).toBe(true);
    expect(names()).toContain('CHANNEL_DESTROY');
  });

  test('an async channel is destroyed when the application that lingers has left', async () => {
    const uuid = await call('async full');
    expect(await say('connect', 'linger')).toContain(reply('+OK will linger'));
    emulator.hangup(uuid);
    await clock.advance(60_000);
    expect(app?.text).toContain('Content-Disposition: linger');
    expect(names()).toContain('CHANNEL_HANGUP_COMPLETE');
    expect(names()).not.toContain('CHANNEL_DESTROY');
    expect(await say('getvar direction')).toBe(reply('inbound'));
    await say('exit');
    expect(names()).toContain('CHANNEL_DESTROY');
  });

  test('a sync channel that lingers ends only afterwards', async () => {
    const uuid = await call('full');
    await say('connect', 'linger');
    emulator.hangup(uuid);
    await clock.advance(1000);
    expect(names()).not.toContain('CHANNEL_HANGUP_COMPLETE');
    await say('exit');
    expect(names()).toContain('CHANNEL_DESTROY');
  });

  test('`linger 3` lasts to the end of the third clock second', async () => {
    const uuid = await call('async full');
    expect(await say('connect', 'linger 3')).toContain(reply('+OK will linger 3 seconds'));
    emulator.hangup(uuid);
    await clock.advance(3000);
    expect(app?.text).toContain('Linger-Time: 3\nContent-Length: 0\n\n');
    expect(app?.closed).toBe(false);
    await clock.advance(1000);
    expect(app?.closed).toBe(true);
  });

  test('after `nolinger` the connection ends with the call', async () => {
    const uuid = await call('async full');
    expect(await say('connect', 'linger', 'nolinger')).toContain(reply('+OK will not linger'));
    emulator.hangup(uuid);
    await clock.advance(40);
    expect(app?.closed).toBe(true);
  });
});

test('where nobody listens the dialplan goes on at once', async () => {
  const uuid = await call('async full', 8041);
  expect(app).toBeNull();
  expect(causeOf(uuid)).toBe('USER_BUSY');
});

describe('over TCP', () => {
  let server: Server;
  let real: Emulator;

  beforeEach(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    await real.stop();
    server.close();
  });

  const portOf = () => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };

  const startCall = (port: number) => {
    real = new Emulator({
      password: 'x',
      heartbeatSec: 0,
      tickMs: 0,
      dialplan: () => [{ app: 'socket', arg: `127.0.0.1:${port} async full` }],
    });
    const ended = new Promise<string | null>((resolve) => {
      real.onEvent((event) => {
        if (event.name === 'CHANNEL_HANGUP') resolve(event.get('Hangup-Cause'));
      });
    });
    return { uuid: real.dial({ number: '8040', from: '138' }) ?? '', ended };
  };

  test('the emulator connects, obeys, and the call ends when the application does', async () => {
    const { uuid, ended } = startCall(portOf());
    const [socket] = (await once(server, 'connection')) as [Socket];
    let text = '';
    const seen = (part: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (text.includes(part)) resolve();
        };
        socket.on('data', look);
        look();
      });
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.write(`connect\n\nmyevents\n\n${execute('answer')}\n\n`);
    await seen('Event-Name: CHANNEL_EXECUTE_COMPLETE');
    expect(text).toContain(`Channel-Unique-ID: ${uuid}\n`);
    socket.destroy();
    expect(await ended).toBe('NORMAL_CLEARING');
  });

  test('a closed port is nobody who listens', async () => {
    const port = portOf();
    server.close();
    await once(server, 'close');
    expect(await startCall(port).ended).toBe('NORMAL_CLEARING');
  });
});
