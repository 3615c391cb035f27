import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, World } from '../chaos/world.ts';
import { BrowserPhone, findChromium } from './harness/browser-phone.ts';
import {
  describeWithFreeSwitch,
  eventually,
  findProgram,
  parseWav,
  startSipp,
  toneIn,
} from './harness/index.ts';
import { type RealAgentPhone, type RealCall, type RealSwitch, realSwitch } from './real-switch.ts';

/** How far a time in a record may be from the switch's own. */
const NEAR_MS = 100;
const HOTLINE = '4008001234';
/** Amplitude of a tone in a recording; the phones send 8,000. */
const CLEAR = 4_000;
const FAINT = 200;

interface Step {
  readonly kind: string;
  readonly at: number;
  readonly legId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
interface CallView {
  readonly id: string;
  readonly startedAt: number;
  readonly answeredAt: number;
  readonly endedAt: number;
  readonly outcome: string;
  readonly fromName: string;
  readonly queueName: string | null;
  readonly waitMs: number;
  readonly talkMs: number;
  readonly holdMs: number;
  readonly steps: readonly Step[];
}
interface RecordingView {
  readonly id: string;
  readonly state: string;
  readonly ms: number;
}

describeWithFreeSwitch('The product on a real FreeSWITCH', () => {
  let real: RealSwitch;
  let world: World;
  let amy: Agent & { readonly desk: RealAgentPhone };
  let ben: Agent & { readonly desk: RealAgentPhone };
  let numbers: { readonly amy: string; readonly queue: string; readonly menu: string };

  beforeAll(async () => {
    real = await realSwitch();
    world = await World.begin(real);
    const atDesk = async (name: string) => {
      const agent = await world.agent(name);
      return { ...agent, desk: real.phone(agent.number) };
    };
    amy = await atDesk('amy');
    ben = await atDesk('ben');
    const queueId = await world.queue('Desk', [amy, ben]);
    const admin = await world.as('admin@acme');
    await admin.send('PATCH', `/api/acd/queues/${queueId}`, { ringSeconds: 2, noAnswerRestSeconds: 60 });
    numbers = {
      amy: await world.number('4008009011', 'extension', { number: amy.number }),
      queue: await world.number('4008009012', 'queue', { queueId }),
      menu: await world.number('4008009013', 'ivr', { flowId: await world.menu('Desk', queueId) }),
    };
  });
  afterAll(() => world?.stop());
  afterEach(async () => {
    try {
      await world.settled();
    } finally {
      await real.watch.api('hupall');
      for (const agent of [amy, ben]) await agent.presence('signed-out');
    }
  });

  const viewOf = async (from: string): Promise<CallView> => {
    const { id } = await world.closedRecord(from);
    return await (await world.as('admin@acme')).get<CallView>(`/api/telephony/calls/${id}`);
  };
  const step = ({ steps }: CallView, kind: string, legId?: string): Step => {
    const found = steps.find((one) => one.kind === kind && (legId === undefined || one.legId === legId));
    if (!found) throw new Error(`no ${kind} in ${steps.map((one) => one.kind).join(', ')}`);
    return found;
  };

  describe('a whole call', () => {
    it.skipIf(!findProgram('sipp'))(
      '[ivr-19] [recording-01] [recording-04] leads a customer by his key to an agent, and its record is true',
      async () => {
        const { fs, watch } = real;
        const chloe = await world.as('chloe@acme');
        const { number, domain, password } = await world.account('chloe');
        const peer = { address: fs.host, port: fs.ports.internal };
        const registration = await startSipp({
          scenario: 'agent-register',
          peer,
          fields: [[number, domain, `[authentication username=${number} password=${password}]`]],
        });
        await registration.finished();
        await chloe.send('PUT', '/api/acd/me', { presence: 'available' });
        const agent = await startSipp({
          scenario: 'agent-answer',
          peer,
          port: registration.port,
          keys: { ring_ms: '500' },
          tone: 660,
        });
        const from = '13800138000';
        const customer = await startSipp({
          scenario: 'customer',
          peer: { address: fs.host, port: fs.ports.trunk },
          service: HOTLINE,
          fields: [[from]],
          keys: { digits: '1', talk_ms: '5000' },
          tone: 440,
        });
        await Promise.all([customer.finished(), agent.finished()]);
        const call = await viewOf(from);
        expect(call).toMatchObject({ outcome: 'connected', agentUserId: chloe.id });

        const [caller = '', desk = ''] = call.steps.flatMap(({ kind, legId }) =>
          kind === 'leg-answered' && legId !== null ? [legId] : [],
        );
        const truth = async (uuid: string) => {
          const event = await watch.event('CHANNEL_HANGUP_COMPLETE', uuid);
          const time = (name: string) => Number(event.get(`Caller-Channel-${name}-Time`)) / 1_000;
          return {
            at: time('Created'),
            answered: time('Answered'),
            bridged: time('Bridged'),
            ended: time('Hangup'),
          };
        };
        const [hisTruth, herTruth] = [await truth(caller), await truth(desk)];
        const talkBegan = Math.max(hisTruth.bridged, herTruth.bridged);
        const talkEnded = Math.min(hisTruth.ended, herTruth.ended);
        const differences = {
          arrival: call.startedAt - hisTruth.at,
          'answer of the customer': step(call, 'leg-answered', caller).at - hisTruth.answered,
          'begin of the ringing': step(call, 'leg-created', desk).at - herTruth.at,
          'answer of the agent': step(call, 'leg-answered', desk).at - herTruth.answered,
          'begin of the talk': call.answeredAt - talkBegan,
          'end of the talk': step(call, 'talk-ended').at - talkEnded,
          'end of the customer': step(call, 'leg-ended', caller).at - hisTruth.ended,
          'end of the agent': step(call, 'leg-ended', desk).at - herTruth.ended,
          'end of the call': call.endedAt - Math.max(hisTruth.ended, herTruth.ended),
          'length of the talk': call.talkMs - (talkEnded - talkBegan),
        };
        const wrong = Object.entries(differences).filter(([, ms]) => !(Math.abs(ms) < NEAR_MS));
        expect(wrong).toEqual([]);

        const [recording] = await stored(call.id);
        expect(recording?.state).toBe('stored');
        const sound = await audioOf(recording?.id ?? '');
        expect(sound.channels).toHaveLength(2);
        // Voice begins with the key's half second and ends with the talk: the middle has both for sure.
        const [begin, end] = [0.5, sound.seconds - 0.5];
        expect(toneIn(sound, 0, 440, begin, end)).toBeGreaterThan(CLEAR);
        expect(toneIn(sound, 1, 660, begin, end)).toBeGreaterThan(CLEAR);
        expect(toneIn(sound, 0, 660, begin, end)).toBeLessThan(FAINT);
        expect(toneIn(sound, 1, 440, begin, end)).toBeLessThan(FAINT);
        expect(Math.abs(sound.seconds * 1_000 - call.talkMs)).toBeLessThan(300);
        await chloe.send('POST', '/api/acd/me/wrap-up/end');
        await chloe.send('PUT', '/api/acd/me', { presence: 'signed-out' });
      },
    );

    it('speaks its prompts with a real voice', async () => {
      const spoken = world.rows<{ adapter: string; text: string }>(
        'SELECT adapter, text FROM telephony_prompt',
      );
      expect(spoken.map(({ text }) => text).join()).toContain('销售');
      expect(new Set(spoken.map(({ adapter }) => adapter))).toEqual(new Set(['espeak-ng']));
      const caller = await real.dial(HOTLINE, '13800138001');
      await caller.sip.hearsSomething();
      await caller.hangup();
    });
  });

  describe('a talk', () => {
    it('[telephony-27] can be held: the customer hears music, the agent nothing', async () => {
      const { caller, desk, id } = await talk('13800138010');
      await bothHear(caller, desk);
      await amy.send('POST', `/api/telephony/calls/${id}/hold`);
      await caller.sip.doesNotHear(amy.desk.sip.tone);
      await caller.sip.hearsSomething();
      await desk.sip.doesNotHear();
      await amy.send('POST', `/api/telephony/calls/${id}/resume`);
      await bothHear(caller, desk);
      await desk.hangup();
      const call = await viewOf('13800138010');
      const [held, resumed] = [step(call, 'held').at, step(call, 'resumed').at];
      expect(Math.abs(call.holdMs - (resumed - held))).toBeLessThan(NEAR_MS);
      const bridges = real.watch.events.filter(
        ({ name, uuid }) => name === 'CHANNEL_BRIDGE' && [caller.uuid, desk.uuid].includes(uuid ?? ''),
      );
      expect(bridges).toHaveLength(2);
      expect(Math.abs(resumed - (bridges[1]?.timestamp ?? 0))).toBeLessThan(NEAR_MS);
    });

    it('begins when the agent answers in his browser: his phone picks up', async () => {
      const caller = await real.dial(numbers.amy, '13800138013');
      const desk = await amy.desk.rings();
      const [call] = world.rows<{ id: string }>('SELECT id FROM core_call');
      await amy.send('POST', `/api/telephony/calls/${call?.id}/answer`);
      await bothHear(caller, desk);
      await caller.hangup();
      await expectTrueEnd('13800138013', [caller, desk], 'connected');
    });

    it.skipIf(!findChromium())('is heard by an agent whose phone is a browser', async () => {
      const account = await world.account('emma');
      real.fs.directory.accounts.set(`${account.number}@${account.domain}`, account);
      const browser = await BrowserPhone.open(real.fs, account.number, account.domain);
      try {
        await browser.registered();
        const number = await world.number('4008009016', 'extension', { number: account.number });
        const caller = await real.dial(number, '13800138014');
        await browser.ringing();
        await browser.answer();
        await Promise.all([browser.hearsSomething(), caller.sip.hearsSomething()]);
        await browser.hangup();
        await caller.sip.ended();
        await expectTrueEnd('13800138014', [caller], 'connected');
      } finally {
        await browser.close();
      }
    });

    it('is ended by the agent who hangs up, at his phone or in his browser', async () => {
      const first = await talk('13800138011');
      await first.desk.hangup();
      await first.caller.sip.ended();
      await expectTrueEnd('13800138011', [first.caller, first.desk], 'connected');
      const second = await talk('13800138012');
      await amy.send('POST', `/api/telephony/calls/${second.id}/hangup`);
      await second.caller.sip.ended();
      await expectTrueEnd('13800138012', [second.caller, second.desk], 'connected');
    });
  });

  describe('an agent who dials a colleague', () => {
    it('at his phone, with its password, is put through', async () => {
      const own = await amy.desk.sip.call(ben.number);
      const colleague = await ben.desk.rings();
      expect(colleague.sip.from).toBe(amy.number);
      await colleague.answer();
      await own.answered();
      await Promise.all([own.hears(ben.desk.sip.tone), colleague.sip.hears(amy.desk.sip.tone)]);
      await own.hangup();
      await colleague.sip.ended();
      expect(await world.closedRecord(amy.number)).toMatchObject({
        outcome: 'connected',
        agentUserId: amy.id,
      });
    });

    it('in his browser, is rung first, with the word to pick up by itself', async () => {
      await amy.send('POST', '/api/telephony/dial', { number: ben.number });
      const own = await amy.desk.sip.incoming();
      const answersItself = own.header('Call-Info') + own.header('Alert-Info');
      own.answer();
      const colleague = await ben.desk.rings();
      await colleague.answer();
      await Promise.all([own.hears(ben.desk.sip.tone), colleague.sip.hears(amy.desk.sip.tone)]);
      expect(answersItself).toMatch(/answer-after=0|auto/i);
      await colleague.hangup();
      await own.ended();
    });
  });

  describe('a customer who hangs up', () => {
    it('in the menu has reached nobody', async () => {
      const caller = await real.dial(numbers.menu, '13800138020');
      await caller.sip.hearsSomething();
      await caller.hangup();
      await expectTrueEnd('13800138020', [caller], 'not-answered-in-ivr');
    });

    it('before the menu has begun leaves nothing behind', async () => {
      const caller = await real.dial(numbers.menu, '13800138021');
      await caller.hangup();
      // Whether the flow had been entered in that moment is a matter of milliseconds; both are true.
      await expectTrueEnd('13800138021', [caller], 'not-answered-in-ivr', 'abandoned');
    });

    it('in the queue has given up', async () => {
      const caller = await real.dial(numbers.queue, '13800138022');
      await caller.sip.hearsSomething();
      await caller.hangup();
      await expectTrueEnd('13800138022', [caller], 'abandoned-in-queue');
    });

    it('while the phone of the agent rings stops the ringing', async () => {
      await amy.presence('available');
      const caller = await real.dial(numbers.queue, '13800138023');
      const desk = await amy.desk.rings();
      await caller.hangup();
      await desk.sip.ended();
      expect(desk.sip.status).toBe(487);
      await expectTrueEnd('13800138023', [caller, desk], 'ring-no-answer');
    });

    it('in the talk ends it', async () => {
      const { caller, desk } = await talk('13800138024');
      await bothHear(caller, desk);
      await caller.hangup();
      await desk.sip.ended();
      await expectTrueEnd('13800138024', [caller, desk], 'connected');
    });

    it('on hold ends it', async () => {
      const { caller, desk, id } = await talk('13800138025');
      await amy.send('POST', `/api/telephony/calls/${id}/hold`);
      await caller.hangup();
      await desk.sip.ended();
      await expectTrueEnd('13800138025', [caller, desk], 'connected');
    });
  });

  describe('an agent who does not take the call', () => {
    it.each([
      ['rejects it at his phone', '1', async (desk: RealCall) => desk.sip.reject(486)],
      ['lets it ring', '2', async () => undefined],
      ['hangs up while it rings, in his browser', '3', refuseInBrowser],
    ] as const)(
      '[acd-38] and %s sends the customer back, before those who wait',
      async (_, digit, refuse) => {
        const first = await waits(`1380013803${digit}`);
        const second = await waits(`1380013804${digit}`);
        await amy.presence('available');
        const lost = await amy.desk.rings();
        await refuse(lost);
        await lost.sip.ended();
        await eventually(
          () => world.rows("SELECT id FROM acd_contact WHERE state = 'waiting'").length === 2,
          'both to wait',
        );
        await ben.presence('available');
        const desk = await ben.desk.rings();
        await desk.answer();
        await bothHear(first, desk);
        await second.hangup();
        await desk.hangup();
        await expectTrueEnd(`1380013803${digit}`, [first, desk, lost], 'connected');
        await expectTrueEnd(`1380013804${digit}`, [second], 'abandoned-in-queue');
      },
    );

    it('because his phone is switched off is not rung, and the next one is', async () => {
      const { id: absent } = await world.as('chloe@acme');
      const admin = await world.as('admin@acme');
      const queueId = await world.queue('Absent', [ben]);
      const members = [absent, ben.id].map((userId) => ({ userId, level: 5 }));
      await admin.send('PUT', `/api/acd/queues/${queueId}/members`, { members });
      const number = await world.number('4008009014', 'queue', { queueId });
      const chloe = await world.as('chloe@acme');
      await real.fs.api(
        `sofia profile internal flush_inbound_reg ${(await world.account('chloe')).number}@acme.jackfield.local`,
      );
      await chloe.send('PUT', '/api/acd/me', { presence: 'available' });
      await ben.presence('available');
      const caller = await real.dial(number, '13800138050');
      const desk = await ben.desk.rings();
      await desk.answer();
      await bothHear(caller, desk);
      await desk.hangup();
      await expectTrueEnd('13800138050', [caller, desk], 'connected');
      await chloe.send('PUT', '/api/acd/me', { presence: 'signed-out' });
    });

    it('because no phone has his extension ends the call of who dialled it, at once', async () => {
      const { number } = await world.account('david');
      const dialled = await world.number('4008009015', 'extension', { number });
      const caller = await real.dial(dialled, '13800138051');
      await caller.sip.ended();
      const { outcome } = await viewOf('13800138051');
      expect(outcome).not.toBe('connected');
      await expectTrueEnd('13800138051', [caller], outcome);
    });
  });

  describe('what a caller sends', () => {
    it('[ivr-17] [ivr-18] may be keys that the menu does not have: he is told, and hung up after one too many', async () => {
      const caller = await real.dial(HOTLINE, '13800138060');
      for (const isLast of [false, false, true]) {
        await caller.sip.hearsSomething();
        const { mark } = real.watch;
        await caller.press('7');
        if (isLast) break;
        const told = await real.watch.event('PLAYBACK_START', caller.uuid, mark);
        const [prompt] = world.rows<{ path: string }>(
          "SELECT path FROM telephony_prompt WHERE text = '按键有误，请重新选择。'",
        );
        expect(told.get('Playback-File-Path')).toContain(prompt?.path);
      }
      await caller.sip.ended();
      const call = await viewOf('13800138060');
      expect(call.steps.filter(({ kind }) => kind === 'ivr.keys').map(({ data }) => data.digits)).toEqual([
        '7',
        '7',
        '7',
      ]);
      await expectTrueEnd('13800138060', [caller], 'not-answered-in-ivr');
    });

    it('may be a name in GBK: the call goes its way, and the name is read', async () => {
      const gbk = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]).toString('latin1'); // 张三
      const caller = await real.dial(numbers.amy, '13800138061', { name: `Li ${gbk}`, encoding: 'latin1' });
      const desk = await amy.desk.rings();
      await desk.answer();
      await bothHear(caller, desk);
      await caller.hangup();
      await expectTrueEnd('13800138061', [caller, desk], 'connected');
      const { fromName } = await viewOf('13800138061');
      expect(fromName).toBe('Li 张三');
    });
  });

  /** A customer who talks with Amy, over the number of her extension, and the server knows it. */
  async function talk(from: string): Promise<{ caller: RealCall; desk: RealCall; id: string }> {
    const caller = await real.dial(numbers.amy, from);
    const desk = await amy.desk.rings();
    await desk.answer();
    await world.untilStored(from, 'talking', ({ legs }) => legs[0]?.talksWith === desk.uuid);
    return { caller, desk, id: world.record(from)?.id ?? '' };
  }

  async function waits(from: string): Promise<RealCall> {
    const caller = await real.dial(numbers.queue, from);
    await world.untilStored(from, 'waiting', ({ position }) => position.ref?.kind === 'queue');
    await caller.sip.hearsSomething();
    return caller;
  }

  async function bothHear(caller: RealCall, desk: RealCall): Promise<void> {
    const agent = [amy, ben].find(({ desk: { sip } }) => sip.calls.includes(desk.sip));
    await Promise.all([caller.sip.hears(agent?.desk.sip.tone ?? 0), desk.sip.hears(440)]);
  }

  async function refuseInBrowser(desk: RealCall): Promise<void> {
    const calls = world.rows<{ id: string; state: string }>('SELECT id, state FROM core_call');
    const call = calls.find(({ state }) => state.includes(desk.uuid));
    await amy.send('POST', `/api/telephony/calls/${call?.id}/hangup`);
  }

  async function expectTrueEnd(
    from: string,
    calls: readonly RealCall[],
    ...outcomes: readonly string[]
  ): Promise<void> {
    const ends = await Promise.all(calls.map(({ uuid }) => real.watch.end(uuid)));
    const record = await world.closedRecord(from);
    expect(outcomes).toContain(record.outcome);
    expect(Math.abs(record.endedAt - Math.max(...ends.map(({ at }) => at)))).toBeLessThan(NEAR_MS);
  }

  async function stored(callId: string): Promise<RecordingView[]> {
    const admin = await world.as('admin@acme');
    return await eventually(async () => {
      const { items } = await admin.get<{ items: RecordingView[] }>(`/api/recording/of-call/${callId}`);
      return items.length > 0 && items.every(({ state }) => state !== 'recording') && items;
    }, `the recording of ${callId}`);
  }

  async function audioOf(id: string) {
    const admin = await world.as('admin@acme');
    return parseWav(await admin.bytes(`/api/recording/${id}/audio`), id);
  }
});
