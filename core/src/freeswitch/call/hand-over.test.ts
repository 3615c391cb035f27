import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CallBench, startCallBench } from '../../../test-kit/call-bench.ts';
import { until } from '../../../test-kit/until.ts';
import type { Call, Leg } from './contract.ts';

const DOMAIN = 'acme.test';

describe('a talk that goes on at another phone', () => {
  let bench: CallBench;
  beforeEach(async () => {
    bench = await startCallBench();
    for (const user of ['8001', '8002', '9001'])
      bench.emulator.registerPhone(user, DOMAIN, { answerAfterMs: 1 });
  });
  afterEach(() => bench.stop());

  async function rings(call: Call, user: string, userId = 'amy'): Promise<Leg> {
    const result = await call.dial({
      endpoint: `user/${user}@${DOMAIN}`,
      role: 'agent',
      userId,
      number: user,
      callerId: { number: '1' },
      timeoutSec: 20,
    });
    expect(result.outcome).toBe('answered');
    return result.leg;
  }
  const pair = (call: Call) => call.legs.filter(({ talksWith }) => talksWith !== null).map(({ id }) => id);
  const ended = (leg: Leg) => until('the leg ends', () => leg.state === 'ended');

  /** A customer in a talk with 8001. */
  async function inTalk(): Promise<{ call: Call; leg: Leg }> {
    const call = await new Promise<Call>((resolve) => {
      bench.inbound = async (arrived) => {
        await arrived.assign('tenant-1');
        resolve(arrived);
        await until('the call ends', () => arrived.endedAt !== null);
      };
      bench.emulator.dial({ number: '4001234567', from: '13800138000' });
    });
    await call.answer();
    const leg = await rings(call, '8001');
    await call.bridge(call.caller.id, leg.id);
    return { call, leg };
  }

  it('leaves the customer with the new phone, and hangs the old one up', async () => {
    const { call, leg } = await inTalk();
    const next = await rings(call, '8002');
    await call.handOver(leg.id, next.id);
    await ended(leg);
    expect(pair(call).sort()).toEqual([call.caller.id, next.id].sort());
    expect(call.endedAt).toBeNull();
    bench.emulator.hangup(call.caller.id);
    await until('the caller is gone', () => call.caller.state === 'ended');
  });

  it('takes it off hold', async () => {
    const { call, leg } = await inTalk();
    await call.hold(leg.id, []);
    const next = await rings(call, '8002');
    await call.handOver(leg.id, next.id);
    await ended(leg);
    expect(call.caller).toMatchObject({ talksWith: next.id, held: false });
    await call.hangup();
  });

  it('leads the call, if the old one did', async () => {
    let first: Leg | undefined;
    const call = await bench
      .service()
      .forPlugin('owner', () => undefined)
      .place(
        {
          tenantId: 'tenant-1',
          direction: 'outbound',
          from: { number: '4001234567', name: '' },
          to: '13900139000',
          position: {},
        },
        async (placed) => {
          first = await rings(placed, '8001');
          const far = await rings(placed, '9001', 'ben');
          await placed.bridge(first.id, far.id);
          await until('the call ends', () => placed.endedAt !== null);
        },
      );
    await until('they talk', () => pair(call).length === 2);
    const [old, far] = [call.caller, call.legs[1] as Leg];
    const next = await rings(call, '8002');
    await call.handOver(old.id, next.id);
    await ended(old);
    expect(call.caller.id).toBe(next.id);
    expect(pair(call).sort()).toEqual([next.id, far.id].sort());
    expect(call.endedAt).toBeNull();
    bench.emulator.hangup(next.id);
    await until('the call ends with it', () => call.endedAt !== null);
  });

  it('is over when the customer hangs up in that moment, and leaves no leg of the old phone', async () => {
    const { call, leg } = await inTalk();
    const next = await rings(call, '8002');
    bench.emulator.hangup(call.caller.id);
    await call.handOver(leg.id, next.id).catch(() => undefined);
    await ended(leg);
    await until('the call ends', () => call.endedAt !== null);
    expect(call.legs.every(({ state }) => state === 'ended')).toBe(true);
  });

  it('waits for nobody: a leg that still rings cannot take it', async () => {
    const { call, leg } = await inTalk();
    bench.emulator.registerPhone('8003', DOMAIN, 'manual');
    let ringing: Leg | undefined;
    const dialled = call.dial({
      endpoint: `user/8003@${DOMAIN}`,
      role: 'agent',
      number: '8003',
      callerId: { number: '1' },
      timeoutSec: 20,
      onLeg: (made) => {
        ringing = made;
      },
    });
    await until('it rings', () => bench.emulator.callsOf('8003', DOMAIN)[0]);
    await expect(call.handOver(leg.id, ringing?.id ?? '')).rejects.toMatchObject({ code: 'CALL_STATE' });
    expect(call.caller.talksWith).toBe(leg.id);
    await call.hangup();
    await dialled;
  });
});
