import { type Call, type Hook, JackfieldError, type Leg, type PluginContext, z } from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import type { BrowserPhones } from '../agent/browser-phone.ts';
import type { Softphone } from '../agent/softphone.ts';
import { legOf } from '../calls/caller-user.ts';
import type { Dialling } from '../calls/dialling.ts';
import { CallRecordEntity } from '../entities/call.entity.ts';
import type { Prompts } from '../prompts/prompts.ts';
import { type Reader, signedIn } from './signed-in.ts';

const CallId = z.object({ id: z.string().max(26) });
const SoftphoneCallDto = z.object({
  callId: z.string(),
  legId: z.string(),
  interactionId: z.string().nullable(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  state: z.enum(['dialling', 'ringing', 'connecting', 'talking', 'held']),
  since: z.number(),
  number: z.string().nullable(),
  displayNumber: z.string(),
  name: z.string(),
  via: z.string(),
});
const SoftphoneDto = z.object({
  extension: z.object({ number: z.string(), domain: z.string() }).nullable(),
  registered: z.boolean(),
  device: z.enum(['desk', 'browser', 'virtual']),
  pageId: z.string().nullable(),
  calls: z.array(SoftphoneCallDto),
});
const AccountDto = z.object({
  user: z.string(),
  domain: z.string(),
  password: z.string(),
  socket: z.string(),
  goodUntil: z.number(),
});
const DialBody = z.union([
  z.object({ number: z.string().max(64) }),
  z.object({
    /** What holds a number that is shown masked: `telephony.call`, `interactions.interaction`, or a plugin's own. */
    ref: z.object({
      type: z.string().max(64),
      id: z.string().max(64),
      field: z.string().max(64).optional(),
    }),
  }),
]);

export function agentRoutes(
  ctx: PluginContext,
  deps: {
    readonly dialling: Dialling;
    readonly softphone: Softphone;
    readonly browserPhones: BrowserPhones;
    rejoin(call: Call, leg: Leg, userId: string): Promise<void>;
    readonly prompts: Prompts;
    readonly contacts: InteractionsApi;
    readonly resolveNumber: Hook<'call:resolve-number'>;
  },
): void {
  const { dialling, softphone, browserPhones, rejoin, prompts, contacts, resolveNumber } = deps;
  const records = ctx.repo(CallRecordEntity);
  const permission = 'telephony:call';

  /** The agent's own leg. FORBIDDEN for a call he has no part in. */
  function own(id: string, user: Reader | null): { call: Call; leg: Leg } {
    const call = ctx.calls.get(id);
    const leg = legOf(call, signedIn(user).id);
    if (!leg) throw new JackfieldError('FORBIDDEN', ctx.i18n.t('error.notYourCall'));
    return { call, leg };
  }

  function expect(leg: Leg, state: Leg['state']): void {
    if (leg.state !== state) throw new JackfieldError('CALL_STATE');
  }

  type Own = { readonly call: Call; readonly leg: Leg; readonly userId: string };
  const action = (verb: string, summary: string, run: (own: Own) => Promise<void>) =>
    ctx.routes.post(`/calls/:id/${verb}`, { permission, summary, params: CallId }, ({ params, user }) =>
      run({ ...own(params.id, user), userId: signedIn(user).id }),
    );

  action('answer', 'Picks up the phone that rings, if it can be told to', async ({ call, leg, userId }) => {
    expect(leg, 'ringing');
    await softphone.pickUp(call, leg, userId);
  });
  action('reject', 'Refuses the call that rings', async ({ call, leg }) => {
    expect(leg, 'ringing');
    await call.hangupLeg(leg.id, 'CALL_REJECTED');
  });
  action('hold', 'Puts the other side on hold, with music', async ({ call, leg }) => {
    await call.hold(leg.id, await prompts.paths([{ kind: 'tone', tone: 'music' }]));
  });
  action('resume', 'Takes the talk off hold', ({ call, leg }) => call.resume(leg.id));
  action('rejoin', 'Goes on with the talk in the page that is the phone now', ({ call, leg, userId }) =>
    rejoin(call, leg, userId),
  );

  ctx.routes.post(
    '/calls/:id/hangup',
    {
      permission,
      summary: 'Hangs up: the own leg, or the whole call for who controls calls',
      params: CallId,
    },
    async ({ params, user }) => {
      const call = ctx.calls.get(params.id);
      const reader = signedIn(user);
      const leg = legOf(call, reader.id);
      if (leg) {
        const isCaller = leg.id === call.legs[0]?.id;
        const cause =
          leg.state === 'ringing' ? (isCaller ? 'ORIGINATOR_CANCEL' : 'CALL_REJECTED') : undefined;
        return await call.hangupLeg(leg.id, cause);
      }
      if (!reader.can('telephony:control')) {
        throw new JackfieldError('FORBIDDEN', ctx.i18n.t('error.notYourCall'));
      }
      await ctx.audit.record({ action: 'call.hangup', target: { type: 'call', id: call.id } });
      await call.hangup();
    },
  );

  ctx.routes.post(
    '/calls/:id/digits',
    {
      permission,
      summary: 'Sends keys to the other side',
      params: CallId,
      body: z.object({ digits: z.string().regex(/^[0-9*#A-D]{1,32}$/) }),
    },
    async ({ params, body, user }) => {
      const { call, leg } = own(params.id, user);
      // Keys go out of a leg, to whoever is at its far end: that is the other leg.
      if (leg.talksWith === null) throw new JackfieldError('CALL_STATE');
      await call.sendDigits(leg.talksWith, body.digits);
    },
  );

  ctx.routes.post(
    '/dial',
    {
      permission,
      summary: 'Calls a number: first the own phone, then the number',
      body: DialBody,
      response: z.object({ callId: z.string() }),
      status: 201,
      rateLimit: 60,
    },
    async ({ body, user }) => {
      const number = 'number' in body ? body.number : await numberOf(body.ref, signedIn(user));
      return { callId: await dialling.dial(signedIn(user).id, number) };
    },
  );

  async function numberOf(ref: { type: string; id: string; field?: string | undefined }, reader: Reader) {
    const number =
      ref.type === 'telephony.call'
        ? await numberOfCall(ref.id, reader)
        : ref.type === 'interactions.interaction'
          ? (await contacts.get(ref.id)).address
          : await resolveNumber.run({ type: ref.type, id: ref.id, field: ref.field ?? null });
    if (number === undefined || number === '')
      throw new JackfieldError('NOT_FOUND', ctx.i18n.t('error.noNumber'));
    return number;
  }

  async function numberOfCall(id: string, reader: Reader): Promise<string> {
    const { direction, fromNumber, toNumber, agentUserId } = await records.get(id);
    if (agentUserId !== reader.id && !reader.can('telephony:see-all')) throw new JackfieldError('NOT_FOUND');
    return direction === 'inbound' ? fromNumber : toNumber;
  }

  ctx.routes.get(
    '/me',
    { permission, summary: 'The own phone and its calls', response: SoftphoneDto },
    async ({ user }) => {
      const { calls, ...state } = await softphone.state(signedIn(user).id);
      return { ...state, calls: calls.map((call) => ({ ...call })) };
    },
  );

  ctx.routes.put(
    '/me/phone',
    {
      permission,
      summary: 'Where the own calls ring',
      body: z.object({ device: z.enum(['desk', 'browser']) }),
    },
    async ({ body, user }) => await browserPhones.choose(signedIn(user).id, body.device),
  );
  ctx.routes.post(
    '/me/phone/page',
    {
      permission,
      summary: 'Makes the page that asks the own phone: its SIP account for the next minutes',
      body: z.object({ pageId: z.uuid() }),
      response: AccountDto,
      status: 201,
      rateLimit: 60,
    },
    async ({ body, user }) => await browserPhones.claim(signedIn(user).id, body.pageId),
  );
}
