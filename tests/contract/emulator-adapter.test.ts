/** The product's own adapter against the emulator, over TCP: what the contract promises, on a real clock. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Emulator } from '../../core/src/freeswitch/emulator/index.ts';
import { wavHeader } from '../../core/src/freeswitch/emulator/wav.ts';
import type { SwitchEvent } from '../../core/src/freeswitch/event-socket/switch-event.ts';
import type { Resync } from '../../core/src/freeswitch/switch/contract.ts';
import { FreeswitchNode } from '../../core/src/freeswitch/switch/freeswitch-node.ts';
import { receiptVariables } from '../../core/src/freeswitch/switch/receipts.ts';

let emulator: Emulator;
let node: FreeswitchNode;
let folder: string;
let events: SwitchEvent[];
let resyncs: Resync[];

async function until<T>(read: () => T | undefined | null | false, what: string): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const value = read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Waited in vain for ${what}.`);
}

function open(): FreeswitchNode {
  const opened = new FreeswitchNode({ nodeId: 'one', address: emulator.address });
  opened.listen({
    onEvent: (event) => events.push(event),
    onResync: (resync) => resyncs.push(resync),
    onState: () => {},
  });
  opened.start();
  return opened;
}

const connected = () => until(() => node.state.state === 'connected' && resyncs.length > 0, 'the connection');
const seen = (name: string, uuid: string) =>
  until(() => events.find((event) => event.name === name && event.uuid === uuid), `${name} of ${uuid}`);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-'));
  events = [];
  resyncs = [];
  emulator = new Emulator({ password: 'secret', domain: 'cc.test', heartbeatSec: 0 });
  await emulator.start();
  emulator.registerPhone('1001', 'cc.test', { answerAfterMs: 60 });
  node = open();
  await connected();
});

afterEach(async () => {
  await node.stop();
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function parkedCustomer(): Promise<string> {
  const uuid = emulator.dial({ number: '4001', from: '13800138000', name: '张三' }) ?? '';
  await seen('CHANNEL_PARK', uuid);
  await node.answer(uuid);
  return uuid;
}

const callAgent = (uuid: string) =>
  node.originate({
    uuid,
    endpoint: 'user/1001@cc.test',
    timeoutSec: 5,
    callerId: { number: '13800138000', name: '张 三' },
  });

describe('the adapter', () => {
  test('knows that this is the emulator', () => {
    expect(node.state).toMatchObject({ state: 'connected', emulator: true, coreUuid: emulator.coreUuid });
  });

  test('plays, collects keys, stops, and is told of a missing file', async () => {
    const uuid = await parkedCustomer();
    const prompt = join(folder, 'a b!c.wav');
    writeFileSync(prompt, Buffer.concat([wavHeader(1, 1600), Buffer.alloc(1600)]));
    expect(await node.play(uuid, [prompt])).toEqual({ outcome: 'done' });
    expect(await node.play(uuid, [join(folder, 'none.wav')])).toEqual({ outcome: 'missing' });
    const music = node.play(uuid, ['local_stream://moh'], { loop: true });
    await until(
      () =>
        events.find(
          (e) => e.name === 'PLAYBACK_START' && e.get('Playback-File-Path') === 'local_stream://moh',
        ),
      'music',
    );
    await node.stopMedia(uuid);
    expect(await music).toEqual({ outcome: 'broken' });
    const collected = node.collect(uuid, {
      prompts: [prompt, 'silence_stream://3000'],
      minDigits: 2,
      maxDigits: 4,
      timeoutMs: 2000,
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    emulator.digits(uuid, '12#');
    expect(await collected).toEqual({ outcome: 'digits', digits: '12' });
  });

  test('brings a customer and an agent together, apart, and together again', async () => {
    const customer = await parkedCustomer();
    expect(await callAgent('agent-1')).toEqual({ outcome: 'answered', uuid: 'agent-1' });
    await node.bridge(customer, 'agent-1');
    await node.unbridge(customer);
    expect(await node.api(`uuid_exists ${customer}`)).toBe('true');
    expect(await node.api('uuid_exists agent-1')).toBe('true');
    await node.bridge(customer, 'agent-1');
    await node.setVariables(customer, { park_after_bridge: 'true' });
    emulator.hangup('agent-1');
    await seen('CHANNEL_HANGUP_COMPLETE', 'agent-1');
    await until(
      () => events.filter((e) => e.name === 'CHANNEL_PARK' && e.uuid === customer).length > 2,
      'the park',
    );
    await node.hangup(customer, 'NORMAL_CLEARING');
  });

  test('learns why a call failed', async () => {
    const call = (uuid: string, endpoint: string) =>
      node.originate({ uuid, endpoint, timeoutSec: 5, callerId: { number: '4001' } });
    emulator.registerPhone('1002', 'cc.test', 'busy');
    emulator.addUser('1003', 'cc.test');
    expect(await call('f1', 'user/1002@cc.test')).toEqual({ outcome: 'failed', cause: 'USER_BUSY' });
    expect(await call('f2', 'user/1003@cc.test')).toEqual({
      outcome: 'failed',
      cause: 'USER_NOT_REGISTERED',
    });
    expect(await call('f3', 'user/9999@cc.test')).toEqual({ outcome: 'failed', cause: 'SUBSCRIBER_ABSENT' });
    expect(await call('f4', 'sofia/gateway/carrier/13900139006')).toEqual({
      outcome: 'failed',
      cause: 'UNALLOCATED_NUMBER',
    });
    expect(await node.isRegistered('1002', 'cc.test')).toBe(true);
    expect(await node.isRegistered('1003', 'cc.test')).toBe(false);
  });

  test('rings a phone that a person answers, or that is told to', async () => {
    emulator.registerPhone('1004', 'cc.test', 'manual');
    const first = node.originate({
      uuid: 'm1',
      endpoint: 'user/1004@cc.test',
      timeoutSec: 5,
      callerId: { number: '1' },
    });
    await seen('CHANNEL_PROGRESS', 'm1');
    await node.pickUp('m1');
    expect(await first).toEqual({ outcome: 'answered', uuid: 'm1' });
    const second = node.originate({
      uuid: 'm2',
      endpoint: 'user/1004@cc.test',
      timeoutSec: 5,
      callerId: { number: '1' },
    });
    await seen('CHANNEL_PROGRESS', 'm2');
    expect(emulator.callsOf('1004', 'cc.test')).toEqual([
      { uuid: 'm1', answered: true },
      { uuid: 'm2', answered: false },
    ]);
    expect(emulator.reject('m2')).toBe(true);
    expect(await second).toEqual({ outcome: 'failed', cause: 'CALL_REJECTED' });
  });

  test('keeps variables of any text', async () => {
    const customer = await parkedCustomer();
    const nasty = `it's "a", b={c} \${x} \\ 50% 张三; 's |:_: end `;
    await node.setVariables(customer, { note: nasty });
    expect(await node.api(`uuid_getvar ${customer} note`)).toBe(nasty);
    const result = await node.originate({
      uuid: 'v1',
      endpoint: 'user/1001@cc.test',
      timeoutSec: 5,
      callerId: { number: '1' },
      variables: { note: nasty },
    });
    expect(result.outcome).toBe('answered');
    expect(await node.api('uuid_getvar v1 note')).toBe(nasty);
  });

  test('records both sides, each on its own channel, and silence while masked', async () => {
    const customer = await parkedCustomer();
    await callAgent('r1');
    await node.bridge(customer, 'r1');
    const path = join(folder, 'deep', 'call.wav');
    await node.startRecording(customer, path);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await node.maskRecording(customer, path, true);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await node.stopRecording(customer, path);
    const wav = readFileSync(path);
    expect(wav.readUInt16LE(22)).toBe(2);
    expect(wav.readUInt32LE(24)).toBe(8000);
    expect(wav.readUInt32LE(40)).toBe(wav.length - 44);
    const energy = (channel: number, from: number, to: number) => {
      let sum = 0;
      for (let i = Math.floor(from * 8000); i < to * 8000; i++)
        sum += Math.abs(wav.readInt16LE(44 + (2 * i + channel) * 2));
      return sum;
    };
    const seconds = (wav.length - 44) / 32_000;
    for (const channel of [0, 1]) {
      expect(energy(channel, 0.05, 0.25)).toBeGreaterThan(100_000);
      expect(energy(channel, seconds - 0.15, seconds - 0.05)).toBe(0);
    }
  });

  test('listens in, and goes into a conference', async () => {
    const customer = await parkedCustomer();
    await callAgent('e1');
    await node.bridge(customer, 'e1');
    emulator.registerPhone('1005', 'cc.test', { answerAfterMs: 40 });
    const supervisor = {
      uuid: 's1',
      endpoint: 'user/1005@cc.test',
      timeoutSec: 5,
      callerId: { number: '1005' },
    };
    expect(await node.eavesdrop({ ...supervisor, target: 'e1', mode: 'whisper' })).toEqual({
      outcome: 'answered',
      uuid: 's1',
    });
    await node.hangup('s1');
    await node.conference(customer, 'room1');
    expect(await node.api('conference room1 list')).toContain('13800138000');
  });

  test('finds its calls again after it was away, and the receipts of those that ended meanwhile', async () => {
    const stays = await parkedCustomer();
    const leaves = await parkedCustomer();
    await node.setVariables(leaves, receiptVariables(leaves));
    await callAgent('back-1');
    await node.bridge(stays, 'back-1');
    await node.stop();
    emulator.hangup(leaves);
    await until(() => !emulator.core.channels.has(leaves), 'the end of the call');
    resyncs = [];
    node = open();
    await connected();
    const truth = resyncs[0];
    expect(truth?.channels.map((c) => c.uuid).sort()).toEqual([stays, 'back-1'].sort());
    expect(truth?.channels.find((c) => c.uuid === stays)).toMatchObject({
      answered: true,
      bridgedTo: 'back-1',
    });
    expect(truth?.receipts).toMatchObject([{ uuid: leaves, cause: 'NORMAL_CLEARING' }]);
    expect(Math.abs((truth?.receipts[0]?.endedAt ?? 0) - Date.now())).toBeLessThan(5000);
    node.forgetReceipt(leaves);
    await until(() => emulator.core.hash.size === 0, 'the receipt to be forgotten');
  });
});
