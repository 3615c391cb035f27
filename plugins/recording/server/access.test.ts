import { until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Office, openOffice } from './testing/office.fixture.ts';

let office: Office;
let id: string;
let callId: string;
beforeAll(async () => {
  office = await openOffice({ tenants: ['acme', 'globex'] });
  const talk = await office.talk();
  callId = talk.callId;
  office.emulator.hangup(talk.caller);
  id = (await office.stored(callId))[0]?.id ?? '';
});
afterAll(() => office.stop());

const as = (user: { cookie: string }, path: string, headers: Record<string, string> = {}) =>
  fetch(`${office.app.url}/api/recording/${path}`, { headers: { cookie: user.cookie, ...headers } });
interface AuditView {
  readonly actor: { readonly name: string };
  readonly target: { readonly label: string };
}
const audited = async (action: string) =>
  (await office.admin.get<{ items: AuditView[] }>(`/api/core/audit?action=${action}&targetId=${id}`)).body
    .items;

describe('who may hear a recording', () => {
  it('[recording-07] is who took part in the talk, and whoever may hear them all', async () => {
    const sara = await office.app.user('sara', 'supervisor');
    for (const user of [office.amy, office.admin, sara]) {
      expect((await as(user, `${id}/audio`)).status).toBe(200);
      expect(await office.recordings(callId, user)).toHaveLength(1);
    }
    expect((await as(office.ben, `${id}/audio`)).status).toBe(404);
    expect(await office.recordings(callId, office.ben)).toEqual([]);
  });

  it('is nobody of another tenant, and nobody who is not signed in', async () => {
    const stranger = await office.app.admin('globex');
    expect((await as(stranger, `${id}/audio`)).status).toBe(404);
    expect((await as(stranger, `${id}/download`)).status).toBe(404);
    expect((await as(office.app.anonymous, `${id}/audio`)).status).toBe(401);
  });

  it('[recording-06] downloads only with the permission, under a name without the full number', async () => {
    expect((await as(office.amy, `${id}/download`)).status).toBe(403);
    const response = await as(office.admin, `${id}/download`);
    expect(response.status).toBe(200);
    const disposition = response.headers.get('content-disposition') ?? '';
    expect(disposition).toMatch(/^attachment; filename="\d{8}-\d{6}-138xxxx8000\.wav"$/);
    expect(await audited('recording.download')).toMatchObject([{ actor: { name: 'Admin' } }]);
  });
});

describe('playing', () => {
  it('[recording-05] answers ranges, so that a browser can seek', async () => {
    const part = await as(office.amy, `${id}/audio`, { range: 'bytes=0-43' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-type')).toBe('audio/wav');
    const head = Buffer.from(await part.arrayBuffer());
    expect(head).toHaveLength(44);
    expect(head.toString('latin1', 0, 4)).toBe('RIFF');
    expect((await as(office.amy, `${id}/audio`, { range: 'bytes=999999999-' })).status).toBe(416);
  });

  it('is written into the audit log once, however many pieces the player asks for', async () => {
    const { caller, callId: second } = await office.talk();
    office.emulator.hangup(caller);
    id = (await office.stored(second))[0]?.id ?? '';
    for (const range of ['bytes=0-', 'bytes=100-199', 'bytes=44-99'])
      await as(office.amy, `${id}/audio`, { range });
    await as(office.admin, `${id}/audio`);
    const entries = await audited('recording.play');
    expect(entries.map((entry) => entry.actor.name).sort()).toEqual(['Admin', 'amy']);
    expect(entries[0]?.target.label).not.toContain('13800138000');
  });

  it('is refused with the reason while the talk is being recorded', async () => {
    const { caller, callId: third } = await office.talk();
    const [running] = await office.recordings(third);
    const response = await office.amy.get<{ code: string; details: { state: string } }>(
      `/api/recording/${running?.id}/audio`,
    );
    expect(response).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', details: { state: 'recording' } },
    });
    office.emulator.hangup(caller);
    await office.stored(third);
  });
});

describe('a tenant that switches the plugin off', () => {
  it('has its routes and its recording gone at once, and back when it is on again', async () => {
    await office.app.gate.disable(office.app.tenant('acme'), 'recording');
    expect((await office.amy.get<{ code: string }>(`/api/recording/of-call/${callId}`)).body.code).toBe(
      'PLUGIN_NOT_ENABLED',
    );
    const { caller, agentLeg, callId: unheard } = await office.dial();
    office.emulator.answer(agentLeg);
    await until('they talk', async () => {
      const { body } = await office.amy.get<{ calls: { state: string }[] }>('/api/telephony/me');
      return body.calls[0]?.state === 'talking';
    });
    expect(office.isRecorded(caller)).toBe(false);
    office.emulator.hangup(caller);
    await office.ended(unheard);
    await office.app.gate.enable(office.app.tenant('acme'), 'recording');
    expect(await office.recordings(unheard)).toEqual([]);
    expect(await office.recordings(callId)).toHaveLength(1);
  });
});
