import { z } from 'zod';
import type { Audit } from '../../audit/audit.ts';
import { JackfieldError } from '../../errors/index.ts';
import type { PluginRoutes } from '../../http/contract.ts';
import { locales } from '../../i18n/locale.ts';
import { toTenant } from '../../tenants/directory.ts';
import { localeField, nameField, passwordField } from '../../tenants/fields.ts';
import { scope } from '../../tenants/scope.ts';
import type { Identity } from '../contract.ts';
import type { Auth } from '../create-auth.ts';
import { sessionCookie } from '../session-cookie.ts';

const SessionDto = z.object({
  user: z.object({ id: z.string(), name: z.string(), username: z.string() }),
  tenant: z
    .object({
      id: z.string(),
      slug: z.string(),
      name: z.string(),
      timeZone: z.string(),
      locale: z.enum(locales),
    })
    .nullable(),
  permissions: z.array(z.string()),
  locale: z.enum(locales),
});
const CaptchaDto = z.object({
  id: z.string(),
  width: z.int(),
  height: z.int(),
  pieceSize: z.int(),
  pieceY: z.int(),
  background: z.string(),
  piece: z.string(),
});
const SignIn = z.object({
  account: z.string().trim().min(1).max(128),
  password: z.string().min(1).max(200),
  captcha: z.object({ id: z.string().max(26), x: z.number() }).optional(),
});

/** Signing in and out, and what concerns oneself. */
export function sessionRoutes(routes: PluginRoutes, auth: Auth, audit: Audit): void {
  const { record } = audit.auditFor('core');

  /** The cookie lives as long as a session can; when it ends the server decides. */
  const cookieOptions = { maxAgeMs: auth.sessions.times.maxMs };

  async function describe(
    identity: Pick<Identity, 'tenantId' | 'locale'>,
    userId: string,
    permissions: Iterable<string>,
  ) {
    const user = await auth.usersRepo.byProvedId(userId);
    if (!user) throw new JackfieldError('NOT_SIGNED_IN');
    return {
      user: { id: user.id, name: user.name, username: user.username },
      tenant: identity.tenantId === null ? null : toTenant(await auth.tenants.get(identity.tenantId)),
      permissions: [...permissions].sort(),
      locale: identity.locale,
    };
  }

  function self() {
    const actor = scope.current()?.actor;
    if (actor?.kind !== 'user') throw new JackfieldError('NOT_SIGNED_IN');
    return actor;
  }

  routes.get(
    '/captcha',
    { public: true, summary: 'A new slider puzzle', response: CaptchaDto, rateLimit: 60 },
    () => auth.captchas.create(),
  );

  routes.post(
    '/sign-in',
    // Generous, since a whole call centre may sign in from one address at nine o'clock; the account itself locks.
    { public: true, summary: 'Sign in', body: SignIn, response: SessionDto, rateLimit: 300 },
    async ({ body, ip, headers, setCookie }) => {
      const { token } = await auth.signIn(body, { ip, userAgent: headers['user-agent']?.toString() ?? '' });
      const identity = await auth.resolve({ cookie: `${sessionCookie}=${token}` });
      if (!identity) throw new JackfieldError('NOT_SIGNED_IN');
      const { actor, tenantId, locale } = identity;
      const requestId = scope.current()?.requestId ?? '';
      await scope.run({ tenantId, actor, requestId, locale }, () =>
        record({ action: 'session.sign-in', target: { type: 'user', id: actor.userId, label: actor.name } }),
      );
      setCookie(sessionCookie, token, cookieOptions);
      return describe(identity, actor.userId, actor.permissions);
    },
  );

  routes.post('/sign-out', { signedIn: true, summary: 'Sign out' }, async ({ setCookie }) => {
    const { sessionId, userId, name } = self();
    await auth.sessions.end(sessionId);
    auth.forget();
    await record({ action: 'session.sign-out', target: { type: 'user', id: userId, label: name } });
    setCookie(sessionCookie, null);
  });

  routes.get('/session', { signedIn: true, summary: 'Who is signed in', response: SessionDto }, async () => {
    const { tenantId = null, locale } = scope.current() ?? {};
    const actor = self();
    return describe(
      { tenantId, locale: locale === 'zh-CN' ? 'zh-CN' : 'en' },
      actor.userId,
      actor.permissions,
    );
  });

  routes.patch(
    '/me',
    {
      signedIn: true,
      summary: 'Change my name or language',
      body: z.object({ locale: localeField.nullable().optional(), name: nameField.optional() }),
      response: SessionDto,
    },
    async ({ body, headers }) => {
      const { userId, permissions } = self();
      await auth.usersRepo.updateProved(userId, body);
      auth.forget();
      const identity = await auth.resolve(headers as Parameters<Auth['resolve']>[0]);
      if (!identity) throw new JackfieldError('NOT_SIGNED_IN');
      return describe(identity, userId, permissions);
    },
  );

  routes.post(
    '/me/password',
    {
      signedIn: true,
      summary: 'Change my password; ends my other sessions',
      body: z.object({ current: z.string().max(200), next: passwordField }),
      rateLimit: 10,
    },
    async ({ body }) => {
      const { userId, sessionId, name } = self();
      const user = await auth.usersRepo.byProvedId(userId);
      if (!user) throw new JackfieldError('NOT_SIGNED_IN');
      if (!(await auth.passwords.verify(body.current, user.passwordHash))) {
        // Not BAD_CREDENTIALS, which would tell the browser that the session is gone.
        throw new JackfieldError('VALIDATION_FAILED', undefined, {
          details: { reason: 'wrong-password', errors: [{ path: 'body.current', message: wrongPassword() }] },
        });
      }
      await auth.usersRepo.updateProved(userId, { passwordHash: await auth.passwords.hash(body.next) });
      await auth.sessions.endAll(userId, sessionId);
      auth.forget();
      await record({ action: 'user.change-password', target: { type: 'user', id: userId, label: name } });
    },
  );
}

function wrongPassword(): string {
  return scope.current()?.locale === 'zh-CN' ? '当前密码不正确' : 'The current password is wrong';
}
