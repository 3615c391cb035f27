import { copyFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FakeClock, fakeClock, startTestSwitch, type TestSwitch, until } from '@jackfield/core/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEEP, type Office, openOffice, reopenOffice } from './testing/office.fixture.ts';

/** The server stops without a word to its calls, as when it is killed: they go on in the switch. */
describe('a server that goes away', () => {
  let sw: TestSwitch;
  let clock: FakeClock;
  let before: Office;
  let after: Awaited<ReturnType<typeof reopenOffice>> | null = null;
  beforeEach(async () => {
    sw = await startTestSwitch();
    clock = fakeClock(Date.now());
    before = await openOffice({ env: { FREESWITCH_URL: sw.url }, clock }, sw.emulator);
  });
  afterEach(async () => {
    await after?.stop();
    after = null;
    await sw.stop();
  });

  it('while a caller speaks goes on with the message that he has begun, and keeps it once', async () => {
    const caller = before.dial();
    await caller.speaks(700);
    const silence = before.playingTo(caller.uuid);
    await before.app.stop();
    expect(caller.isRecorded()).toBe(true);

    after = await reopenOffice(before);
    expect(caller.isRecorded()).toBe(true);
    const again = after.follow(caller);
    await again.isListening(silence);
    caller.press('#');
    expect(await again.outcome()).toBe('voicemail-left');
    expect(await again.message()).toMatchObject({ state: 'stored' });
    expect((await again.message()).ms).toBeGreaterThan(700);
    expect(await after.messages()).toHaveLength(1);
    expect(await after.leftFiles()).toEqual([]);
  });

  it('finds the message of a caller who hung up meanwhile', async () => {
    const caller = before.dial();
    await caller.speaks(1_200);
    // So long that it is certain that there is a message.
    await clock.advance(2_000);
    await before.app.stop();
    caller.hangUp();
    await until('the call is over', () => !caller.isThere());

    after = await reopenOffice(before);
    const again = after.follow(caller);
    expect(await again.outcome()).toBe('voicemail-left');
    const office = after;
    await until('it is settled', async () => {
      await clock.advance(1_000);
      return (await office.messages()).length === 1;
    });
    expect(await again.message()).toMatchObject({ state: 'stored' });
    expect(await after.leftFiles()).toEqual([]);
  });

  it('in the greeting greets again', async () => {
    const caller = before.dial();
    await caller.hearsAnything();
    await before.app.stop();
    const heard = caller.played.length;

    after = await reopenOffice(before);
    await until('he is greeted again', () => caller.played.slice(heard).some((one) => one.includes(BEEP)));
    await caller.speaks(1_100);
    caller.hangUp();
    const again = after.follow(caller);
    expect(await again.outcome()).toBe('voicemail-left');
    expect(await again.message()).toMatchObject({ state: 'stored' });
  });

  it('while it thanks him does not record him again', async () => {
    const caller = before.dial();
    await caller.speaks(1_200);
    caller.press('#');
    await until('he is thanked', () => /\.wav$/.test(caller.played.at(-1) ?? '') && caller.played.length > 2);
    const [message] = await before.messages();
    await before.app.stop();

    after = await reopenOffice(before);
    const again = after.follow(caller);
    expect(await again.outcome()).toBe('voicemail-left');
    expect(await after.messages()).toEqual([message]);
  });
});

describe('a file that is not there when the message is over', () => {
  it('is looked for again, and the message can be heard when it comes', async () => {
    const clock = fakeClock(Date.now());
    const office = await openOffice({ clock });
    try {
      const caller = office.dial();
      await caller.speaks(1_500);
      const [name = ''] = await office.leftFiles();
      const path = join(office.app.dataDir, 'media/recordings', office.app.tenant('acme'), name);
      await until('there is sound in it', async () => (await stat(path)).size > 16_044);
      const late = join(office.app.dataDir, 'late.wav');
      await copyFile(path, late);
      await rm(path);
      caller.hangUp();
      const { id } = await caller.message();
      expect(await office.messages()).toMatchObject([{ state: 'missing', ms: null }]);
      expect(await office.admin.get(`/api/voicemail/messages/${id}/audio`)).toMatchObject({
        status: 409,
        body: { code: 'CONFLICT', details: { state: 'missing' } },
      });

      await copyFile(late, path);
      await until('the job finds it', async () => {
        await clock.advance(1_000);
        return (await office.messages())[0]?.state === 'stored';
      });
    } finally {
      await office.stop();
    }
  });
});
