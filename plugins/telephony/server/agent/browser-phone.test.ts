import type { TestUser } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserPhoneAccount, SoftphoneState } from '../../contract.ts';
import { a1Hash } from '../extensions/extensions.ts';
import { type Acme, DOMAIN, followStream, openAcme } from '../testing/acme.fixture.ts';

const SECRET = 'secret-of-the-switch-1';
const HOME = '8f1d5a52-0b0c-4a41-9a52-0a8f6b7f0001';
const OFFICE = '8f1d5a52-0b0c-4a41-9a52-0a8f6b7f0002';

describe('an agent at a real switch', () => {
  let acme: Acme;
  let amy: TestUser;
  beforeAll(async () => {
    // Nobody listens there: the switch is away, and not the emulator.
    acme = await openAcme({ env: { FREESWITCH_URL: 'esl://:secret@127.0.0.1:1', SWITCH_SECRET: SECRET } });
    amy = await acme.app.user('amy');
  });
  afterAll(() => acme.app.stop());

  const extension = async (more: object) =>
    await acme.admin.post<{ id: string; password: string }>('/api/telephony/extensions', {
      number: '1001',
      userId: amy.id,
      ...more,
    });
  const claim = (pageId: string) => amy.post<BrowserPhoneAccount>('/api/telephony/me/phone/page', { pageId });
  const hashAtTheSwitch = async () => {
    const response = await fetch(`${acme.app.url}/switch/xml?secret=${SECRET}`, {
      method: 'POST',
      body: new URLSearchParams({ section: 'directory', user: '1001', domain: DOMAIN }),
    });
    return /a1&#45;hash" value="([0-9a-f]{32})"/.exec(await response.text())?.[1];
  };

  it('[telephony-15] [telephony-19] chooses whether calls ring in the browser or at the desk', async () => {
    expect((await claim(HOME)).body).toMatchObject({ code: 'CALL_STATE' });
    const { body: made } = await extension({});
    const desk = a1Hash('1001', DOMAIN, made.password);
    expect(await hashAtTheSwitch()).toBe(desk);
    expect((await claim(HOME)).body).toMatchObject({ code: 'CALL_STATE' });

    expect((await amy.put('/api/telephony/me/phone', { device: 'browser' })).status).toBe(204);
    const nobody = await hashAtTheSwitch();
    expect(nobody).toMatch(/^[0-9a-f]{32}$/);
    expect(nobody).not.toBe(desk);

    const { status, body: account } = await claim(HOME);
    expect(status).toBe(201);
    expect(account).toMatchObject({ user: '1001', domain: DOMAIN, socket: '/switch/sip' });
    expect(await hashAtTheSwitch()).toBe(a1Hash('1001', DOMAIN, account.password));

    await amy.put('/api/telephony/me/phone', { device: 'desk' });
    expect(await hashAtTheSwitch()).toBe(desk);
    await acme.admin.delete(`/api/telephony/extensions/${made.id}`);
  });

  it('[telephony-18] has one page as the phone: whichever asked last, told to the others', async () => {
    const { body: made } = await extension({ device: 'browser' });
    const home = await followStream<SoftphoneState>(acme.app, amy, 'telephony/agent/me');
    expect(home.snapshot).toMatchObject({ device: 'browser', pageId: null, registered: false });
    const { body: first } = await claim(HOME);
    const { body: again } = await claim(HOME);
    expect(again.password).not.toBe(first.password);
    const { body: second } = await claim(OFFICE);
    expect(await hashAtTheSwitch()).toBe(a1Hash('1001', DOMAIN, second.password));
    const phones = () => home.messages.filter(({ type }) => type === 'phone').map(({ data }) => data);
    await expect.poll(phones).toHaveLength(2);
    expect(phones()).toMatchObject([{ pageId: HOME }, { pageId: OFFICE }]);
    home.close();
    await acme.admin.delete(`/api/telephony/extensions/${made.id}`);
  });

  it('loses the phone of the page when the extension is given to somebody else', async () => {
    const { body: made } = await extension({ device: 'browser' });
    const { body: account } = await claim(HOME);
    await acme.admin.put(`/api/telephony/extensions/${made.id}`, { userId: null });
    expect(await hashAtTheSwitch()).not.toBe(a1Hash('1001', DOMAIN, account.password));
    expect((await claim(HOME)).status).toBe(409);
    await acme.admin.delete(`/api/telephony/extensions/${made.id}`);
  });

  it.each([{ pageId: 'mine' }, {}])('is told what is wrong with %j', async (body) => {
    expect((await amy.post('/api/telephony/me/phone/page', body)).status).toBe(422);
  });
});

describe('an agent at the emulator', () => {
  it('needs no phone in the page', async () => {
    const acme = await openAcme();
    const amy = await acme.agent('amy', '1001');
    await amy.put('/api/telephony/me/phone', { device: 'browser' });
    const { body } = await amy.get<SoftphoneState>('/api/telephony/me');
    expect(body).toMatchObject({ device: 'virtual', registered: true });
    const claimed = await amy.post('/api/telephony/me/phone/page', { pageId: HOME });
    expect(claimed.body).toMatchObject({ code: 'CALL_STATE' });
    await acme.app.stop();
  });
});
