import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrowserPhone, findChromium } from './harness/browser-phone.ts';
import {
  describeWithFreeSwitch,
  type FreeSwitchServer,
  type SipPhone,
  startFreeSwitch,
  WatchedNode,
} from './harness/index.ts';

const chromium = findChromium();

describeWithFreeSwitch('An agent with a softphone in the browser', () => {
  let fs: FreeSwitchServer;
  let watched: WatchedNode;
  let browser: BrowserPhone;
  let customer: SipPhone;

  beforeAll(async () => {
    if (!chromium) return;
    fs = await startFreeSwitch();
    watched = await WatchedNode.on(fs);
    customer = await fs.phone({ number: '13800138000', tone: 440 });
    browser = await BrowserPhone.open(fs, '1001');
    await browser.registered();
  });
  afterAll(async () => {
    await browser?.close();
    await watched?.close();
    await fs?.stop();
  });

  it.skipIf(!chromium).each([
    ['as the switch offers, without transcoding', {}, 'audio/PCMA'],
    ['in Opus', { absolute_codec_string: 'OPUS' }, 'audio/opus'],
  ] as [string, Record<string, string>, string][])('talks both ways %s', async (_, variables, codec) => {
    expect(await watched.node.isRegistered('1001', fs.domain)).toBe(true);
    const { call, uuid } = await watched.answered(customer);
    const leg = randomUUID();
    const callerId = { number: '13800138000' };
    const answer = watched.node.originate({
      uuid: leg,
      endpoint: 'user/1001@acme.test',
      timeoutSec: 20,
      callerId,
      variables,
    });
    await browser.ringing();
    await browser.answer();
    expect(await answer).toEqual({ outcome: 'answered', uuid: leg });
    await watched.node.bridge(uuid, leg);
    expect(await browser.hearsSomething()).toBe(codec);
    await call.hearsSomething();
    await call.hangup();
    await browser.ended();
    await fs.idle();
  });
});
