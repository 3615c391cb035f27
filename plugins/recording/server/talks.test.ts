import { until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CUSTOMER, DOMAIN, openOffice } from './testing/office.fixture.ts';

let office: Awaited<ReturnType<typeof openOffice>>;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.app.stop());

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
    await until(
      'a second was said',
      () => (office.emulator().core.channels.get(caller)?.recorders.size ?? 0) > 0,
    );
    office.emulator().hangup(caller);
    const [one] = await office.stored(callId);
    const call = await until('the record is closed', async () => {
      const record = await office.call(callId);
      return record.endedAt === null ? null : record;
    });
    expect(one).toMatchObject({
      channels: 2,
      left: { kind: 'customer', displayNumber: '138****8000' },
      right: { kind: 'agent', name: 'amy' },
    });
    // The switch begins within a few of its 20 ms frames after the two are joined.
    expect(Math.abs((one?.ms ?? 0) - call.talkMs)).toBeLessThan(300);
    const sound = await soundOf(one?.id ?? '');
    expect(sound.length).toBe(one?.size);
    expect(sound.readUInt16LE(22)).toBe(2);
  });

  it('[recording-01] is recorded when we dial out, with the one we called on the left', async () => {
    const placed = await office.amy.post<{ callId?: string; id?: string }>('/api/telephony/calls', {
      number: '13900000001',
    });
    expect(placed.status).toBeLessThan(300);
    office.emulator().answer(await office.legAt('1001'));
    const call = await until('the call has a record', () => office.newestCall());
    const [one] = await until('the talk is recorded', async () => {
      const found = await office.recordings(call.id);
      return found.length > 0 ? found : null;
    });
    expect(one).toMatchObject({ left: { kind: 'customer' }, right: { kind: 'agent', name: 'amy' } });
    expect(one?.left.displayNumber).toContain('****');
    office.emulator().hangup(await office.legAt('1001'));
    await office.stored(call.id);
  });

  it('[recording-01] keeps its one file over a hold', async () => {
    const { caller, callId } = await office.talk();
    expect((await office.amy.post(`/api/telephony/calls/${callId}/hold`)).status).toBe(204);
    expect((await office.amy.post(`/api/telephony/calls/${callId}/resume`)).status).toBe(204);
    office.emulator().hangup(caller);
    expect(await office.stored(callId)).toHaveLength(1);
  });

  it('[recording-04] marks the record of its call', async () => {
    const { caller, callId } = await office.talk();
    expect((await office.call(callId)).recorded).toBe(false);
    office.emulator().hangup(caller);
    await office.stored(callId);
    await until('the record knows of it', async () => (await office.call(callId)).recorded);
  });

  it('leaves no recording when nobody answers', async () => {
    const caller = office.emulator().dial({ number: '4008001234', from: CUSTOMER }) ?? '';
    await office.legAt('1001');
    const call = await until('the call has a record', async () => {
      const newest = await office.newestCall();
      return newest?.endedAt === null ? newest : null;
    });
    office.emulator().hangup(caller);
    await until('it is over', async () => (await office.call(call.id)).endedAt);
    expect(await office.recordings(call.id)).toEqual([]);
    await until('the phone is free', () => office.emulator().callsOf('1001', DOMAIN).length === 0);
  });
});
