import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createTestApp,
  startTestSwitch,
  type TestApp,
  type TestSwitch,
  until,
} from '@jackfield/core/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Acme, acmeOf, DOMAIN } from './testing/acme.fixture.ts';

const HOTLINE = '4008001234';

let outside: TestSwitch;
let dataDir: string;
let app: TestApp;
let acme: Acme;
let amyId: string;

/** The switch is not the server's own: calls go on while the server is away. */
async function start(): Promise<void> {
  app = await createTestApp({
    plugins: ['interactions', 'telephony'],
    env: { FREESWITCH_URL: outside.url },
    dataDir,
  });
  acme = acmeOf(app, await app.admin(), outside.emulator);
}
async function restart(meanwhile: () => Promise<void> | void = () => {}): Promise<void> {
  await app.stop();
  await meanwhile();
  await start();
}
beforeEach(async () => {
  outside = await startTestSwitch();
  dataDir = await mkdtemp(join(tmpdir(), 'jackfield-telephony-'));
  await start();
  amyId = (await acme.agent('amy', '1001')).id;
  await acme.number(HOTLINE, { kind: 'extension', target: { number: '1001' } }, { alias: 'Hotline' });
});
afterEach(async () => {
  await app.stop();
  await outside.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const talking = () => acme.record((call) => call.answeredAt !== null && call.endedAt === null);
const ended = () => acme.record((call) => call.endedAt !== null);
const nothingIsLeft = () =>
  until('every channel of the switch is gone', () => outside.emulator.core.channels.size === 0);

describe('a server that comes back', () => {
  it('finds the talk going on, and closes its record when it ends', async () => {
    const caller = acme.dial(HOTLINE);
    outside.emulator.answer(await acme.legAt('1001'));
    const before = await talking();
    await restart();
    expect(outside.emulator.callsOf('1001', DOMAIN)).toHaveLength(1);
    await until('the talk was taken up', async () => {
      const { steps } = await acme.details(before.id);
      return steps.some((step) => step.kind === 'resumed-after-restart');
    });
    outside.emulator.hangup(caller);
    const call = await ended();
    expect(call).toMatchObject({ id: before.id, outcome: 'connected', agentUserId: amyId });
    // The last leg ends some milliseconds after the talk.
    const length = (call.endedAt ?? 0) - (before.answeredAt ?? 0);
    expect(length - call.talkMs).toBeGreaterThanOrEqual(0);
    expect(length - call.talkMs).toBeLessThan(150);
    await nothingIsLeft();
  });

  it('closes the record of a call that ended meanwhile, with the times of the switch', async () => {
    const caller = acme.dial(HOTLINE);
    outside.emulator.answer(await acme.legAt('1001'));
    const before = await talking();
    let hungUpAt = 0;
    await restart(async () => {
      hungUpAt = Date.now();
      outside.emulator.hangup(caller);
      for (const leg of outside.emulator.callsOf('1001', DOMAIN)) outside.emulator.hangup(leg.uuid);
      await until('a second has passed', () => Date.now() > hungUpAt + 1_000);
    });
    const call = await ended();
    expect(call).toMatchObject({ id: before.id, outcome: 'connected', cause: 'NORMAL_CLEARING' });
    expect(Math.abs((call.endedAt ?? 0) - hungUpAt)).toBeLessThan(300);
    const ends = (await acme.details(call.id)).steps.filter((step) => step.kind === 'leg-ended');
    expect(ends).toHaveLength(2);
  });

  it('rings again for a caller whose agent was being rung', async () => {
    const caller = acme.dial(HOTLINE);
    const first = await acme.legAt('1001');
    await restart();
    const second = await until('the phone rings again', () =>
      outside.emulator.callsOf('1001', DOMAIN).find((leg) => leg.uuid !== first),
    );
    expect(outside.emulator.core.channels.has(first)).toBe(false);
    outside.emulator.answer(second.uuid);
    await talking();
    outside.emulator.hangup(caller);
    expect(await ended()).toMatchObject({ outcome: 'connected' });
    await nothingIsLeft();
  });

  it('takes up the call of an agent that was talking, and lets him hang up', async () => {
    const amy = await app.signIn('amy@acme');
    const { body } = await amy.post<{ callId: string }>('/api/telephony/dial', { number: '13800138077' });
    await talking();
    await restart();
    const again = await app.signIn('amy@acme');
    await until('the softphone shows the call', async () => {
      const me = await again.get<{ calls: { state: string }[] }>('/api/telephony/me');
      return me.body.calls[0]?.state === 'talking';
    });
    expect((await again.post(`/api/telephony/calls/${body.callId}/hangup`)).status).toBe(204);
    expect(await ended()).toMatchObject({ id: body.callId, outcome: 'connected', direction: 'outbound' });
    await nothingIsLeft();
  });
});
