import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OriginateRequest } from '../../core/src/freeswitch/switch/contract.ts';
import { FreeswitchNode } from '../../core/src/freeswitch/switch/freeswitch-node.ts';
import { receiptVariables } from '../../core/src/freeswitch/switch/receipts.ts';
import {
  describeWithFreeSwitch,
  eventually,
  type FreeSwitchServer,
  makePrompts,
  part,
  readWav,
  rms,
  type SipPhone,
  startFreeSwitch,
  toneIn,
  WatchedNode,
} from './harness/index.ts';

/** Any text that a customer may have typed. */
const ANY_TEXT = `a 'b' "c", d=e; {f} $\{uuid} \\n {{ | 张三 50% %20 %E5 ~!`;

describeWithFreeSwitch('The switch contract against a real FreeSWITCH', () => {
  let fs: FreeSwitchServer;
  let watched: WatchedNode;
  let customer: SipPhone;
  let agent: SipPhone;
  let supervisor: SipPhone;
  const prompt = { short: '', long: '', other: '', missing: '' };

  beforeAll(async () => {
    fs = await startFreeSwitch();
    const prompts = makePrompts(fs.sounds);
    prompt.short = await prompts.tone('short', 500, 0.6);
    prompt.long = await prompts.tone('long', 700, 20);
    prompt.other = await prompts.tone('other prompt, 2', 900, 0.6);
    prompt.missing = prompts.missing('nothing');
    customer = await fs.phone({ number: '13800138000', tone: 440 });
    agent = await fs.phone({ user: '1001', tone: 660 });
    supervisor = await fs.phone({ user: '1002', tone: 880, behaviour: { answerAfterMs: 50 } });
    watched = await WatchedNode.on(fs);
  });
  afterAll(async () => {
    await watched?.close();
    await fs?.stop();
  });
  afterEach(async () => {
    agent.behaviour = {};
    watched.wire.mend();
    await fs.api('hupall');
    await fs.idle();
  });

  const originate = (more: Partial<OriginateRequest> = {}): OriginateRequest => ({
    uuid: randomUUID(),
    endpoint: 'user/1001@acme.test',
    timeoutSec: 20,
    callerId: { number: '13800138000', name: 'Wang' },
    ...more,
  });

  /** A customer and an agent who talk. */
  async function talk() {
    agent.behaviour = { answerAfterMs: 20 };
    const inbound = await watched.answered(customer);
    const request = originate();
    expect(await watched.node.originate(request)).toEqual({ outcome: 'answered', uuid: request.uuid });
    const desk = await agent.incoming();
    await watched.node.bridge(inbound.uuid, request.uuid);
    return { caller: inbound, desk: { call: desk, uuid: request.uuid } };
  }

  describe('connecting', () => {
    it('says which switch it is and what is on it', () => {
      expect(watched.node.state).toMatchObject({ state: 'connected', emulator: false });
      expect(watched.resyncs[0]).toMatchObject({
        reason: 'connected',
        channels: [],
        receipts: [],
        lastAliveAt: null,
      });
    });

    it('says why it does not connect with a wrong password', async () => {
      const address = { ...fs.eventSocket, password: 'wrong' };
      const other = new FreeswitchNode({ nodeId: 'fs2', address });
      other.start();
      const state = await eventually(
        () => (other.state.state === 'connecting' && other.state.lastError ? other.state : null),
        'a refusal',
      );
      expect(state.lastError).toContain('password');
      await other.stop();
    });
  });

  describe('an inbound call', () => {
    it('rings, is answered, and may be answered again', async () => {
      const { call, uuid } = await watched.inbound(customer);
      expect(call.state).toBe('new');
      await watched.node.ringing(uuid);
      await call.ringing();
      await watched.node.answer(uuid);
      await call.answered();
      expect(await watched.event('CHANNEL_ANSWER', uuid)).toBeTruthy();
      await watched.node.answer(uuid);
    });

    it.each([
      ['USER_BUSY', 486],
      ['CALL_REJECTED', 603],
      ['NO_ANSWER', 480],
      ['UNALLOCATED_NUMBER', 404],
      ['NORMAL_TEMPORARY_FAILURE', 503],
    ])('is refused with %s as SIP %i', async (cause, status) => {
      const { call, uuid } = await watched.inbound(customer);
      await watched.node.hangup(uuid, cause);
      await call.ended();
      expect(call.status).toBe(status);
      expect((await watched.event('CHANNEL_HANGUP_COMPLETE', uuid)).get('Hangup-Cause')).toBe(cause);
    });

    it('is hung up after the answer', async () => {
      const { call, uuid } = await watched.answered(customer);
      await watched.node.hangup(uuid);
      await call.ended();
      expect(call.endedBy).toBe('them');
    });

    it('rejects what is asked of a call that has ended', async () => {
      const { call, uuid } = await watched.answered(customer);
      await call.hangup();
      await watched.event('CHANNEL_HANGUP_COMPLETE', uuid);
      const ended = { code: 'CALL_ENDED' };
      await expect(watched.node.answer(uuid)).rejects.toMatchObject(ended);
      await expect(watched.node.hangup(uuid)).rejects.toMatchObject(ended);
      await expect(watched.node.setVariables(uuid, { a: '1' })).rejects.toMatchObject(ended);
      await expect(watched.node.startRecording(uuid, join(fs.recordings, 'x.wav'))).rejects.toMatchObject(
        ended,
      );
      await expect(watched.node.unbridge(uuid)).rejects.toMatchObject(ended);
      await expect(watched.node.play(uuid, [prompt.short])).rejects.toMatchObject(ended);
    });

    it('keeps variables of any text, and forgets them', async () => {
      const { uuid } = await watched.inbound(customer);
      await watched.node.setVariables(uuid, { jf_a: ANY_TEXT, jf_b: 'two  blanks ', jf_c: 'c' });
      await watched.node.setVariables(uuid, { jf_c: null });
      await watched.node.answer(uuid);
      const answer = await watched.event('CHANNEL_ANSWER', uuid);
      expect(answer.variable('jf_a')).toBe(ANY_TEXT);
      expect(answer.variable('jf_b')).toBe('two  blanks ');
      expect(answer.variable('jf_c')).toBeNull();
    });
  });

  describe('playing', () => {
    it('plays prompts one after the other to their end', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.play(uuid, [prompt.short, prompt.other]);
      await call.hears(500);
      await call.hears(900);
      expect(await result).toEqual({ outcome: 'done' });
    });

    it('stops when it is told to', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.play(uuid, [prompt.long]);
      await call.hears(700);
      await watched.node.stopMedia(uuid);
      expect(await result).toEqual({ outcome: 'broken' });
      await call.doesNotHear(700);
    });

    it('stops at a terminator key, and at no other', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.play(uuid, [prompt.long], { terminators: '#' });
      await call.hears(700);
      await call.press('*1');
      await call.hears(700);
      await call.press('#');
      expect(await result).toEqual({ outcome: 'broken' });
    });

    it('says when a file is missing', async () => {
      const { uuid } = await watched.answered(customer);
      expect(await watched.node.play(uuid, [prompt.missing])).toEqual({ outcome: 'missing' });
    });

    it('says when the caller hung up', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.play(uuid, [prompt.long]);
      await call.hears(700);
      await call.hangup();
      expect(await result).toEqual({ outcome: 'hangup' });
    });

    it('plays in a loop until it is stopped', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.play(uuid, [prompt.short], { loop: true });
      for (let round = 0; round < 3; round++) {
        await call.hears(500);
        const { length } = watched.events;
        await watched.event('PLAYBACK_STOP', uuid, length);
      }
      await watched.node.stopMedia(uuid);
      expect(await result).toEqual({ outcome: 'broken' });
      await call.doesNotHear(500, { forMs: 1_500 });
    });

    it('lets a second playback wait for the first', async () => {
      const { call, uuid } = await watched.answered(customer);
      const order: string[] = [];
      const first = watched.node.play(uuid, [prompt.short]).then(() => order.push('short'));
      const second = watched.node.play(uuid, [prompt.other]).then(() => order.push('other'));
      await call.hears(500);
      expect(order).toEqual([]);
      await Promise.all([first, second]);
      expect(order).toEqual(['short', 'other']);
    });

    it('does no harm to stop when nothing plays', async () => {
      const { call, uuid } = await watched.answered(customer);
      await watched.node.stopMedia(uuid);
      const result = watched.node.play(uuid, [prompt.short]);
      await call.hears(500);
      expect(await result).toEqual({ outcome: 'done' });
    });

    it('plays tones', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.play(uuid, ['tone_stream://%(500,0,1200)']);
      await call.hears(1_200);
      expect(await result).toEqual({ outcome: 'done' });
    });
  });

  describe('collecting digits', () => {
    const request = (more: object = {}) => ({
      prompts: [prompt.short],
      minDigits: 1,
      maxDigits: 4,
      timeoutMs: 5_000,
      digitTimeoutMs: 3_000,
      ...more,
    });

    it('gives the digits that were pressed', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.collect(uuid, request());
      await call.hears(500);
      await call.press('1735');
      expect(await result).toEqual({ outcome: 'digits', digits: '1735' });
    });

    it('ends at the terminator, which is no digit', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.collect(uuid, request());
      await call.hears(500);
      await call.press('12#');
      expect(await result).toEqual({ outcome: 'digits', digits: '12' });
    });

    it('takes * as a digit', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.collect(uuid, request({ maxDigits: 2, terminators: '' }));
      await call.hears(500);
      await call.press('*#');
      expect(await result).toEqual({ outcome: 'digits', digits: '*#' });
    });

    it('times out with none, and with too few', async () => {
      const { call, uuid } = await watched.answered(customer);
      const quick = { timeoutMs: 1_000, digitTimeoutMs: 700 };
      expect(await watched.node.collect(uuid, request(quick))).toEqual({ outcome: 'timeout', digits: '' });
      const result = watched.node.collect(uuid, request({ ...quick, minDigits: 3 }));
      await call.hears(500);
      await call.press('12');
      expect(await result).toEqual({ outcome: 'timeout', digits: '12' });
    });

    it('does not hand out the digits of an earlier prompt', async () => {
      const { call, uuid } = await watched.answered(customer);
      const first = watched.node.collect(uuid, request({ maxDigits: 1 }));
      await call.hears(500);
      await call.press('9');
      expect(await first).toEqual({ outcome: 'digits', digits: '9' });
      expect(await watched.node.collect(uuid, request({ timeoutMs: 1_000, digitTimeoutMs: 700 }))).toEqual({
        outcome: 'timeout',
        digits: '',
      });
    });

    it('says when the prompt is missing, also after a prompt that was there', async () => {
      const { uuid } = await watched.answered(customer);
      await watched.node.collect(uuid, request({ timeoutMs: 1_000 }));
      expect(await watched.node.collect(uuid, request({ prompts: [prompt.missing] }))).toEqual({
        outcome: 'missing',
        digits: '',
      });
    });

    it('says when the caller hung up', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.collect(uuid, request());
      await call.hears(500);
      await call.hangup();
      expect(await result).toMatchObject({ outcome: 'hangup' });
    });

    it('plays several prompts, and names with blanks and commas', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.collect(uuid, request({ prompts: [prompt.short, prompt.other] }));
      await call.hears(500);
      await call.hears(900);
      await call.press('7#');
      expect(await result).toEqual({ outcome: 'digits', digits: '7' });
    });

    it('can be stopped', async () => {
      const { call, uuid } = await watched.answered(customer);
      const result = watched.node.collect(uuid, request({ prompts: [prompt.long] }));
      await call.hears(700);
      await watched.node.stopMedia(uuid);
      expect(await result).toMatchObject({ outcome: 'timeout' });
    });
  });

  describe('calling out', () => {
    it('shows who calls, carries variables of any text, and is answered', async () => {
      const request = originate({
        variables: { jf_call: 'C1', jf_text: ANY_TEXT },
        callerId: { number: '+8613800138000', name: '张三 "Wang"' },
      });
      const result = watched.node.originate(request);
      const call = await agent.incoming();
      expect([call.from, call.fromName]).toEqual(['+8613800138000', '张三 Wang']);
      call.answer();
      expect(await result).toEqual({ outcome: 'answered', uuid: request.uuid });
      expect((await watched.event('CHANNEL_CREATE', request.uuid)).variable('jf_text')).toBe(ANY_TEXT);
      expect(await watched.event('CHANNEL_PARK', request.uuid)).toBeTruthy();
    });

    it('gives up when nobody answers, not before the time is over', async () => {
      const from = Date.now();
      const result = watched.node.originate(originate({ timeoutSec: 2 }));
      const call = await agent.incoming();
      expect(await result).toEqual({ outcome: 'failed', cause: 'NO_ANSWER' });
      expect(Date.now() - from).toBeGreaterThan(1_900);
      await call.ended();
      expect(call.status).toBe(487);
    });

    it.each([
      [486, 'USER_BUSY'],
      [603, 'CALL_REJECTED'],
      [480, 'NO_USER_RESPONSE'],
      [404, 'UNALLOCATED_NUMBER'],
      [503, 'NORMAL_TEMPORARY_FAILURE'],
    ])('reports SIP %i as %s', async (reject, cause) => {
      agent.behaviour = { reject };
      expect(await watched.node.originate(originate())).toEqual({ outcome: 'failed', cause });
    });

    it('fails for a phone that is not registered, and for one that does not exist', async () => {
      fs.directory.accounts.set('1009@acme.test', { password: 'x' });
      const absent = await watched.node.originate(originate({ endpoint: 'user/1009@acme.test' }));
      expect(absent).toEqual({ outcome: 'failed', cause: 'USER_NOT_REGISTERED' });
      const unknown = await watched.node.originate(originate({ endpoint: 'user/1010@acme.test' }));
      expect(unknown).toEqual({ outcome: 'failed', cause: 'SUBSCRIBER_ABSENT' });
    });

    it('can be cancelled while it rings', async () => {
      const request = originate();
      const result = watched.node.originate(request);
      const call = await agent.incoming();
      await watched.event('CHANNEL_PROGRESS', request.uuid);
      await watched.node.hangup(request.uuid, 'LOSE_RACE');
      expect(await result).toEqual({ outcome: 'failed', cause: 'LOSE_RACE' });
      await call.ended();
    });

    it('waits for the answer behind early media', async () => {
      const carrier = await fs.carrier('early', { tone: 425, behaviour: { ring: 'early' } });
      const request = originate({ endpoint: 'sofia/gateway/early/13900139000' });
      let settled = false;
      const result = watched.node.originate(request).finally(() => {
        settled = true;
      });
      const call = await carrier.incoming();
      await watched.event('CHANNEL_PROGRESS_MEDIA', request.uuid);
      expect(settled).toBe(false);
      call.answer();
      expect(await result).toMatchObject({ outcome: 'answered' });
    });

    it('asks the phone to pick up', async () => {
      const request = originate();
      const result = watched.node.originate(request);
      await agent.incoming();
      await watched.event('CHANNEL_PROGRESS', request.uuid);
      await watched.node.pickUp(request.uuid);
      expect(await result).toEqual({ outcome: 'answered', uuid: request.uuid });
    });

    it('knows who is registered', async () => {
      expect(await watched.node.isRegistered('1001', 'acme.test')).toBe(true);
      expect(await watched.node.isRegistered('1001', 'other.test')).toBe(false);
      expect(await watched.node.isRegistered('1099', 'acme.test')).toBe(false);
      const short = await fs.phone({ user: '1011' });
      expect(await watched.node.isRegistered('1011', 'acme.test')).toBe(true);
      await short.unregister();
      expect(await watched.node.isRegistered('1011', 'acme.test')).toBe(false);
    });
  });

  describe('talking', () => {
    it('joins two legs, splits them, and joins them again', async () => {
      const { caller, desk } = await talk();
      await Promise.all([caller.call.hears(660), desk.call.hears(440)]);
      await watched.node.unbridge(caller.uuid);
      const music = watched.node.play(caller.uuid, [prompt.long], { loop: true });
      await caller.call.hears(700);
      await desk.call.doesNotHear(440);
      await watched.node.stopMedia(caller.uuid);
      expect(await music).toEqual({ outcome: 'broken' });
      await watched.node.bridge(caller.uuid, desk.uuid);
      await Promise.all([caller.call.hears(660), desk.call.hears(440)]);
    });

    it('splits at the second leg as well', async () => {
      const { caller, desk } = await talk();
      await watched.node.unbridge(desk.uuid);
      await Promise.all([caller.call.doesNotHear(660), desk.call.doesNotHear(440)]);
      expect([caller.call.state, desk.call.state]).toEqual(['up', 'up']);
    });

    it('keeps the caller when the agent hangs up, if it was told so before', async () => {
      const { caller, desk } = await talk();
      await watched.node.setVariables(caller.uuid, { park_after_bridge: 'true' });
      const { length } = watched.events;
      await desk.call.hangup();
      await watched.event('CHANNEL_PARK', caller.uuid, length);
      expect(caller.call.state).toBe('up');
    });

    it('bridges while music plays to the caller', async () => {
      agent.behaviour = { answerAfterMs: 20 };
      const { call, uuid } = await watched.answered(customer);
      const music = watched.node.play(uuid, [prompt.long], { loop: true });
      await call.hears(700);
      const request = originate();
      await watched.node.originate(request);
      await watched.node.stopMedia(uuid);
      await watched.node.bridge(uuid, request.uuid);
      await call.hears(660);
      expect(await music).toEqual({ outcome: 'broken' });
    });

    it('rejects a bridge with a leg that is gone', async () => {
      const { call, uuid } = await watched.answered(customer);
      await expect(watched.node.bridge(uuid, randomUUID())).rejects.toMatchObject({ code: 'CALL_ENDED' });
      expect(call.state).toBe('up');
    });

    it('sends keys to the other side', async () => {
      const { call, uuid } = await watched.answered(customer);
      await watched.node.sendDigits(uuid, '42#');
      await call.hasDigits('42#');
    });

    it('puts three into a conference', async () => {
      const { caller, desk } = await talk();
      const request = originate({ endpoint: 'user/1002@acme.test' });
      await watched.node.originate(request);
      const third = await supervisor.incoming();
      await watched.node.conference(caller.uuid, 'room-1');
      await watched.node.conference(request.uuid, 'room-1');
      await Promise.all([
        ...[caller.call.hears(660), caller.call.hears(880)],
        ...[desk.call.hears(440), desk.call.hears(880)],
        ...[third.hears(440), third.hears(660)],
      ]);
    });
  });

  describe('recording', () => {
    it('is stereo from the first to the last moment, silent while masked', async () => {
      const { caller, desk } = await talk();
      await Promise.all([caller.call.hears(660), desk.call.hears(440)]);
      const file = join(fs.recordings, '2026-11', "it's a call.wav");
      await watched.node.startRecording(caller.uuid, file);
      await caller.call.hears(660);
      await watched.node.maskRecording(caller.uuid, file, true);
      await caller.call.doesNotHear(9_999, { forMs: 1_000 });
      await watched.node.maskRecording(caller.uuid, file, false);
      await caller.call.doesNotHear(9_999, { forMs: 800 });
      await watched.node.stopRecording(caller.uuid, file);
      const wav = await readWav(file);
      expect(wav.channels).toHaveLength(2);
      expect(toneIn(wav, 0, 440, wav.seconds - 0.7)).toBeGreaterThan(4_000);
      expect(toneIn(wav, 1, 660, wav.seconds - 0.7)).toBeGreaterThan(4_000);
      expect(toneIn(wav, 1, 440)).toBeLessThan(500);
      const masked = [0, 1].map((channel) => quietest(wav, channel, 0.6));
      expect(Math.max(...masked)).toBeLessThan(100);
    });

    it('ends with the call', async () => {
      const { caller } = await talk();
      const file = join(fs.recordings, 'ends.wav');
      await watched.node.startRecording(caller.uuid, file);
      await caller.call.doesNotHear(9_999, { forMs: 500 });
      await caller.call.hangup();
      await watched.event('RECORD_STOP', caller.uuid);
      expect((await readWav(file)).seconds).toBeGreaterThan(0.1);
    });
  });

  describe('what people do at the wrong moment', () => {
    it('the caller gives up while we answer', async () => {
      const { call, uuid } = await watched.inbound(customer);
      const [answer] = await Promise.allSettled([watched.node.answer(uuid), call.hangup()]);
      await watched.event('CHANNEL_HANGUP_COMPLETE', uuid);
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'CALL_ENDED' });
      await call.ended();
    });

    it('the agent hangs up in the moment of the answer', async () => {
      agent.behaviour = { answerAfterMs: 20, hangupAfterMs: 0 };
      const request = originate();
      await watched.node.originate(request);
      await watched.event('CHANNEL_HANGUP_COMPLETE', request.uuid);
      const { call, uuid } = await watched.answered(customer);
      await expect(watched.node.bridge(uuid, request.uuid)).rejects.toMatchObject({ code: 'CALL_ENDED' });
      expect(call.state).toBe('up');
    });

    it('the agent hangs up while the two are joined', async () => {
      agent.behaviour = { answerAfterMs: 20 };
      const { uuid } = await watched.answered(customer);
      const request = originate();
      await watched.node.originate(request);
      const desk = await agent.incoming();
      const [bridge] = await Promise.allSettled([watched.node.bridge(uuid, request.uuid), desk.hangup()]);
      if (bridge.status === 'rejected') expect(bridge.reason).toMatchObject({ code: 'CALL_ENDED' });
    });

    it('we stop a playback in the moment in which it begins, many times', async () => {
      const { call, uuid } = await watched.answered(customer);
      for (let round = 0; round < 10; round++) {
        const result = watched.node.play(uuid, [prompt.long], { loop: true });
        await watched.node.stopMedia(uuid);
        expect(await result).toEqual({ outcome: 'broken' });
      }
      await call.doesNotHear(700);
      expect(await watched.node.play(uuid, [prompt.short])).toEqual({ outcome: 'done' });
    });

    it('we hang up twice', async () => {
      const { uuid } = await watched.answered(customer);
      const both = await Promise.allSettled([watched.node.hangup(uuid), watched.node.hangup(uuid)]);
      for (const one of both) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CALL_ENDED' });
      }
      expect(both[0].status).toBe('fulfilled');
    });

    it('we use an id twice', async () => {
      agent.behaviour = { answerAfterMs: 20 };
      const request = originate();
      expect(await watched.node.originate(request)).toMatchObject({ outcome: 'answered' });
      const again = { ...request, endpoint: 'user/1002@acme.test' };
      const outcome = await watched.node.originate(again).then((result) => result.outcome);
      expect(outcome).toBe('failed');
      expect((await agent.incoming()).state).toBe('up');
    });

    it('we record twice, mask what is not recorded, and stop what has stopped', async () => {
      const { call, uuid } = await watched.answered(customer);
      const file = join(fs.recordings, 'twice.wav');
      await watched.node.startRecording(uuid, file);
      await watched.node.startRecording(uuid, file);
      await call.doesNotHear(9_999, { forMs: 300 });
      await watched.node.stopRecording(uuid, file);
      const failed = { code: 'SWITCH_COMMAND_FAILED' };
      await expect(watched.node.maskRecording(uuid, file, true)).rejects.toMatchObject(failed);
      await expect(watched.node.stopRecording(uuid, file)).rejects.toMatchObject(failed);
      await expect(watched.node.startRecording(uuid, join(fs.recordings, 'x.nosuch'))).rejects.toMatchObject(
        failed,
      );
    });

    it('we split what is not joined', async () => {
      const { call, uuid } = await watched.answered(customer);
      await watched.node.unbridge(uuid);
      expect(call.state).toBe('up');
      expect(await watched.node.play(uuid, [prompt.short])).toEqual({ outcome: 'done' });
    });

    it('we play to a caller who is not answered, as early media', async () => {
      const { call, uuid } = await watched.inbound(customer);
      const result = watched.node.play(uuid, [prompt.short]);
      await call.hears(500);
      expect(call.answeredAt).toBeNull();
      expect(await result).toEqual({ outcome: 'done' });
      await watched.node.hangup(uuid, 'USER_BUSY');
      await call.ended();
      expect(call.status).toBe(486);
    });

    it('the agent holds by the phone, and is split and joined by us', async () => {
      const { caller, desk } = await talk();
      await caller.call.hears(660);
      await desk.call.hold();
      await watched.event('CHANNEL_HOLD', desk.uuid);
      await desk.call.resume();
      await watched.event('CHANNEL_UNHOLD', desk.uuid);
      await watched.node.unbridge(caller.uuid);
      await watched.node.bridge(desk.uuid, caller.uuid);
      await Promise.all([caller.call.hears(660), desk.call.hears(440)]);
    });

    it('the agent transfers by the phone: the caller parks again with the new number', async () => {
      const { caller, desk } = await talk();
      await caller.call.hears(660);
      const { length } = watched.events;
      expect(await desk.call.transfer('8001')).toBe(202);
      const park = await watched.event('CHANNEL_PARK', caller.uuid, length);
      expect(park.get('Caller-Destination-Number')).toBe('8001');
      await desk.call.ended();
      expect(caller.call.state).toBe('up');
    });

    it('keeps the recording over a split', async () => {
      const { caller } = await talk();
      const file = join(fs.recordings, 'split.wav');
      await caller.call.hears(660);
      await watched.node.startRecording(caller.uuid, file);
      // FreeSWITCH loses a part that is shorter than half a second
      await caller.call.doesNotHear(9_999, { forMs: 1_200 });
      await watched.node.unbridge(caller.uuid);
      await watched.node.play(caller.uuid, [prompt.short]);
      await watched.node.stopRecording(caller.uuid, file);
      const wav = await readWav(file);
      expect(wav.seconds).toBeGreaterThan(1.6);
      expect(toneIn(wav, 0, 440)).toBeGreaterThan(4_000);
      expect(toneIn(wav, 1, 660, 0, 1)).toBeGreaterThan(4_000);
      expect(toneIn(wav, 1, 500, wav.seconds - 0.4)).toBeGreaterThan(4_000);
    });

    it('thirty callers at once are each served, in the order of their own events', async () => {
      const customers = await Promise.all(
        Array.from({ length: 30 }, (_, i) => fs.phone({ number: `1390000${1000 + i}`, tone: 440 })),
      );
      const calls = await Promise.all(
        customers.map(async (phone, i) => {
          const { call, uuid } = await watched.answered(phone, `40012${1000 + i}`);
          const played = await watched.node.play(uuid, [prompt.short]);
          const asked = watched.node.collect(uuid, {
            prompts: [],
            minDigits: 1,
            maxDigits: 2,
            timeoutMs: 5_000,
          });
          await call.press('42');
          return { call, uuid, played, collected: await asked };
        }),
      );
      for (const { call, uuid, played, collected } of calls) {
        expect(played).toEqual({ outcome: 'done' });
        expect(collected).toEqual({ outcome: 'digits', digits: '42' });
        await watched.node.hangup(uuid);
        await call.ended();
        const names = watched.events.filter((event) => event.uuid === uuid).map((event) => event.name);
        const order = [
          'CHANNEL_CREATE',
          'CHANNEL_PARK',
          'CHANNEL_ANSWER',
          'PLAYBACK_START',
          'PLAYBACK_STOP',
          'CHANNEL_HANGUP',
        ];
        const places = order.map((name) => names.indexOf(name));
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }
    });
  });

  describe('listening in', () => {
    it.each([
      ['listen', { caller: false, agent: false }],
      ['whisper', { caller: false, agent: true }],
      ['barge', { caller: true, agent: true }],
    ] as const)('%s lets the supervisor be heard as it should', async (mode, heard) => {
      const { caller, desk } = await talk();
      const request = { ...originate({ endpoint: 'user/1002@acme.test' }), target: desk.uuid, mode };
      expect(await watched.node.eavesdrop(request)).toEqual({ outcome: 'answered', uuid: request.uuid });
      const ear = await supervisor.incoming();
      await Promise.all([ear.hears(440), ear.hears(660)]);
      await (heard.caller ? caller.call.hears(880) : caller.call.doesNotHear(880));
      await (heard.agent ? desk.call.hears(880) : desk.call.doesNotHear(880));
      await Promise.all([caller.call.hears(660), desk.call.hears(440)]);
    });

    it('fails when there is nobody to listen to', async () => {
      const request = {
        ...originate({ endpoint: 'user/1002@acme.test' }),
        target: randomUUID(),
        mode: 'listen' as const,
      };
      const outcome = await watched.node.eavesdrop(request).then(
        (result) => result.outcome,
        (error) => error.code,
      );
      expect(outcome).not.toBe('answered');
    });
  });

  describe('a lost connection', () => {
    it('drops no call, rejects what it cannot prove, and brings the truth when it is back', async () => {
      const { caller, desk } = await talk();
      await watched.node.setVariables(caller.uuid, { jf_call: 'C7' });
      const waiting = await watched.answered(
        await fs.phone({ number: '13900139000', tone: 1_000 }),
        '4001234568',
      );
      const playing = watched.node.play(waiting.uuid, [prompt.long], { loop: true });
      await waiting.call.hears(700);
      watched.wire.cut();
      await expect(playing).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
      await watched.until(() => watched.node.state.state === 'connecting', 'the loss to be seen');
      await expect(watched.node.answer(caller.uuid)).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
      await Promise.all([caller.call.hears(660), desk.call.hears(440), waiting.call.hears(700)]);
      const next = watched.resync();
      watched.wire.mend();
      const resync = await next;
      expect(resync).toMatchObject({ reason: 'connected', lastAliveAt: null });
      const seen = new Map(resync.channels.map((channel) => [channel.uuid, channel]));
      expect([...seen.keys()].sort()).toEqual([caller.uuid, desk.uuid, waiting.uuid].sort());
      expect(seen.get(caller.uuid)).toMatchObject({
        direction: 'inbound',
        answered: true,
        bridgedTo: desk.uuid,
      });
      expect(seen.get(desk.uuid)).toMatchObject({
        direction: 'outbound',
        answered: true,
        bridgedTo: caller.uuid,
      });
      expect(seen.get(waiting.uuid)).toMatchObject({
        answered: true,
        bridgedTo: null,
        application: 'playback',
      });
      expect(seen.get(caller.uuid)?.dump?.variable('jf_call')).toBe('C7');
      await watched.node.stopMedia(waiting.uuid);
      await waiting.call.doesNotHear(700);
      await watched.node.unbridge(caller.uuid);
      await caller.call.doesNotHear(660);
    });

    it('tells of legs that ended meanwhile, with their true times, until they are forgotten', async () => {
      const { caller, desk } = await talk();
      await watched.node.setVariables(caller.uuid, receiptVariables(caller.uuid));
      watched.wire.cut();
      await watched.until(() => watched.node.state.state === 'connecting', 'the loss to be seen');
      await caller.call.hears(660);
      await caller.call.hangup();
      await Promise.all([desk.call.ended(), fs.idle()]);
      const next = watched.resync();
      watched.wire.mend();
      const { channels, receipts } = await next;
      expect(channels).toEqual([]);
      const receipt = (uuid: string) => receipts.find((one) => one.uuid === uuid);
      for (const { uuid, call } of [caller, desk]) {
        const found = receipt(uuid);
        expect(found?.cause).toBe('NORMAL_CLEARING');
        expect(Math.abs((found?.endedAt ?? 0) - (call.endedAt ?? 0))).toBeLessThan(100);
        expect(Math.abs((found?.answeredAt ?? 0) - (call.answeredAt ?? 0))).toBeLessThan(100);
        watched.node.forgetReceipt(uuid);
      }
      await eventually(async () => {
        const kept = await fs.api('hash_dump db jackfield');
        return !kept.includes(caller.uuid) && !kept.includes(desk.uuid);
      }, 'the receipts to be forgotten');
    });

    it('reads the truth again from time to time', async () => {
      const often = await WatchedNode.on(fs, { resyncEveryMs: 200 });
      const { uuid } = await watched.inbound(customer);
      const found = await often.until(
        () => often.resyncs.find((one) => one.channels.some((channel) => channel.uuid === uuid)),
        'the call in a resync',
      );
      expect(found).toMatchObject({ reason: 'periodic' });
      expect(found.channels[0]).toMatchObject({ answered: false, application: 'park', bridgedTo: null });
      await often.close();
    });

    it('notices that another FreeSWITCH answers', async () => {
      const before = watched.node.state.state === 'connected' ? watched.node.state.coreUuid : '';
      await watched.answered(customer);
      const killedAt = Date.now();
      await fs.restart('kill');
      const resync = await watched.until(
        () => watched.resyncs.find((one) => one.reason === 'core-changed'),
        'the new switch',
        20_000,
      );
      expect(resync.coreUuid).not.toBe(before);
      expect(resync.channels).toEqual([]);
      expect(resync.lastAliveAt).toBeLessThanOrEqual(killedAt + 50);
      expect(resync.lastAliveAt).toBeGreaterThan(killedAt - 25_000);
      await eventually(
        () =>
          agent.register().then(
            (status) => status === 200,
            () => false,
          ),
        'the agent to register again',
      );
      await watched.inbound(customer);
    });
  });
});

/** Loudness of the quietest stretch of so many seconds. */
function quietest(wav: Awaited<ReturnType<typeof readWav>>, channel: number, seconds: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let from = 0; from + seconds <= wav.seconds; from += 0.1) {
    least = Math.min(least, rms(part(wav, channel, from, from + seconds)));
  }
  return least;
}
