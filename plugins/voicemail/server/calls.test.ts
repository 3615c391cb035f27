import { fakeClock, type TestDatabase, testDatabases, until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BEEP, type Caller, type Office, openOffice } from './testing/office.fixture.ts';

describe.each(testDatabases())('a caller who reaches a box, on $name', ({ open }) => {
  let database: TestDatabase;
  let office: Office;
  beforeAll(async () => {
    database = await open();
    office = await openOffice({ env: { DATABASE_URL: database.url } });
  });
  afterAll(async () => {
    await office.stop();
    await database.drop();
  });

  it('[voicemail-01] [voicemail-08] [telephony-52] hears greeting and beep, speaks, presses #, is thanked and hung up', async () => {
    const caller = office.dial();
    await caller.hears(BEEP);
    expect(caller.played).toHaveLength(2);
    await caller.speaks(1_200);
    caller.press('#');
    expect(await caller.outcome()).toBe('voicemail-left');
    const message = await caller.message();
    expect(message).toMatchObject({ state: 'stored', boxName: 'Sales', heardAt: null, heardBy: null });
    expect(message.ms).toBeGreaterThan(1_100);
    expect(message.ms).toBeLessThan(2_500);
    // After the beep silence, and then the thanks: a file again.
    expect(caller.played.at(-1)).toMatch(/\.wav$/);
    expect(await office.leftFiles()).toEqual([]);
  });

  it('[voicemail-01] ends his message by hanging up', async () => {
    const caller = office.dial();
    await caller.speaks(1_200);
    caller.hangUp();
    expect(await caller.outcome()).toBe('voicemail-left');
    expect(await caller.message()).toMatchObject({ state: 'stored' });
    expect((await caller.steps()).filter(({ kind }) => kind === 'outcome')).toHaveLength(1);
  });

  it('may press other keys while he speaks', async () => {
    const caller = office.dial();
    await caller.speaks(500);
    caller.press('5*');
    await caller.speaks(700);
    expect(caller.isRecorded()).toBe(true);
    caller.hangUp();
    expect((await caller.message()).ms).toBeGreaterThan(1_100);
  });

  it.each([
    ['with #', (caller: Caller) => caller.press('#')],
    ['by hanging up', (caller: Caller) => caller.hangUp()],
  ])('leaves nothing when he ends within a second, %s', async (_how, end) => {
    const before = (await office.messages()).length;
    const caller = office.dial();
    await caller.speaks(200);
    end(caller);
    expect(await caller.outcome()).toBe('abandoned');
    await until('the file is gone', async () => (await office.leftFiles()).length === 0);
    expect(await office.messages()).toHaveLength(before);
  });

  it.each([
    ['before the greeting', async (caller: Caller) => void (await caller.isKnown())],
    ['in the greeting', async (caller: Caller) => void (await caller.hearsAnything())],
    ['in the beep', async (caller: Caller) => void (await caller.hears(BEEP))],
  ])('leaves nothing when he hangs up %s', async (_when, wait) => {
    const before = (await office.messages()).length;
    const caller = office.dial();
    await wait(caller);
    caller.hangUp();
    expect(await caller.outcome()).toBe('abandoned');
    expect(await office.messages()).toHaveLength(before);
    expect(await office.leftFiles()).toEqual([]);
    expect(caller.isThere()).toBe(false);
  });

  it('is told so, and hung up, when the box takes no messages', async () => {
    const { id: _id, ...values } = office.box;
    const path = `/api/voicemail/boxes/${office.box.id}`;
    await office.admin.put(path, { ...values, enabled: false });
    const caller = office.dial();
    await caller.hearsAnything();
    expect(await caller.outcome()).toBe('rejected');
    expect(caller.played).toHaveLength(1);
    expect((await caller.steps()).map(({ kind }) => kind)).toContain('voicemail.closed');
    await office.admin.put(path, values);
  });

  it('cannot be recorded when the switch refuses: his call ends, and leaves no message', async () => {
    const before = (await office.messages()).length;
    const files = office.emulator.core.options.recordings;
    const openFile = files.open.bind(files);
    files.open = () => null;
    const caller = office.dial();
    expect(await caller.outcome()).toBe('failed');
    files.open = openFile;
    expect(await office.messages()).toHaveLength(before);
  });
});

describe('the longest message', () => {
  it('ends it, with thanks', async () => {
    const clock = fakeClock(Date.now());
    const office = await openOffice({ clock });
    try {
      const caller = office.dial();
      await caller.speaks(1_100);
      await clock.advance(office.box.maxSeconds * 1_000 - 1_000);
      expect(caller.isRecorded()).toBe(true);
      await clock.advance(1_000);
      await until('it is over', () => !caller.isRecorded());
      expect(await caller.outcome()).toBe('voicemail-left');
      expect(await caller.message()).toMatchObject({ state: 'stored' });
      expect(caller.played.at(-1)).toMatch(/\.wav$/);
    } finally {
      await office.stop();
    }
  });
});
