import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CallBench, startCallBench } from '../../../test-kit/call-bench.ts';
import { until } from '../../../test-kit/until.ts';
import type { Call, Dial } from './contract.ts';

/** A promise that somebody else keeps. */
function deferred<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((keep) => {
    resolve = keep;
  });
  return { promise, resolve: (value) => resolve(value) };
}

const AGENT = { user: '8001', domain: 'acme.test' };
const dialAgent: Dial = {
  endpoint: `user/${AGENT.user}@${AGENT.domain}`,
  role: 'agent',
  number: AGENT.user,
  callerId: { number: '1' },
  timeoutSec: 20,
};

describe('a call', () => {
  let bench: CallBench;
  beforeEach(async () => {
    bench = await startCallBench();
    bench.emulator.registerPhone(AGENT.user, AGENT.domain, 'manual');
  });
  afterEach(() => bench.stop());

  const ended = (call: Call) => until('the call ends', () => call.endedAt !== null);
  const types = () => bench.changes.map(({ change }) => change.type);

  /** Dials, and gives the call once its handler has it; the handler keeps it until it ends. */
  async function arrive(from = '13800138000'): Promise<Call> {
    const came = deferred<Call>();
    bench.inbound = async (call) => {
      await call.assign('tenant-1');
      came.resolve(call);
      await ended(call);
    };
    bench.emulator.dial({ number: '4001234567', from });
    return came.promise;
  }

  async function agentAnswers(): Promise<string> {
    const leg = await until('the agent rings', () => bench.emulator.callsOf(AGENT.user, AGENT.domain)[0]);
    bench.emulator.answer(leg.uuid);
    return leg.uuid;
  }

  async function talk(call: Call): Promise<string> {
    await call.answer();
    const dialled = call.dial({
      endpoint: `user/${AGENT.user}@${AGENT.domain}`,
      role: 'agent',
      userId: 'user-1',
      number: AGENT.user,
      callerId: { number: call.from.number },
      timeoutSec: 20,
    });
    await agentAnswers();
    const result = await dialled;
    expect(result.outcome).toBe('answered');
    await call.bridge(call.caller.id, result.leg.id);
    await call.savePosition({ talkingTo: result.leg.id });
    return result.leg.id;
  }

  it('comes in with who called whom, in nobody’s tenant', async () => {
    let tenant: string | null = 'none yet';
    const came = deferred<Call>();
    bench.inbound = async (call) => {
      tenant = call.tenantId;
      came.resolve(call);
    };
    bench.emulator.dial({ number: '4001234567', from: '13800138000', name: '张三' });
    const call = await came.promise;
    expect(tenant).toBeNull();
    expect(call).toMatchObject({
      direction: 'inbound',
      to: '4001234567',
      from: { number: '13800138000', name: '张三' },
    });
    await ended(call);
  });

  it('is hung up when its handler returns and left it alive, and is forgotten', async () => {
    const call = await arrive();
    await call.hangup();
    await until('the row is gone', () => bench.store.rows.size === 0);
    expect(types().at(-1)).toBe('ended');
  });

  it('is hung up when its handler throws', async () => {
    bench.inbound = () => Promise.reject(new Error('a plugin fails'));
    bench.emulator.dial({ number: '1', from: '2' });
    await until('the call has ended', () => types().includes('ended'));
    await until('nothing is left in the switch', () => bench.emulator.core.channels.size === 0);
  });

  it('joins the caller with an agent, and each sees the hang-up of the other', async () => {
    const call = await arrive();
    const agent = await talk(call);
    expect(call.legs.map((leg) => leg.talksWith)).toEqual([agent, call.caller.id]);
    bench.emulator.hangup(call.caller.id);
    await ended(call);
    expect(call.legs.map((leg) => leg.endedBy)).toEqual(['party', 'server']);
    expect(types()).toEqual([
      'leg-answered',
      'leg-created',
      'leg-answered',
      'talk-started',
      'talk-ended',
      'leg-ended',
      'leg-ended',
      'ended',
    ]);
  });

  it('keeps the caller when the agent hangs up', async () => {
    const call = await arrive();
    const agent = await talk(call);
    bench.emulator.hangup(agent);
    await until('the agent is gone', () => call.legs[1]?.state === 'ended');
    expect(call.caller).toMatchObject({ state: 'answered', talksWith: null });
    expect(call.endedAt).toBeNull();
    await call.hangup();
    await ended(call);
  });

  it('[telephony-27] holds and resumes as one talk', async () => {
    const call = await arrive();
    const agent = await talk(call);
    await call.hold(agent, ['tone_stream://%(1000,0,440);loops=-1']);
    expect(call.caller.held).toBe(true);
    await expect(call.hold(agent, [])).rejects.toMatchObject({ code: 'CALL_STATE' });
    await call.resume(agent);
    await until('the talk goes on', () => !call.caller.held);
    expect(types().filter((type) => /talk|held|resumed/.test(type))).toEqual([
      'talk-started',
      'held',
      'resumed',
    ]);
    await call.hangup();
    await ended(call);
  });

  it('ends the talk when one hangs up while on hold', async () => {
    const call = await arrive();
    const agent = await talk(call);
    await call.hold(agent, []);
    bench.emulator.hangup(call.caller.id);
    await ended(call);
    expect(types()).toContain('talk-ended');
  });

  it('cancels the ringing agent when the caller hangs up', async () => {
    const call = await arrive();
    await call.answer();
    const dialled = call.dial(dialAgent);
    await until('the agent rings', () => bench.emulator.callsOf(AGENT.user, AGENT.domain)[0]);
    bench.emulator.hangup(call.caller.id);
    await expect(dialled).resolves.toMatchObject({ outcome: 'failed' });
    await ended(call);
    expect(bench.emulator.core.channels.size).toBe(0);
  });

  it('rings nobody when the ringing is called off before the switch was asked', async () => {
    const call = await arrive();
    const abort = new AbortController();
    const result = await call.dial({
      ...dialAgent,
      signal: abort.signal,
      onLeg: () => abort.abort('LOSE_RACE'),
    });
    expect(result).toMatchObject({ outcome: 'failed', cause: 'LOSE_RACE' });
    expect(bench.emulator.callsOf(AGENT.user, AGENT.domain)).toEqual([]);
    await call.hangup();
    await ended(call);
  });

  it('rings nobody for a caller who has hung up', async () => {
    const call = await arrive();
    await talk(call);
    const dialled = deferred<unknown>();
    call.onChange((change) => {
      if (change.type !== 'leg-ended' || change.leg.id !== call.caller.id) return;
      call.dial(dialAgent).catch((error: unknown) => dialled.resolve(error));
    });
    bench.emulator.hangup(call.caller.id);
    expect(await dialled.promise).toMatchObject({ code: 'CALL_ENDED' });
    await ended(call);
    expect(bench.emulator.core.channels.size).toBe(0);
  });

  it('has a leg for a phone that is not there, though the switch never made a channel', async () => {
    const call = await arrive();
    const result = await call.dial({
      endpoint: 'user/9999@acme.test',
      role: 'agent',
      number: '9999',
      callerId: { number: '1' },
      timeoutSec: 5,
    });
    expect(result.outcome).toBe('failed');
    expect(result.leg).toMatchObject({ state: 'ended', answeredAt: null });
    await call.hangup();
    await ended(call);
  });

  it('records both sides', async () => {
    const call = await arrive();
    await talk(call);
    const path = join(bench.recordings, 'a.wav');
    await call.startRecording(call.caller.id, path);
    await until('the recording runs', () => types().includes('recording-started'));
    await call.stopRecording(call.caller.id, path);
    await until('the recording is over', () => types().includes('recording-stopped'));
    expect((await stat(path)).size).toBeGreaterThan(44);
    await call.hangup();
    await ended(call);
  });

  it('is handed over again when the switch was away in the middle of a step', async () => {
    const asking = { prompts: [], minDigits: 1, maxDigits: 1, timeoutMs: 60_000 };
    const came = deferred<Call>();
    bench.inbound = async (call) => {
      await call.assign('tenant-1');
      await call.savePosition({ at: 'menu' });
      await call.answer();
      came.resolve(call);
      await call.collect(asking);
    };
    const again = deferred<null>();
    const answer = deferred<unknown>();
    bench.resume = async (call) => {
      const collected = call.collect(asking);
      again.resolve(null);
      answer.resolve([call.position, await collected]);
      await ended(call);
    };
    bench.emulator.dial({ number: '4001234567', from: '13800138000' });
    const call = await came.promise;
    await until('the keys are waited for', async () =>
      (await bench.emulator.api('show channels as json')).includes('play_and_get_digits'),
    );
    await bench.reconnect();
    await again.promise;
    bench.emulator.digits(call.caller.id, '5');
    expect(await answer.promise).toEqual([{ at: 'menu' }, { outcome: 'digits', digits: '5' }]);
    expect(call.endedAt).toBeNull();
    await call.hangup();
    await ended(call);
  });

  it('does not let a phone ring on whose ringing could not be called off', async () => {
    const call = await arrive();
    await call.answer();
    const dialled = call.dial(dialAgent);
    await until('the agent rings', () => bench.emulator.callsOf(AGENT.user, AGENT.domain)[0]);
    await Promise.all([
      expect(dialled).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' }),
      bench.reconnect(),
    ]);
    await until('nobody rings', () => bench.emulator.callsOf(AGENT.user, AGENT.domain).length === 0);
    expect(call.caller.state).toBe('answered');
    await call.hangup();
    await ended(call);
  });

  describe('after a crash of the server', () => {
    it('goes on talking, with the position that was saved', async () => {
      const before = await arrive();
      const agent = await talk(before);
      const again = deferred<Call>();
      bench.resume = async (call) => {
        again.resolve(call);
        await ended(call);
      };
      await bench.crash();
      const call = await again.promise;
      expect(call).toMatchObject({
        id: before.id,
        tenantId: 'tenant-1',
        position: { talkingTo: agent },
        endedAt: null,
      });
      expect(call.caller.talksWith).toBe(agent);
      expect(bench.emulator.core.channels.size).toBe(2);
      bench.emulator.hangup(agent);
      await until('the end of the talk is seen', () => call.caller.talksWith === null);
      await call.hangup();
      await ended(call);
    });

    it('knows when a call really ended that ended meanwhile', async () => {
      const before = await arrive();
      await talk(before);
      const again = deferred<Call>();
      bench.resume = async (call) => again.resolve(call);
      let hungUpAt = 0;
      await bench.crash(async () => {
        hungUpAt = Date.now();
        bench.emulator.hangup(before.caller.id);
        await until('the switch is empty', () => bench.emulator.core.channels.size <= 1);
        await until(
          'enough time has passed to tell the hang-up from the restart',
          () => Date.now() > hungUpAt + 300,
        );
      });
      const call = await again.promise;
      await ended(call);
      expect(Math.abs((call.caller.endedAt ?? 0) - hungUpAt)).toBeLessThan(100);
      await until('the call is forgotten', () => bench.store.rows.size === 0);
      await until(
        'its receipts are forgotten',
        async () => !(await bench.emulator.api('hash_dump db jackfield')).includes(call.caller.id),
      );
    });

    it('takes up a caller who waited alone, and cancels the agent who rang', async () => {
      const before = await arrive();
      await before.answer();
      before
        .dial({
          endpoint: `user/${AGENT.user}@${AGENT.domain}`,
          role: 'agent',
          number: AGENT.user,
          callerId: { number: '1' },
          timeoutSec: 30,
        })
        .catch(() => undefined);
      await until('the agent rings', () => bench.emulator.callsOf(AGENT.user, AGENT.domain)[0]);
      const again = deferred<Call>();
      bench.resume = async (call) => {
        again.resolve(call);
        await ended(call);
      };
      await bench.crash();
      const call = await again.promise;
      expect(call.caller.state).toBe('answered');
      await until(
        'the agent no longer rings',
        () => bench.emulator.callsOf(AGENT.user, AGENT.domain).length === 0,
      );
      await call.hangup();
      await ended(call);
    });

    it('hands a caller over who is not asked for keys by anybody any more', async () => {
      const before = await arrive();
      await before.answer();
      const request = { prompts: [], minDigits: 1, maxDigits: 1, timeoutMs: 60_000 };
      before.collect(request).catch(() => undefined);
      await until('the keys are waited for', async () =>
        (await bench.emulator.api('show channels as json')).includes('play_and_get_digits'),
      );
      const again = deferred<Call>();
      bench.resume = async (call) => {
        again.resolve(call);
        await ended(call);
      };
      await bench.crash();
      const call = await again.promise;
      const asked = call.collect(request);
      bench.emulator.digits(call.caller.id, '7');
      expect(await asked).toEqual({ outcome: 'digits', digits: '7' });
      await call.hangup();
      await ended(call);
    });

    it('knows who talked with whom when the talk ended meanwhile', async () => {
      const before = await arrive();
      const agent = await talk(before);
      const again = deferred<Call>();
      bench.resume = async (call) => {
        again.resolve(call);
        await ended(call);
      };
      await bench.crash(async () => {
        bench.emulator.hangup(agent);
        await until('the agent has gone', () => bench.emulator.core.channels.size === 1);
      });
      const call = await again.promise;
      expect(call.caller).toMatchObject({ state: 'answered', talksWith: null, talkedWith: agent });
      await call.hangup();
      await ended(call);
    });

    it('finds the calls that came while it was away', async () => {
      const came = deferred<Call>();
      bench.inbound = async (call) => came.resolve(call);
      await bench.crash(() => {
        bench.emulator.dial({ number: '4001234567', from: '13900139000' });
      });
      expect(await came.promise).toMatchObject({ to: '4001234567' });
      await ended(await came.promise);
    });
  });
});
