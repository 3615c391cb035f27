import { type Call, maskNumber, type PluginContext, z } from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import type {
  Destination,
  DestinationRun,
  Outcome,
  Prompt,
  TelephonyApi,
} from '@jackfield/plugin-telephony/contract';
import { QueueEntity, type QueueRow } from '../entities/queue.entity.ts';
import type { Runtimes, TenantAcd } from '../runtime/runtimes.ts';
import type { Guest, Offer, RingResult } from '../runtime/tenant-runtime.ts';

export const QueueTarget = z.object({ queueId: z.string().min(1).max(26) });

/** Where a call stands in its queue; stored before each step, and read again after a restart. */
const Position = z.object({
  phase: z.enum(['waiting', 'talking', 'over']),
  joinedAt: z.number(),
  priority: z.number(),
  aheadSince: z.number().nullable(),
  userId: z.string().optional(),
  legId: z.string().optional(),
});
type Position = z.output<typeof Position>;

/** How the waiting of a caller ended. */
type Waited =
  | { readonly how: 'taken'; readonly userId: string; readonly legId: string }
  | { readonly how: 'turned-away' }
  | { readonly how: 'gone' };

/** Music of one round before the announcement is heard again. */
const MUSIC_MS = 30_000;

export interface VoiceDeps {
  readonly ctx: PluginContext;
  readonly runtimes: Runtimes;
  readonly telephony: Pick<
    TelephonyApi,
    'ringAgent' | 'talk' | 'prompt' | 'interactionOf' | 'normalise' | 'userOf'
  >;
  readonly interactions: Pick<InteractionsApi, 'setParticipant' | 'removeParticipant'>;
  /** Is the caller of this call on the list of VIPs? */
  isVip(callId: string): boolean;
}

/** Callers in a queue: the voice channel of the routing. */
export function queueDestination(deps: VoiceDeps): Destination<typeof QueueTarget> {
  const { ctx, runtimes, telephony } = deps;
  const queues = ctx.repo(QueueEntity);

  return {
    kind: 'queue',
    title: { 'zh-CN': '队列', en: 'Queue' },
    target: QueueTarget,
    async options() {
      const rows = await queues.find({ enabled: true }, { orderBy: { name: 'asc' } });
      return rows.map(({ id, name }) => ({ target: { queueId: id }, label: name }));
    },
    async run(call, { queueId }, run) {
      const acd = await runtimes.current();
      const saved = Position.safeParse(run.state).data ?? null;
      const queue = await queues.findOne({ id: queueId });
      // His agent has had his wrap-up; the caller was only to be let go.
      if (saved?.phase === 'over') return { end: 'NORMAL_CLEARING' };
      const talking = saved?.phase === 'talking' ? saved : null;
      // Also when that talk ended while the server was away: he is not made to wait a second time.
      const legId = call.caller.talkedWith;
      if (talking?.userId && legId !== null && userOfLeg(call, legId) === talking.userId) {
        const { joinedAt, userId } = talking;
        await acd.runtime.restore({
          contactId: call.id,
          queueId,
          joinedAt,
          userId,
          label: await labelOf(call),
        });
        return await talk(call, acd, legId, () => run.save({ ...talking, phase: 'over' }));
      }
      if (!queue?.enabled) return closed(call);
      const position = saved ?? {
        phase: 'waiting' as const,
        joinedAt: ctx.clock.now(),
        priority: deps.isVip(call.id) ? queue.vipSeconds : 0,
        aheadSince: null,
      };
      return await visit(call, acd, queue, run, position, saved === null);
    },
  };

  /** The talk may have gone on at another leg of the agent than the one that answered. */
  function userOfLeg(call: Call, legId: string): string | null {
    const leg = call.legs.find(({ id }) => id === legId);
    return leg ? telephony.userOf(call, leg) : null;
  }

  async function visit(
    call: Call,
    acd: TenantAcd,
    queue: QueueRow,
    run: DestinationRun,
    saved: Position,
    isNew: boolean,
  ): Promise<Outcome> {
    let position: Position = { ...saved, phase: 'waiting' };
    const save = async (change: Partial<Position>) => {
      position = { ...position, ...change };
      await run.save(position);
    };
    await save({});
    await call.answer();
    if (isNew) call.note('queued', { queueId: queue.id, queueName: queue.name });

    const waiting = waitFor(call);
    const guest: Guest = {
      async ring(offer) {
        // Stored before it rings: a restart finds the caller at the head.
        await save({ aheadSince: position.aheadSince ?? offer.decision.at });
        return await ringAgent(call, queue, offer, waiting.taken);
      },
      turnedAway: waiting.turnedAway,
    };
    const { joinedAt, priority, aheadSince } = position;
    try {
      await acd.runtime.enter({
        contactId: call.id,
        queueId: queue.id,
        joinedAt,
        priority,
        aheadSince,
        label: await labelOf(call),
        guest,
      });
      const music = await entertain(call, queue);
      const waited = await waiting.ended;
      if (waited.how === 'turned-away') {
        await music.stop();
        return closed(call);
      }
      if (waited.how === 'gone') return { end: 'NORMAL_CLEARING' };
      const { userId, legId } = waited;
      await save({ phase: 'talking', userId, legId });
      await music.stop();
      call.note('connected', { userId, queueName: queue.name, waitedMs: ctx.clock.now() - joinedAt });
      return await talk(call, acd, legId, () => save({ phase: 'over' }));
    } finally {
      waiting.stop();
      await acd.runtime.leave(call.id);
    }
  }

  /** However the talk ends, an agent who has talked has his wrap-up. */
  async function talkAndFinish(call: Call, acd: TenantAcd, legId: string, begun: () => boolean) {
    try {
      return await telephony.talk(call, legId);
    } finally {
      if (begun()) await acd.runtime.finish(call.id);
    }
  }

  async function talk(
    call: Call,
    acd: TenantAcd,
    legId: string,
    saveOver: () => Promise<void>,
  ): Promise<Outcome> {
    const talks = watchTalk(call, legId);
    try {
      const { endedBy } = await talkAndFinish(call, acd, legId, talks.begun);
      // The agent handed the caller on: what becomes of him is no longer ours to say.
      if (endedBy === 'server' && call.caller.state !== 'ended' && call.caller.talksWith !== null) {
        await acd.runtime.leave(call.id);
        await endOf(call);
      }
      await saveOver();
      return { end: 'NORMAL_CLEARING' };
    } finally {
      talks.stop();
      await acd.runtime.leave(call.id);
    }
  }

  async function ringAgent(
    call: Call,
    queue: QueueRow,
    offer: Offer,
    taken: (userId: string, legId: string) => void,
  ): Promise<RingResult> {
    const { userId, attempt, ringMs, signal } = offer;
    return await call.run(async () => {
      call.note('offered', { userId, queueName: queue.name, attempt });
      await show(call, userId, { queue: queue.name, offeredUntil: ctx.clock.now() + ringMs });
      const ring = await telephony
        .ringAgent(call, { userId, timeoutSec: Math.ceil(ringMs / 1_000), signal })
        .catch((error: unknown) => {
          if (!isOver(call)) throw error;
          return null;
        });
      if (ring?.outcome === 'answered') {
        const { leg } = ring;
        return {
          outcome: 'answered',
          accept: () => taken(userId, leg.id),
          decline: () => {
            call.hangupLeg(leg.id, 'LOSE_RACE').catch((error: unknown) => {
              ctx.log.warn(
                { err: error, callId: call.id, leg: leg.id },
                'a late answer could not be hung up',
              );
            });
          },
        };
      }
      await unshow(call, userId);
      if (ring === null || isOver(call)) return { outcome: 'gone' };
      const why = ring.outcome === 'cancelled' ? 'failed' : ring.outcome;
      if (!signal.aborted) call.note('offer-failed', { userId, queueName: queue.name, why });
      return { outcome: why };
    });
  }

  /** What a caller hears until an agent takes him. A prompt that cannot be played must not cost him his place. */
  async function entertain(call: Call, queue: QueueRow): Promise<{ stop(): Promise<void> }> {
    const prompts: Prompt[] = [{ kind: 'tone', tone: 'music', ms: MUSIC_MS }];
    if (queue.announcement !== '') prompts.unshift({ kind: 'text', text: queue.announcement });
    const warn = (error: unknown) => {
      if (!isOver(call))
        ctx.log.warn({ err: error, callId: call.id }, 'the music of a queue could not be played');
    };
    try {
      const paths = await telephony.prompt(prompts);
      call.play(paths, { loop: true }).catch(warn);
    } catch (error) {
      warn(error);
    }
    return {
      stop: async () => {
        await call.stopMedia().catch(warn);
      },
    };
  }

  function closed(call: Call): Outcome {
    call.note('outcome', { outcome: 'queue-closed' });
    return { end: 'NORMAL_TEMPORARY_FAILURE' };
  }

  async function labelOf(call: Call) {
    const number = await telephony.normalise(call.from.number);
    const { name } = call.from;
    const isName = name.replace(/^\+/, '') !== call.from.number.replace(/^\+/, '');
    return { displayNumber: maskNumber(number), name: isName ? name.slice(0, 128) : '' };
  }

  /** Before the phone rings, so that the workbench says from the first moment which queue it is. */
  async function show(call: Call, userId: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const id = await telephony.interactionOf(call.id);
    const since = ctx.clock.now();
    if (id !== null) await deps.interactions.setParticipant(id, { userId, state: 'offered', since, data });
  }

  /** A phone that did not even ring leaves nobody else to do it. */
  async function unshow(call: Call, userId: string): Promise<void> {
    const id = await telephony.interactionOf(call.id);
    if (id !== null) await deps.interactions.removeParticipant(id, userId);
  }
}

/** The first of: an agent took the caller, the queue is gone, the caller is. */
function waitFor(call: Call) {
  let end = (_waited: Waited) => {};
  const ended = new Promise<Waited>((resolve) => {
    end = resolve;
  });
  const check = () => {
    if (isOver(call)) end({ how: 'gone' });
  };
  const stop = call.onChange(check);
  check();
  return {
    ended,
    stop,
    taken: (userId: string, legId: string) => end({ how: 'taken', userId, legId }),
    turnedAway: () => end({ how: 'turned-away' }),
  };
}

/**
 * A caller may hang up between the answer and the first word: then nobody has served him. A talk that is taken up again
 * may be over already.
 */
function watchTalk(call: Call, legId: string): { begun(): boolean; stop(): void } {
  let begun = call.caller.talkedWith === legId;
  const stop = call.onChange((change) => {
    if (change.type === 'talk-started' && (change.a.id === legId || change.b.id === legId)) begun = true;
  });
  return { begun: () => begun, stop };
}

function isOver(call: Call): boolean {
  return call.signal.aborted || call.caller.state === 'ended';
}

async function endOf(call: Call): Promise<void> {
  if (call.signal.aborted) return;
  await new Promise<void>((resolve) =>
    call.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
