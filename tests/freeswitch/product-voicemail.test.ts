import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from '../chaos/world.ts';
import { describeWithFreeSwitch, eventually, parseWav, toneIn, type Wav } from './harness/index.ts';
import { type RealCall, type RealSwitch, realSwitch } from './real-switch.ts';

const CUSTOMER_TONE = 440;
const BEEP_TONE = 1_000;
/** Amplitude of a tone in a recording; the phones send 8,000. */
const CLEAR = 4_000;
const FAINT = 200;
/** What the switch may lose of a message at its begin and its end. */
const LOST_MS = 300;

interface Message {
  readonly id: string;
  readonly state: string;
  readonly ms: number;
  readonly boxName: string;
}

describeWithFreeSwitch('A caller who leaves a message on a real FreeSWITCH', () => {
  let real: RealSwitch;
  let world: World;
  let number: string;

  beforeAll(async () => {
    real = await realSwitch();
    world = await World.begin(real);
    const admin = await world.as('admin@acme');
    const { id: boxId } = await admin.send<{ id: string }>('POST', '/api/voicemail/boxes', {
      name: 'Night',
      greeting: 'Hi.',
      locale: 'en',
    });
    number = await world.number('4008009061', 'voicemail', { boxId });
  });
  afterAll(() => world?.stop());
  afterEach(async () => {
    await world.settled();
    const admin = await world.as('admin@acme');
    for (const { id } of await messages()) await admin.send('DELETE', `/api/voicemail/messages/${id}`);
  });

  it('[voicemail-01] [voicemail-05] [telephony-52] is heard in it, and nothing but him', async () => {
    const caller = await real.dial(number, '13800138201');
    await caller.sip.hears(BEEP_TONE);
    await speaks(caller, 3_000);
    const { mark } = real.watch;
    await caller.press('#');
    const stopped = await real.watch.event('RECORD_STOP', caller.uuid, mark);
    await caller.sip.hearsSomething();
    await caller.sip.ended();
    expect(await world.closedRecord('13800138201')).toMatchObject({ outcome: 'voicemail-left' });
    const message = await theMessage();
    expect(message).toMatchObject({ state: 'stored', boxName: 'Night' });
    expect(message.ms).toBeGreaterThan(3_000 - LOST_MS);
    expect(Math.abs(message.ms - Number(stopped.variable('record_ms')))).toBeLessThan(50);
    const sound = await soundOf(message);
    expect(sound.channels).toHaveLength(1);
    expect(toneIn(sound, 0, CUSTOMER_TONE)).toBeGreaterThan(CLEAR);
    // Neither the end of the beep nor the thanks are part of his message.
    expect(toneIn(sound, 0, BEEP_TONE, 0, 0.3)).toBeLessThan(FAINT);
    expect(toneIn(sound, 0, CUSTOMER_TONE, sound.seconds - 0.5)).toBeGreaterThan(CLEAR);
  });

  it('[voicemail-01] may hang up when he has spoken', async () => {
    const caller = await real.dial(number, '13800138202');
    await speaks(caller, 2_000);
    await caller.hangup();
    expect(await world.closedRecord('13800138202')).toMatchObject({ outcome: 'voicemail-left' });
    const message = await theMessage();
    expect(message.ms).toBeGreaterThan(2_000 - LOST_MS);
    expect(toneIn(await soundOf(message), 0, CUSTOMER_TONE)).toBeGreaterThan(CLEAR);
  });

  it.each([
    ['in the greeting', '13800138203', async (caller: RealCall) => caller.sip.hearsSomething()],
    ['in the beep', '13800138204', async (caller: RealCall) => caller.sip.hears(BEEP_TONE)],
    [
      'as soon as it records',
      '13800138205',
      async ({ uuid }: RealCall) => void (await real.watch.event('RECORD_START', uuid)),
    ],
  ])('and hangs up %s leaves none, and nothing behind', async (_when, from, wait) => {
    const caller = await real.dial(number, from);
    await wait(caller);
    await caller.hangup();
    expect(await world.closedRecord(from)).toMatchObject({ outcome: 'abandoned' });
    await eventually(
      () => world.rows('SELECT id FROM voicemail_message').length === 0,
      'no message to be left',
    );
  });

  describe('while the server is killed', () => {
    it('[voicemail-01] speaks on, and his message is kept once, with all that he said', async () => {
      const caller = await real.dial(number, '13800138206');
      await speaks(caller, 1_000);
      await world.untilStored('13800138206', 'speaking', isSpeaking);
      await world.crash(async () => speaks(caller, 1_000));
      await speaks(caller, 1_000);
      // The keys of a caller are heard from the moment the server has taken up his call.
      await world.untilStep('13800138206', 'resumed-after-restart');
      await eventually(async () => {
        if (caller.sip.state !== 'ended') await caller.press('#');
        return caller.sip.state === 'ended';
      }, 'his # to be heard');
      expect(await world.closedRecord('13800138206')).toMatchObject({ outcome: 'voicemail-left' });
      const message = await theMessage();
      const sound = await soundOf(message);
      expect(sound.seconds).toBeGreaterThan(3 - LOST_MS / 1_000);
      for (let at = 0; at + 1 <= sound.seconds; at += 1)
        expect(toneIn(sound, 0, CUSTOMER_TONE, at, at + 1), `second ${at}`).toBeGreaterThan(CLEAR);
    });

    it('[voicemail-01] and hangs up has left a message', async () => {
      const caller = await real.dial(number, '13800138207');
      // Until it is certain that there is a message.
      await speaks(caller, 1_000);
      await world.untilStep('13800138207', 'outcome');
      await world.crash(() => caller.hangup());
      expect(await world.closedRecord('13800138207')).toMatchObject({ outcome: 'voicemail-left' });
      const message = await theMessage();
      expect(message.state).toBe('stored');
      expect(toneIn(await soundOf(message), 0, CUSTOMER_TONE)).toBeGreaterThan(CLEAR);
    });
  });

  const isSpeaking = ({ position }: { readonly position: { readonly state?: unknown } }) =>
    JSON.stringify(position.state).includes('speaking');

  /** Resolves when so much of what he says is recorded. */
  async function speaks({ uuid }: RealCall, ms: number): Promise<void> {
    await real.watch.event('RECORD_START', uuid);
    const since = performance.now();
    await eventually(() => performance.now() - since >= ms, 'him to have spoken');
  }
  async function messages(): Promise<readonly Message[]> {
    const admin = await world.as('admin@acme');
    return (await admin.get<{ items: Message[] }>('/api/voicemail/messages')).items;
  }
  async function theMessage(): Promise<Message> {
    const found = await eventually(
      async () => {
        const items = await messages();
        return items.length > 0 && items;
      },
      'the message',
      20_000,
    );
    expect(found).toHaveLength(1);
    const [message] = found;
    if (!message) throw new Error('there is no message');
    return message;
  }
  async function soundOf({ id }: Message): Promise<Wav> {
    const admin = await world.as('admin@acme');
    return parseWav(await admin.bytes(`/api/voicemail/messages/${id}/audio`), id);
  }
});
