import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BoxView, type Office, openOffice } from './testing/office.fixture.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.stop());

const values = (name: string, more: object = {}) => ({ name, locale: 'zh-CN', ...more });
interface Destinations {
  readonly options: readonly { readonly kind: string; readonly label: string }[];
}
const offered = async () =>
  (await office.admin.get<Destinations>('/api/telephony/destinations')).body.options
    .filter(({ kind }) => kind === 'voicemail')
    .map(({ label }) => label);

describe('a box', () => {
  it('is made, changed and deleted by an administrator, and the audit log says so', async () => {
    const { body: box } = await office.admin.post<BoxView>('/api/voicemail/boxes', values('Night'));
    expect(box).toMatchObject({ greeting: '', maxSeconds: 120, enabled: true });
    const path = `/api/voicemail/boxes/${box.id}`;
    const changed = await office.admin.put<BoxView>(path, values('Nights', { maxSeconds: 60 }));
    expect(changed.body).toMatchObject({ id: box.id, name: 'Nights', maxSeconds: 60 });
    expect((await office.admin.delete(path)).status).toBe(204);
    const { body } = await office.admin.get<{ items: { action: string }[] }>(
      `/api/core/audit?targetId=${box.id}`,
    );
    expect(body.items.map(({ action }) => action).sort()).toEqual(['box.create', 'box.delete', 'box.update']);
  });

  it('can be chosen for a number while it takes messages', async () => {
    const { body: box } = await office.admin.post<BoxView>('/api/voicemail/boxes', values('Weekend'));
    expect(await offered()).toEqual(['Sales', 'Weekend']);
    const path = `/api/voicemail/boxes/${box.id}`;
    await office.admin.put(path, values('Weekend', { enabled: false }));
    expect(await offered()).toEqual(['Sales']);
    await office.admin.delete(path);
  });

  it('is not deleted while a number leads to it', async () => {
    const refused = await office.admin.delete<{ code: string; detail: string }>(
      `/api/voicemail/boxes/${office.box.id}`,
    );
    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(JSON.stringify(refused.body)).toContain('8008000');
  });

  it.each([
    ['of a name that another has', values('Sales'), 409],
    ['without a name', values(' '), 422],
    ['that would take messages of no length', values('Short', { maxSeconds: 0 }), 422],
    ['in a language that nobody speaks', { name: 'Klingon', locale: 'tlh' }, 422],
  ])('is refused %s', async (_what, body, status) => {
    expect((await office.admin.post('/api/voicemail/boxes', body)).status).toBe(status);
  });

  it('is changed by nobody but who manages boxes', async () => {
    const sara = await office.app.user('sara', 'supervisor');
    expect((await sara.post('/api/voicemail/boxes', values('Own'))).status).toBe(403);
    expect((await sara.put(`/api/voicemail/boxes/${office.box.id}`, values('Own'))).status).toBe(403);
    expect((await sara.delete(`/api/voicemail/boxes/${office.box.id}`)).status).toBe(403);
    expect(
      (await sara.get<{ items: { name: string }[] }>('/api/voicemail/box-names')).body.items,
    ).toMatchObject([{ name: 'Sales' }]);
  });
});
