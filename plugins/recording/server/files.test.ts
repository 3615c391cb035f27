import { copyFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fakeClock, startTestSwitch, type TestApp, until } from '@jackfield/core/test-kit';
import { describe, expect, it } from 'vitest';
import { openOffice, reopenOffice } from './testing/office.fixture.ts';

/** The files that the switch has left for a tenant. */
async function filesOf(app: TestApp): Promise<string[]> {
  const folder = join(app.dataDir, 'media/recordings', app.tenant('acme'));
  return (await readdir(folder)).map((name) => join(folder, name));
}

describe('a file that is not there when the talk is over', () => {
  it('is shown as missing, looked for again, and stored when it comes', async () => {
    const clock = fakeClock(Date.now());
    const office = await openOffice({ clock });
    try {
      const { caller, callId } = await office.talk();
      const [path] = await filesOf(office.app);
      if (!path) throw new Error('the switch writes no file');
      await until('there is sound in it', async () => (await stat(path)).size > 1_000);
      const late = join(office.app.dataDir, 'late.wav');
      await copyFile(path, late);
      await rm(path);
      office.emulator.hangup(caller);
      await until('it is missing', async () => (await office.recordings(callId))[0]?.state === 'missing');
      const [row] = await office.recordings(callId);
      const refused = await office.amy.get<{ details: { state: string } }>(`/api/recording/${row?.id}/audio`);
      expect(refused).toMatchObject({ status: 409, body: { details: { state: 'missing' } } });

      await copyFile(late, path);
      expect((await office.recordings(callId))[0]?.state).toBe('missing');
      await until('the job finds it', async () => {
        await clock.advance(1_000);
        return (await office.recordings(callId))[0]?.state === 'stored';
      });
    } finally {
      await office.stop();
    }
  });
});

describe('a switch that will not record', () => {
  it('is asked again while they talk', async () => {
    const clock = fakeClock(Date.now());
    const office = await openOffice({ clock });
    try {
      const files = office.emulator.core.options.recordings;
      const open = files.open.bind(files);
      let refused = 0;
      files.open = () => {
        refused += 1;
        return null;
      };
      const { caller, agentLeg, callId } = await office.dial();
      office.emulator.answer(agentLeg);
      await until('the switch refuses', () => refused > 0);
      expect(office.isRecorded(caller)).toBe(false);
      files.open = open;
      await until('it is recorded', async () => {
        await clock.advance(1_000);
        return office.isRecorded(caller);
      });
      office.emulator.hangup(caller);
      expect(await office.stored(callId)).toHaveLength(1);
    } finally {
      await office.stop();
    }
  });
});

describe('a server that goes away', () => {
  it('[recording-01] finds the talk that ended meanwhile, and goes on recording the one that did not', async () => {
    const sw = await startTestSwitch();
    const before = await openOffice({ env: { FREESWITCH_URL: sw.url } }, sw.emulator);
    const short = await before.talk();
    const long = await before.talk('1002');
    await before.app.stop();
    sw.emulator.hangup(short.caller);
    await until('the talk is over', () => !sw.emulator.core.channels.has(short.caller));

    const office = await reopenOffice(before);
    try {
      await office.stored(short.callId);
      expect(await office.recordings(long.callId)).toMatchObject([{ state: 'recording' }]);
      expect(office.isRecorded(long.caller)).toBe(true);
      sw.emulator.hangup(long.caller);
      const [whole] = await office.stored(long.callId);
      const call = await office.ended(long.callId);
      expect(Math.abs((whole?.ms ?? 0) - call.talkMs)).toBeLessThan(300);
    } finally {
      await office.stop();
      await sw.stop();
    }
  });

  it('records the talk that began just before it went', async () => {
    const sw = await startTestSwitch();
    const clock = fakeClock(Date.now());
    const before = await openOffice({ env: { FREESWITCH_URL: sw.url }, clock }, sw.emulator);
    const { caller, callId } = await before.talk();
    await before.app.stop();
    for (const recorder of [...(sw.emulator.core.channels.get(caller)?.recorders.values() ?? [])])
      recorder.stop();

    const office = await reopenOffice(before);
    try {
      await until('it is recorded again', async () => {
        await clock.advance(1_000);
        return office.isRecorded(caller);
      });
      sw.emulator.hangup(caller);
      await office.stored(callId);
    } finally {
      await office.stop();
      await sw.stop();
    }
  });
});
