import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../freeswitch/harness/index.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { emulatorSwitch } from './emulator-switch.ts';
import { World } from './world.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function switchCheck(server: ServerProcess): Promise<string | null | undefined> {
  const response = await fetch(`${server.url}/readyz`);
  const { checks } = (await response.json()) as { checks: Record<string, string | null> };
  return checks.switch;
}

describe('The switch dies', () => {
  it('and comes back empty: all calls are closed, agents are free, and new calls work', async () => {
    const first = await emulatorSwitch();
    const world = await World.begin(first);
    closers.push(() => world.stop());
    const amy = await world.agent('amy');
    const ben = await world.agent('ben');
    const queueId = await world.queue('Death', [amy, ben]);
    const number = await world.number('4008009002', 'queue', { queueId });
    await amy.presence('available');
    await world.switch.dial(number, '13700000001');
    const desk = await amy.phone.rings();
    await desk.answer();
    await world.untilStored('13700000001', 'talking', ({ legs }) => legs[0]?.talksWith === desk.uuid);
    await world.switch.dial(number, '13700000002');
    await world.untilStored('13700000002', 'waiting', ({ position }) => position.ref?.kind === 'queue');
    const dead = Date.now();
    await first.process.stop();
    await eventually(async () => (await world.readiness()).checks.switch !== null, 'the loss to be noticed');

    const second = await emulatorSwitch(first.process.port);
    closers.push(() => second.stop());
    await world.ready();
    for (const from of ['13700000001', '13700000002']) {
      const record = await world.closedRecord(from);
      expect(record.endedAt).toBeLessThanOrEqual(dead + 1_000);
    }
    expect(world.record('13700000001')).toMatchObject({ outcome: 'connected', cause: 'SYSTEM_SHUTDOWN' });
    expect(world.rows('SELECT id FROM core_call')).toEqual([]);
    expect(world.rows('SELECT id FROM acd_contact')).toEqual([]);

    const phone = await second.register({ number: amy.number, domain: amy.domain, password: '' });
    const caller = await second.dial(number, '13700000003');
    const again = await phone.rings(40_000);
    await again.answer();
    await eventually(async () => (await second.watch.partnerOf(again.uuid)) === caller.uuid, 'the talk');
    await again.hangup();
    await second.watch.end(caller.uuid);
    expect(await world.closedRecord('13700000003')).toMatchObject({
      outcome: 'connected',
      agentUserId: amy.id,
    });
  });
});

describe('The switch is not there at the start', () => {
  it('the server starts, says so, and connects when it comes', async () => {
    const before = await emulatorSwitch();
    const { port, password } = before.address;
    await before.stop();
    const server = await startServerProcess({
      env: { FREESWITCH_URL: `esl://:${password}@127.0.0.1:${port}` },
    });
    closers.push(() => server.stop());
    expect(await switchCheck(server)).toMatch(/ECONNREFUSED|not connected|refused/);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const late = await emulatorSwitch(port);
    closers.push(() => late.stop());
    await eventually(async () => (await switchCheck(server)) === null, 'the connection', 15_000);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it('a wrong password is said clearly, and does not end the server', async () => {
    const subject = await emulatorSwitch();
    closers.push(() => subject.stop());
    const dataDir = await mkdtemp(join(tmpdir(), 'jackfield-password-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    const server = await startServerProcess({
      dataDir,
      env: { FREESWITCH_URL: `esl://:wrong@127.0.0.1:${subject.address.port}` },
    });
    closers.push(() => server.stop());
    await eventually(
      async () => /password/i.test((await switchCheck(server)) ?? ''),
      'the reason in /readyz',
    );
    expect(server.output()).toMatch(/password/i);
    expect(server.output()).not.toContain('wrong@');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
