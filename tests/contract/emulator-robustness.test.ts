/** The emulator as a server: clients that vanish, that do not read, that shout; and as a process of its own. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Emulator } from '../../core/src/freeswitch/emulator/index.ts';

let emulator: Emulator;
const sockets: Socket[] = [];

beforeEach(async () => {
  emulator = new Emulator({ password: 'pw', heartbeatSec: 0, tickMs: 0 });
  await emulator.start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await emulator.stop();
});

async function client(...commands: string[]) {
  const socket = connect(emulator.port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  const say = (text: string) => socket.write(`${text}\n\n`);
  say('auth pw');
  for (const command of commands) say(command);
  return { socket, say, text: () => Buffer.concat(chunks).toString('utf8') };
}

async function until(check: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (check()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Waited in vain for ${what}.`);
}

const count = (text: string, part: string) => text.split(part).length - 1;

test('a client that is cut off in the middle of a command leaves calls and other clients alone', async () => {
  const stays = await client('event plain CHANNEL_PARK CHANNEL_HANGUP');
  const goes = await client('event plain ALL');
  const uuid = emulator.dial({ number: '4001', from: '138' });
  await until(() => stays.text().includes('CHANNEL_PARK'), 'the park');
  goes.socket.write('api sho');
  goes.socket.resetAndDestroy();
  emulator.dial({ number: '4001', from: '139' });
  await until(() => count(stays.text(), 'Event-Name: CHANNEL_PARK') === 2, 'the second park');
  stays.say(`api uuid_exists ${uuid}`);
  await until(() => stays.text().includes('\n\ntrue'), 'the answer');
});

test('each connection gets its own replies, and both get the events', async () => {
  const a = await client('event plain BACKGROUND_JOB', 'bgapi status\nJob-UUID: of-a');
  const b = await client('event plain BACKGROUND_JOB', 'api echo of-b');
  await until(() => b.text().includes('\n\nof-b'), 'the echo');
  a.say('bgapi echo hello\nJob-UUID: second');
  await until(() => b.text().includes('Job-UUID: second'), 'the job on the other connection');
  expect(a.text()).not.toContain('of-b');
  expect(b.text()).not.toContain('Reply-Text: +OK Job-UUID');
});

test('ten thousand events arrive, all and in order', async () => {
  const reader = await client('event plain CUSTOM x::y');
  const writer = await client();
  await until(() => reader.text().includes('event listener enabled'), 'the subscription');
  const total = 10_000;
  for (let i = 0; i < total; i++) writer.say(`sendevent CUSTOM\nEvent-Subclass: x::y\nnumber: ${i}`);
  await until(
    () => reader.text().endsWith('\n\n') && reader.text().includes(`number: ${total - 1}\n`),
    'the last event',
  );
  const numbers = [...reader.text().matchAll(/^number: (\d+)$/gm)].map((match) => Number(match[1]));
  expect(numbers).toEqual([...Array(total).keys()]);
});

test('many commands in one segment, and one command byte by byte', async () => {
  const one = await client();
  one.socket.write(Array.from({ length: 500 }, (_, i) => `api echo n${i}\n\n`).join(''));
  await until(() => one.text().includes('n499'), 'the last of many');
  for (const byte of Buffer.from('api echo 慢\r\n\r\n')) {
    one.socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => one.text().includes('\n\n慢'), 'the slow one');
});

test('a client that does not read costs a bounded amount of memory and is thrown out; others go on', async () => {
  const slow = await client('event plain CUSTOM x::y');
  const quick = await client('event plain CUSTOM x::z');
  await until(() => slow.text().includes('event listener enabled'), 'the subscription');
  slow.socket.pause();
  const body = 'x'.repeat(60_000);
  let sent = 0;
  // 64 MB may wait, and what the sockets hold; then 500 are lost
  for (; sent < 4000; sent++) {
    emulator.core.fireCustom('x::y', [['text', body]]);
    if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(process.memoryUsage().external).toBeLessThan(400 * 1024 * 1024);
  emulator.core.fireCustom('x::z', [['text', 'still here']]);
  await until(() => quick.text().includes('still%20here'), 'the event on the other connection');
  slow.socket.resume();
  await until(() => slow.socket.destroyed || slow.socket.readableEnded, 'the end of the slow one');
});

test('the wrong password closes; nothing is said to a client before it', async () => {
  const socket = connect(emulator.port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.write('event plain ALL\n\n');
  emulator.dial({ number: '1', from: '2' });
  await until(() => text.includes('-ERR command not found'), 'the refusal');
  socket.write('auth nope\n\n');
  await once(socket, 'close');
  expect(text).toContain('-ERR invalid');
  expect(text).not.toContain('CHANNEL_');
});

test('a taken port is said by name', async () => {
  const second = new Emulator({ password: 'x', port: emulator.port });
  await expect(second.start()).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
});
