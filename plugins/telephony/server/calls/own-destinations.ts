import { type Call, type PluginContext, z } from '@jackfield/core/sdk';
import type { AgentRing, Destination, DestinationRun, Outcome } from '../../contract.ts';
import { ExtensionEntity } from '../entities/extension.entity.ts';
import type { Extensions } from '../extensions/extensions.ts';
import type { Numbers } from '../numbers/numbers.ts';
import { isSamePerson } from './caller-user.ts';
import { anyDestination } from './destinations.ts';
import type { Phones } from './phones.ts';
import { talk } from './talk.ts';

/** Seconds a number outside may ring: carriers give up by themselves after about a minute. */
const OUTSIDE_RING_SEC = 60;

export const HangupTarget = z.object({ cause: z.string().max(48).optional() });
export const ExtensionTarget = z.object({ number: z.string().min(1).max(16) });
export const AgentTarget = z.object({ userId: z.string().min(1).max(26) });
export const NumberTarget = z.object({ number: z.string().min(2).max(32) });
/** What an agent dialled; `userId` is null for a phone of nobody. */
export const OutboundTarget = z.object({ userId: z.string().max(26).nullable(), number: z.string().max(32) });

/** Which leg took the call; stored before the two are joined. */
const Answered = z.object({ legId: z.string() });

/** The destinations that need nothing but phones and numbers. */
export function ownDestinations(deps: {
  readonly ctx: PluginContext;
  readonly extensions: Extensions;
  readonly numbers: Numbers;
  readonly phones: Phones;
}): Destination[] {
  const { ctx, extensions, numbers, phones } = deps;
  const ringSeconds = () => ctx.settings.get<number>('ring-seconds');

  /** Rings while the caller hears it, then joins the two. A talk found going on after a restart is taken up. */
  async function connect(call: Call, run: DestinationRun, ring: () => Promise<AgentRing>): Promise<Outcome> {
    const { talksWith: present, talkedWith } = call.caller;
    const answered = Answered.safeParse(run.state).data;
    // Their talk ended while the server was away: nobody is rung a second time for it.
    if (present === null && answered && talkedWith !== null && isSamePerson(call, talkedWith, answered.legId))
      return { end: 'NORMAL_CLEARING' };
    if (present === null) {
      const waiting = await phones.ringback(call);
      const result = await ring();
      if (result.outcome !== 'answered') {
        await waiting.stop();
        return { end: result.cause };
      }
      await run.save({ legId: result.leg.id });
      await call.answer();
      await talk(call, result.leg.id);
    } else {
      await talk(call, present);
    }
    return { end: 'NORMAL_CLEARING' };
  }

  const hangup: Destination<typeof HangupTarget> = {
    kind: 'hangup',
    title: { 'zh-CN': '挂断', en: 'Hang up' },
    target: HangupTarget,
    options: async () => [{ target: {}, label: ctx.i18n.t('destination.hangup') }],
    run: async (_call, { cause }) => ({ end: cause ?? 'NORMAL_CLEARING' }),
  };

  const extension: Destination<typeof ExtensionTarget> = {
    kind: 'extension',
    title: { 'zh-CN': '分机', en: 'Extension' },
    target: ExtensionTarget,
    async options() {
      const rows = await ctx.repo(ExtensionEntity).find({}, { orderBy: { number: 'asc' } });
      const names = await namesOf(rows.flatMap(({ userId }) => userId ?? []));
      return rows.map(({ number, label, userId }) => {
        const name = (userId !== null && names.get(userId)) || label;
        return { target: { number }, label: name ? `${number} ${name}` : number };
      });
    },
    async run(call, { number }, run) {
      const found = await extensions.byNumber(number);
      if (!found) return { end: 'UNALLOCATED_NUMBER' };
      return await connect(call, run, () => phones.ringExtension(call, found, { timeoutSec: ringSeconds() }));
    },
  };

  const agent: Destination<typeof AgentTarget> = {
    kind: 'agent',
    title: { 'zh-CN': '坐席', en: 'Agent' },
    target: AgentTarget,
    async options() {
      const rows = await ctx.repo(ExtensionEntity).find({ userId: { isNull: false } });
      const names = await namesOf(rows.flatMap(({ userId }) => userId ?? []));
      return [...names].map(([userId, label]) => ({ target: { userId }, label }));
    },
    async run(call, { userId }, run) {
      const found = await extensions.ofUser(userId);
      if (!found) return { end: 'USER_NOT_REGISTERED' };
      return await connect(call, run, () => phones.ringExtension(call, found, { timeoutSec: ringSeconds() }));
    },
  };

  const number: Destination<typeof NumberTarget> = {
    kind: 'number',
    title: { 'zh-CN': '外部号码', en: 'External number' },
    target: NumberTarget,
    // Typed by the admin: there is nothing to choose from.
    options: async () => [],
    run: (call, target, run) =>
      connect(call, run, () =>
        phones.ringNumber(call, numbers.normalise(target.number), { timeoutSec: OUTSIDE_RING_SEC }),
      ),
  };

  const outbound: Destination<typeof OutboundTarget> = {
    kind: 'outbound',
    title: { 'zh-CN': '外呼', en: 'Outbound call' },
    target: OutboundTarget,
    options: async () => [],
    async run(call, target, run) {
      const colleague = await extensions.byNumber(target.number);
      if (colleague) {
        return await connect(call, run, () =>
          phones.ringExtension(call, colleague, { timeoutSec: ringSeconds() }),
        );
      }
      // A phone of a room reaches colleagues only: nobody would answer for the cost.
      if (target.userId === null) return { end: 'CALL_REJECTED' };
      return await connect(call, run, () =>
        phones.ringNumber(call, numbers.normalise(target.number), { timeoutSec: OUTSIDE_RING_SEC }),
      );
    },
  };

  async function namesOf(ids: readonly string[]): Promise<Map<string, string>> {
    const users = await ctx.directory.users({ ids });
    return new Map(users.filter((user) => !user.disabled).map(({ id, name }) => [id, name]));
  }

  return [
    anyDestination(hangup),
    anyDestination(extension),
    anyDestination(agent),
    anyDestination(number),
    anyDestination(outbound),
  ];
}
