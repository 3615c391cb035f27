import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Captcha } from '../../core/src/auth/entities/captcha.entity.ts';
import { Session } from '../../core/src/auth/entities/session.entity.ts';
import { checkSchema } from '../../core/src/data/schema-check.ts';
import { testDatabases } from '../../core/test-kit/databases.ts';
import { type AuthServer, type Client, password, startAuth } from './auth-fixture.ts';

const minute = 60_000;
const hour = 60 * minute;

describe.each(testDatabases())('signing in, on $name', (kind) => {
  let server: AuthServer;
  let names = 0;
  /** A fresh agent of Acme for each test, since what is counted is counted by account. */
  let username: string;
  let account: string;
  let userId: string;

  beforeAll(async () => {
    server = await startAuth(kind);
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    names += 1;
    username = `agent${names}`;
    account = `${username}@acme`;
    userId = await server.addUser(username, 'agent');
  });

  const attempt = (body: object, browser: Client = server.client()) =>
    browser.post('/sign-in', { account, ...body });
  const wrong = (captcha?: object) => attempt({ password: 'wrong', ...(captcha ? { captcha } : {}) });
  async function solved() {
    const { body } = await server.client().get('/captcha');
    const { gapX } = await server.database.withData('core').repo(Captcha).get(body.id);
    return { id: body.id as string, x: gapX };
  }
  async function fail(times: number) {
    for (let n = 0; n < times; n += 1) await wrong(n >= 3 ? await solved() : undefined);
  }

  it('has tables that fit the entities', async () => {
    expect(await checkSchema(server.database)).toEqual(new Map());
  });

  it('gives the session and a cookie that scripts cannot read', async () => {
    const reply = await attempt({ password, account: ` ${account.toUpperCase()} ` });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      user: { id: userId, name: username, username },
      tenant: { slug: 'acme', timeZone: 'Asia/Shanghai', locale: 'zh-CN' },
      locale: 'zh-CN',
    });
    const cookie = reply.headers.getSetCookie().join();
    expect(cookie).toMatch(/^jf_session=[\w-]{43};/);
    expect(cookie).toMatch(/httponly/i);
    expect(cookie).toMatch(/samesite=lax/i);
  });

  it('keeps only a hash of the token', async () => {
    const browser = await server.signIn(account);
    const token = browser.cookie.split('=')[1];
    const rows = await server.database.withData('core').repo(Session).find({ userId });
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('[core-38] knows the browser again after a reload, for as long as it is used', async () => {
    const browser = await server.signIn(account);
    for (let shift = 0; shift < 3; shift += 1) {
      await server.clock.advance(11 * hour);
      expect((await browser.get('/session')).body.user.username).toBe(username);
    }
    await server.clock.advance(12 * hour + minute);
    expect((await browser.get('/session')).body.code).toBe('NOT_SIGNED_IN');
  });

  it('ends every session a week after its sign-in', async () => {
    const browser = await server.signIn(account);
    for (let n = 0; n < 14; n += 1) {
      expect((await browser.get('/session')).status).toBe(200);
      await server.clock.advance(12 * hour - minute);
    }
    await server.clock.advance(15 * minute);
    expect((await browser.get('/session')).status).toBe(401);
  });

  it('signs out at once, and only this browser', async () => {
    const [one, other] = [await server.signIn(account), await server.signIn(account)];
    const { cookie } = one;
    expect((await one.get('/session')).status).toBe(200);
    expect((await one.post('/sign-out')).status).toBe(204);
    one.cookie = cookie;
    expect((await one.get('/session')).status).toBe(401);
    expect((await other.get('/session')).status).toBe(200);
  });

  it('[core-35] tells with every wrong password how many are left', async () => {
    const replies = [await wrong(), await wrong()];
    expect(
      replies.map(({ body }) => [body.code, body.details.attemptsLeft, body.details.captchaRequired]),
    ).toEqual([
      ['BAD_CREDENTIALS', 9, false],
      ['BAD_CREDENTIALS', 8, false],
    ]);
  });

  it('[core-33] wants the slider after the third wrong password, even for the right one', async () => {
    await fail(2);
    expect((await wrong()).body.details.captchaRequired).toBe(true);
    const refused = await attempt({ password });
    expect(refused.body).toMatchObject({ code: 'CAPTCHA_REQUIRED', details: { attemptsLeft: 7 } });
    const { id, x } = await solved();
    const slid = await attempt({ password, captcha: { id, x: x + 5 } });
    expect(slid.status).toBe(200);
  });

  it('[core-33] takes each puzzle once, solved or not, and for two minutes', async () => {
    await fail(3);
    const first = await solved();
    expect((await wrong(first)).body.code).toBe('BAD_CREDENTIALS');
    expect((await attempt({ password, captcha: first })).body.code).toBe('CAPTCHA_REQUIRED');
    const missed = await solved();
    expect((await attempt({ password, captcha: { ...missed, x: missed.x + 7 } })).body.code).toBe(
      'CAPTCHA_REQUIRED',
    );
    expect((await attempt({ password, captcha: missed })).body.code).toBe('CAPTCHA_REQUIRED');
    const late = await solved();
    await server.clock.advance(2 * minute);
    expect((await attempt({ password, captcha: late })).body.code).toBe('CAPTCHA_REQUIRED');
  });

  it('[core-34] locks the account at the tenth wrong password until the next day in the time zone of the tenant', async () => {
    await fail(9);
    const tenth = await wrong(await solved());
    const midnight = nextShanghaiMidnight(server.clock.now());
    expect(tenth).toMatchObject({
      status: 423,
      body: { code: 'ACCOUNT_LOCKED', details: { until: midnight } },
    });
    const right = async () => attempt({ password, captcha: await solved() });
    expect((await right()).body.code).toBe('ACCOUNT_LOCKED');
    await server.clock.advance(midnight - 1 - server.clock.now());
    expect((await right()).body.code).toBe('ACCOUNT_LOCKED');
    await server.clock.advance(1);
    expect((await attempt({ password })).status).toBe(200);
  });

  it('[core-34] counts tries one by one, however many come at once', async () => {
    const replies = await Promise.all(Array.from({ length: 30 }, () => wrong()));
    const looked = replies.filter(({ body }) => body.code === 'BAD_CREDENTIALS');
    expect(looked).toHaveLength(3);
    expect(replies.filter(({ body }) => body.code === 'CAPTCHA_REQUIRED')).toHaveLength(27);
  });

  it('[core-34] forgets the wrong ones after a right one', async () => {
    await fail(2);
    await server.signIn(account);
    expect((await wrong()).body.details.attemptsLeft).toBe(9);
  });

  it('[core-36] lets an administrator unlock an account, and shows which ones are locked', async () => {
    await fail(10);
    const admin = await server.signIn('admin@acme');
    const locked = async () => (await admin.get(`/users/${userId}`)).body.locked;
    expect(await locked()).toBe(true);
    expect((await admin.post(`/users/${userId}/unlock`)).status).toBe(204);
    expect(await locked()).toBe(false);
    expect((await attempt({ password })).status).toBe(200);
  });

  it('[core-37] keeps a disabled account out and ends its sessions at once', async () => {
    const browser = await server.signIn(account);
    expect((await browser.get('/session')).status).toBe(200);
    const admin = await server.signIn('admin@acme');
    await admin.post(`/users/${userId}/disable`);
    expect((await browser.get('/session')).status).toBe(401);
    const chinese = server.client({ 'accept-language': 'zh-CN' });
    const reply = await attempt({ password }, chinese);
    expect(reply).toMatchObject({ status: 403, body: { code: 'ACCOUNT_DISABLED' } });
    expect(reply.body.title).toContain('联系客服');
    expect((await wrong()).body.code).toBe('BAD_CREDENTIALS');
    await admin.post(`/users/${userId}/enable`);
    expect((await attempt({ password })).status).toBe(200);
  });

  it('treats a name that does not exist as one that does', async () => {
    for (const nobody of ['nobody@acme', 'admin@nowhere', 'nobody']) {
      const refused = (body: object) => server.client().post('/sign-in', { account: nobody, ...body });
      const replies = [await refused({ password }), await refused({ password }), await refused({ password })];
      expect(replies.map(({ body }) => [body.code, body.details.attemptsLeft])).toEqual([
        ['BAD_CREDENTIALS', 9],
        ['BAD_CREDENTIALS', 8],
        ['BAD_CREDENTIALS', 7],
      ]);
      expect((await refused({ password })).body.code).toBe('CAPTCHA_REQUIRED');
    }
  });

  it('tells the same name in two tenants apart', async () => {
    const globex = await server.signIn('admin@globex');
    expect((await globex.get('/session')).body.tenant.slug).toBe('globex');
    const operator = await server.signIn('root');
    expect((await operator.get('/session')).body).toMatchObject({ tenant: null, user: { username: 'root' } });
  });

  it('changes my password only with the present one, and ends my other sessions', async () => {
    const [browser, other] = [await server.signIn(account), await server.signIn(account)];
    const next = 'another password entirely';
    const refused = await browser.post('/me/password', { current: 'wrong', next });
    expect(refused.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'body.current' }] });
    expect((await browser.post('/me/password', { current: password, next })).status).toBe(204);
    expect((await browser.get('/session')).status).toBe(200);
    expect((await other.get('/session')).status).toBe(401);
    expect((await attempt({ password: next })).status).toBe(200);
  });

  it('speaks the language I choose from the next word on', async () => {
    const browser = await server.signIn(account);
    expect((await browser.get('/users')).body.title).toBe('您没有执行此操作的权限。');
    expect((await browser.send('PATCH', '/me', { locale: 'en' })).body.locale).toBe('en');
    expect((await browser.get('/users')).body.title).toBe('You do not have the permission for this.');
  });

  it('refuses a sign-in that another site has made the browser send', async () => {
    const reply = await attempt({ password }, server.client({ origin: 'https://evil.example' }));
    expect(reply.body.code).toBe('CROSS_SITE');
  });

  it('lets an API key do what it lists and its user may, until it is deleted', async () => {
    const admin = await server.signIn('admin@acme');
    const made = await admin.post('/api-keys', { name: 'crm', permissions: ['core:users'] });
    const program = server.client({ authorization: `Bearer ${made.body.key}` });
    expect((await program.get('/users')).status).toBe(200);
    expect((await program.get('/roles')).body.code).toBe('FORBIDDEN');
    expect(JSON.stringify((await admin.get('/api-keys')).body)).not.toContain(made.body.key);
    expect((await admin.send('DELETE', `/api-keys/${made.body.id}`)).status).toBe(204);
    expect((await program.get('/users')).status).toBe(401);
  });

  it('gives no API key a permission that its maker has not', async () => {
    const admin = await server.signIn('admin@acme');
    expect((await admin.post('/api-keys', { name: 'x', permissions: ['core:tenants'] })).body.code).toBe(
      'FORBIDDEN',
    );
  });
});

/** Shanghai is at UTC+8 the whole year. */
function nextShanghaiMidnight(now: number): number {
  const day = 24 * hour;
  const offset = 8 * hour;
  return (Math.floor((now + offset) / day) + 1) * day - offset;
}
