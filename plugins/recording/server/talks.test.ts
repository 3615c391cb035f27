import { until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type Office, openOffice } from './testing/office.fixture.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.stop());

async function soundOf(id: string): Promise<Buffer> {
  const response = await fetch(`${office.app.url}/api/recording/${id}/audio`, {
    headers: { cookie: office.admin.cookie },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

describe('a talk', () => {
  it('[recording-01] is recorded from the moment the two are joined to its end, in stereo', async () => {
    const { caller, callId } = await office.talk();
    const [running] = await office.recordings(callId);
    expect(running).toMatchObject({ state: 'recording', ms: null });
    office.emulator.hangup(caller);
    const [one] = await office.stored(callId);
    expect(one).toMatchObject({
      channels: 2,
      left: { kind: 'customer', displayNumber: '138****8000' },
      right: { kind: 'agent', name: 'amy' },
    });
    // The switch begins within a few of its 20 ms frames after the two are joined.
    expect(Math.abs((one?.ms ?? 0) - (await office.ended(callId)).talkMs)).toBeLessThan(300);
    const sound = await soundOf(one?.id ?? '');
    expect(sound.length).toBe(one?.size);
    expect(sound.readUInt16LE(22)).toBe(2);
  });

  it('[recording-01] is recorded when we dial out, with the one we called on the left', async () => {
    const placed = await office.ben.post<{ callId: string }>('/api/telephony/dial', {
      number: '13900000011',
    });
    expect(placed.status).toBe(201);
    const { callId } = placed.body;
    const ownLeg = await office.legAt('1002');
    office.emulator.answer(ownLeg);
    const [one] = await until('the talk is recorded', async () => {
      const found = await office.recordings(callId);
      return found.length > 0 ? found : null;
    });
    expect(one).toMatchObject({
      left: { kind: 'customer', displayNumber: '+86139****0011' },
      right: { kind: 'agent', name: 'ben' },
    });
    // The customer's own leg: what he says is the left channel.
    expect(office.isRecorded(ownLeg)).toBe(false);
    office.emulator.hangup(ownLeg);
    await office.stored(callId);
  });

  it('[recording-01] keeps its one file over a hold', async () => {
    const { caller, callId } = await office.talk();
    expect((await office.amy.post(`/api/telephony/calls/${callId}/hold`)).status).toBe(204);
    expect(office.isRecorded(caller)).toBe(true);
    expect((await office.amy.post(`/api/telephony/calls/${callId}/resume`)).status).toBe(204);
    office.emulator.hangup(caller);
    expect(await office.stored(callId)).toHaveLength(1);
  });

  it('[recording-04] marks the record of its call', async () => {
    const { caller, callId } = await office.talk();
    expect((await office.call(callId)).recorded).toBe(false);
    office.emulator.hangup(caller);
    await office.stored(callId);
    await until('the record knows of it', async () => (await office.call(callId)).recorded);
  });

  it('ends its file when the agent hangs up first', async () => {
    const { agentLeg, callId } = await office.talk();
    office.emulator.hangup(agentLeg);
    const [one] = await office.stored(callId);
    expect(Math.abs((one?.ms ?? 0) - (await office.ended(callId)).talkMs)).toBeLessThan(300);
  });

  it('leaves no recording when nobody answers', async () => {
    const { caller, callId } = await office.dial();
    office.emulator.hangup(caller);
    await office.ended(callId);
    expect(await office.recordings(callId)).toEqual([]);
    await until('the phone is free', () => office.emulator.callsOf('1001', DOMAIN).length === 0);
  });
});
