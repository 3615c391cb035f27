import {
  type Call,
  type CallChange,
  type Leg,
  maskNumber,
  type PluginContext,
  type Topic,
} from '@jackfield/core/sdk';
import type { SoftphoneCall, SoftphonePhone, SoftphoneState } from '../../contract.ts';
import { callingUser, legOf, partnerOf, userOf } from '../calls/caller-user.ts';
import type { Phones } from '../calls/phones.ts';
import type { RecordKeeper } from '../calls/record-keeper.ts';
import { CallRecordEntity } from '../entities/call.entity.ts';
import type { ExtensionRow } from '../entities/extension.entity.ts';
import type { Extensions } from '../extensions/extensions.ts';
import { callerName } from '../numbers/normalise.ts';

/** What the softphone bar of each agent shows: SoftphoneState, on the stream `telephony/agent/<userId>`. */
export interface Softphone {
  state(userId: string): Promise<SoftphoneState>;
  /** A change of a call, in its scope: told to everybody whose leg is in it. */
  follow(call: Call, change: CallChange): void;
  /** His extension or its registration changed; in the tenant of the scope unless one is given. */
  phoneChanged(userId: string, tenantId?: string): Promise<void>;
  /** Picks up the phone that rings: the page that is the phone does it, or a desk phone is told to, if it can be. */
  pickUp(call: Call, leg: Leg, userId: string): Promise<void>;
}

/** What the record knows of a live call and the switch does not. */
interface RecordedFacts {
  readonly direction: SoftphoneCall['direction'];
  readonly interactionId: string | null;
  readonly address: string;
  readonly alias: string;
  readonly name: string;
}

export function createSoftphone(deps: {
  readonly ctx: PluginContext;
  readonly extensions: Extensions;
  readonly phones: Phones;
  readonly keeper: RecordKeeper;
  /** Asked for late: the snapshot of the topic is made here. */
  topic(): Topic;
}): Softphone {
  const { ctx, extensions, phones, keeper, topic } = deps;
  const records = ctx.repo(CallRecordEntity);
  /** When the present state of a leg began; lost in a restart, and then the begin of the leg will do. */
  const since = new WeakMap<Leg, number>();

  async function callsOf(userId: string): Promise<SoftphoneCall[]> {
    const { permissions } = await ctx.directory.user(userId);
    const full = permissions.has('telephony:see-numbers');
    const known = new Map<string, RecordedFacts>();
    for (const call of ctx.calls.active()) {
      if (!legOf(call, userId)) continue;
      const row = await records.findOne({ id: call.id });
      known.set(call.id, {
        interactionId: await keeper.interactionOf(call.id),
        direction: row?.direction ?? call.direction,
        address: row ? (row.direction === 'inbound' ? row.fromNumber : row.toNumber) : '',
        alias: row?.alias ?? '',
        name: row?.fromName ?? '',
      });
    }
    // From here on nothing waits, so that what is published last is also what was true last.
    return ctx.calls.active().flatMap((call) => {
      const leg = legOf(call, userId);
      const facts = known.get(call.id);
      return leg && facts ? [show(call, leg, userId, { ...facts, full })] : [];
    });
  }

  function show(
    call: Call,
    leg: Leg,
    userId: string,
    facts: RecordedFacts & { full: boolean },
  ): SoftphoneCall {
    const isMine = callingUser(call) === userId;
    // To the colleague who is called, the other one is the caller.
    const other = facts.direction === 'internal' && !isMine ? call.from.number : facts.address;
    return {
      callId: call.id,
      legId: leg.id,
      interactionId: facts.interactionId,
      direction: facts.direction,
      state: stateOf(call, leg, isMine),
      since: since.get(leg) ?? leg.answeredAt ?? leg.createdAt,
      number: facts.full ? other : null,
      displayNumber: facts.full ? other : maskNumber(other),
      // The record has the customer's name where it is known.
      name: isMine ? '' : facts.name || callerName(call.from),
      via: facts.alias || (call.direction === 'inbound' ? call.to : ''),
    };
  }

  async function publishCalls(userId: string): Promise<void> {
    topic().publish(userId, 'calls', { calls: await callsOf(userId) });
  }

  return {
    async state(userId) {
      return { ...(await phoneOf(await extensions.ofUser(userId))), calls: await callsOf(userId) };
    },
    follow(call, change) {
      if (call.tenantId === null || change.type === 'digit' || change.type === 'note') return;
      for (const leg of legsOf(call, change)) since.set(leg, change.at);
      const people = new Set(call.legs.flatMap((leg) => userOf(call, leg) ?? []));
      for (const userId of people) {
        publishCalls(userId).catch((error: unknown) => {
          ctx.log.error({ err: error, callId: call.id }, 'a softphone could not be told of its call');
        });
      }
    },
    async phoneChanged(userId, tenantId) {
      const phone = await phoneOf(await extensions.ofUserAnywhere(userId));
      topic().publish(userId, 'phone', phone, tenantId === undefined ? {} : { tenantId });
    },
    async pickUp(call, leg, userId) {
      const { device } = await phoneOf(await extensions.ofUser(userId));
      if (device === 'browser') topic().publish(userId, 'pick-up', { legId: leg.id });
      else await call.pickUp(leg.id);
    },
  };

  async function phoneOf(extension: ExtensionRow | null): Promise<SoftphonePhone> {
    const isVirtual = ctx.calls.browserPhonePath() === null;
    if (!extension) return { extension: null, registered: false, device: 'desk', pageId: null };
    const { number, domain, device, pageId } = extension;
    const registered = await phones.isRegistered(extension);
    return { extension: { number, domain }, registered, device: isVirtual ? 'virtual' : device, pageId };
  }
}

/** The legs whose state began with this change. */
function legsOf(call: Call, change: CallChange): Leg[] {
  switch (change.type) {
    case 'leg-created':
    case 'leg-answered':
      return [change.leg];
    case 'talk-started':
    case 'talk-ended':
      return [change.a, change.b];
    case 'held':
    case 'resumed': {
      const partner = partnerOf(call, change.leg);
      return partner ? [change.leg, partner] : [change.leg];
    }
    default:
      return [];
  }
}

export function stateOf(call: Call, leg: Leg, isMine: boolean): SoftphoneCall['state'] {
  const partner = partnerOf(call, leg);
  if (partner) return partner.held ? 'held' : 'talking';
  if (isMine) return 'dialling';
  return leg.state === 'ringing' ? 'ringing' : 'connecting';
}
