import {
  type Call,
  type CallChange,
  type Hook,
  JackfieldError,
  type PluginContext,
} from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import { CallRecordEntity, type CallRecordRow, CallStepEntity } from '../entities/call.entity.ts';
import type { NumberRow } from '../entities/number.entity.ts';
import { callerName, cleanName } from '../numbers/normalise.ts';
import type { Numbers } from '../numbers/numbers.ts';
import { userOf } from './caller-user.ts';
import { type StepFact, summarise } from './outcome.ts';
import type { Participants } from './participants.ts';
import { missingSteps, movedSteps, type Step, stepOf } from './step.ts';

/** More steps than any call has; what is beyond is not summed up. */
const MOST_STEPS = 5_000;

/** Between the tries to close a record while the database is away: five minutes in all. */
const CLOSE_PAUSES_MS = [1_000, 4_000, 15_000, 40_000, 60_000, 60_000, 60_000, 60_000];

/** Steps that tell the timeline nothing: each has another beside it that says it better. */
const UNTOLD = new Set(['recording-started', 'recording-stopped', 'leg-answered']);

export interface RecordKeeper {
  /**
   * Opens record and interaction of a call whose tenant is known; again after a crash, it finds them. Changes that
   * came before are in `call.legs`, and so in the record when it is closed.
   */
  open(call: Call, facts: RecordFacts): Promise<CallRecordRow>;
  /** Writes what happened; `ended` closes the record. Returns at once. */
  follow(call: Call, change: CallChange): void;
  /** Closes the record of a call that ended while we were away. Idempotent. */
  close(call: Call): Promise<void>;
  /** Resolves when everything that was handed over for this call has been written. */
  settled(callId: string): Promise<void>;
  interactionOf(callId: string): Promise<string | null>;
}

export interface RecordFacts {
  /** The access number that was dialled, or that is shown. */
  readonly number: NumberRow | null;
  /** To the switch every call from a phone of ours is internal; where it goes is known here. */
  readonly direction: Call['direction'];
}

export interface RecordKeeperDeps {
  readonly ctx: PluginContext;
  readonly numbers: Numbers;
  readonly interactions: InteractionsApi;
  readonly participants: Participants;
  readonly ended: Hook<'call:ended'>;
}

export function createRecordKeeper(deps: RecordKeeperDeps): RecordKeeper {
  const { ctx, numbers, interactions, participants, ended } = deps;
  const records = ctx.repo(CallRecordEntity);
  const stepRows = ctx.repo(CallStepEntity);
  /** One writer a call: the order of its changes is the order of its rows. */
  const chains = new Map<string, Promise<void>>();
  /** Of live calls; after a restart it fills again from the table. */
  const interactionIds = new Map<string, string>();

  function enqueue(call: Call, work: () => Promise<void>): Promise<void> {
    const before = chains.get(call.id) ?? Promise.resolve();
    const done = before
      .then(() => call.run(work))
      .catch((error: unknown) => {
        ctx.log.error({ err: error, callId: call.id }, 'the record of a call could not be written');
      });
    chains.set(call.id, done);
    void done.then(() => {
      if (chains.get(call.id) === done) chains.delete(call.id);
    });
    return done;
  }

  async function interactionOf(callId: string): Promise<string | null> {
    const known = interactionIds.get(callId);
    if (known !== undefined) return known;
    return (await records.findOne({ id: callId }))?.interactionId ?? null;
  }

  async function write(call: Call, steps: readonly Step[]): Promise<void> {
    if (steps.length === 0) return;
    await stepRows.insertMany(steps.map((step) => ({ callId: call.id, ...step })));
  }

  async function tell(interactionId: string, step: Step): Promise<void> {
    if (UNTOLD.has(step.kind)) return;
    // Numbers stay in the record, where they are masked for those who may not see them.
    const { number: _number, target: _target, ...data } = step.data;
    await interactions.record(interactionId, {
      // A note of another plugin has that plugin's name, under which its text is found.
      kind: step.kind.includes('.') ? step.kind : `telephony.${step.kind}`,
      at: step.at,
      data,
      ...(step.userId === null ? {} : { userId: step.userId }),
    });
  }

  /** What a list of calls shows while the call lasts. */
  async function showProgress(call: Call, change: CallChange): Promise<void> {
    const live = { id: call.id, endedAt: { isNull: true } } as const;
    if (change.type === 'note' && change.kind === 'queued' && typeof change.data.queueName === 'string') {
      await records.updateWhere(live, { queueName: change.data.queueName.slice(0, 128) });
    } else if (change.type === 'leg-created') {
      const userId = userOf(call, change.leg);
      if (userId !== null && call.direction === 'inbound')
        await records.updateWhere(live, { agentUserId: userId });
    } else if (change.type === 'talk-started') {
      await records.updateWhere({ ...live, answeredAt: { isNull: true } }, { answeredAt: change.at });
    }
  }

  async function follow(call: Call, change: CallChange): Promise<void> {
    // The step first: it is what the record is made of, should any of the rest fail.
    const step = stepOf(call, change);
    if (step) await write(call, [step]);
    const interactionId = await interactionOf(call.id);
    if (interactionId === null) return;
    await showProgress(call, change);
    if (step) await tell(interactionId, step);
    await participants.follow(call, change, {
      interactionId,
      async hasTalked(legId) {
        const talks = await stepRows.find({ callId: call.id, kind: 'talk-started' });
        return talks.some(({ data }) => data.a === legId || data.b === legId);
      },
    });
  }

  async function close(call: Call): Promise<void> {
    const record = await records.findOne({ id: call.id });
    // A number nobody has: such a call has no record.
    if (!record || call.endedAt === null) return;
    const endedAt = call.endedAt;
    const summary = await ctx.tx(async () => {
      const known = await stepRows.find({ callId: call.id }, { limit: MOST_STEPS });
      for (const { id, at } of movedSteps(call, known)) await stepRows.update(id, { at });
      const lost = missingSteps(call, known);
      await write(call, lost);
      const summary = summarise({
        direction: record.direction,
        startedAt: call.startedAt,
        endedAt,
        callerLegId: call.legs[0]?.id ?? null,
        legs: call.legs.map((leg) => ({ ...leg, userId: userOf(call, leg) })),
        steps: inOrder([...known, ...lost]),
      });
      const closed = await records.updateWhere(
        { id: call.id, endedAt: { isNull: true } },
        { ...summary, endedAt, cause: (call.cause ?? 'NORMAL_CLEARING').slice(0, 48) },
      );
      if (closed === 0) return null;
      await ctx.events.publish(
        'telephony:call-ended',
        {
          callId: call.id,
          interactionId: record.interactionId,
          outcome: summary.outcome,
          startedAt: call.startedAt,
          endedAt,
        },
        { key: call.id },
      );
      return summary;
    });
    const outcome = summary?.outcome ?? record.outcome ?? 'failed';
    if (record.interactionId !== null) {
      await interactions.close(record.interactionId, { at: endedAt, outcome });
    }
    interactionIds.delete(call.id);
    if (summary) await ended.run({ callId: call.id, outcome });
  }

  /** A record must not stay open because the database was away for a moment. */
  async function closeForSure(call: Call): Promise<void> {
    for (const pause of CLOSE_PAUSES_MS) {
      try {
        return await close(call);
      } catch (error) {
        if (!JackfieldError.is(error) || error.code !== 'UNAVAILABLE') throw error;
        ctx.log.warn({ err: error, callId: call.id }, 'the record of a call could not be closed yet');
        await ctx.clock.sleep(pause);
      }
    }
    await close(call);
  }

  return {
    async open(call, about) {
      let row = await records.findOne({ id: call.id });
      if (!row) {
        const facts = { ...recordOf(call, about, numbers), agentUserId: firstUser(call) };
        row = await insertOnce(facts);
      }
      if (row.interactionId === null) row = await openInteraction(call, row);
      if (row.interactionId !== null) interactionIds.set(call.id, row.interactionId);
      return row;
    },
    follow(call, change) {
      // Before the tenant is known there is nowhere to write to; `open` and `close` read the legs instead.
      if (call.tenantId === null) return;
      void enqueue(call, () => follow(call, change));
      if (change.type === 'ended') void enqueue(call, () => closeForSure(call));
    },
    close: (call) => enqueue(call, () => closeForSure(call)),
    settled: (callId) => chains.get(callId) ?? Promise.resolve(),
    interactionOf,
  };

  async function insertOnce(values: Parameters<typeof records.insert>[0]): Promise<CallRecordRow> {
    try {
      return await records.insert(values);
    } catch (error) {
      if (!JackfieldError.is(error) || error.code !== 'CONFLICT' || values.id === undefined) throw error;
      return await records.get(values.id);
    }
  }

  async function openInteraction(call: Call, row: CallRecordRow): Promise<CallRecordRow> {
    const outside = row.direction === 'inbound' ? 'from' : 'to';
    const interaction = await interactions.open({
      channel: 'voice',
      direction: row.direction,
      address: outside === 'from' ? row.fromNumber : row.toNumber,
      addressAsGiven: outside === 'from' ? row.fromAsGiven : row.toAsGiven,
      name: outside === 'from' ? row.fromName : '',
      via: row.alias || (outside === 'from' ? row.toNumber : row.fromNumber),
      ref: { plugin: 'telephony', id: call.id },
      at: call.startedAt,
    });
    await interactions.record(interaction.id, {
      kind: 'telephony.started',
      at: call.startedAt,
      data: { direction: row.direction, via: row.alias },
    });
    return await records.update(row.id, {
      interactionId: interaction.id,
      // Who keeps the customers knows better who it is than the caller's phone.
      ...(outside === 'from' && interaction.name ? { fromName: interaction.name } : {}),
    });
  }
}

function firstUser(call: Call): string | null {
  const first = call.legs[0];
  if (first) return userOf(call, first);
  const { ref } = call.position as { ref?: { target?: { userId?: unknown } } };
  return typeof ref?.target?.userId === 'string' ? ref.target.userId : null;
}

function recordOf(call: Call, { number, direction }: RecordFacts, numbers: Numbers) {
  return {
    id: call.id,
    direction,
    fromNumber: numbers.normalise(call.from.number).slice(0, 64),
    fromAsGiven: cleanName(call.from.number),
    fromName: callerName(call.from),
    toNumber: (direction === 'inbound' && number ? number.number : numbers.normalise(call.to)).slice(0, 64),
    toAsGiven: cleanName(call.to),
    numberId: number?.id ?? null,
    alias: number?.alias ?? '',
    vip: number?.vip ?? false,
    startedAt: call.startedAt,
  };
}

/** By time; of two at the same moment, as they were written. */
function inOrder<T extends StepFact>(steps: readonly T[]): T[] {
  return [...steps].sort((a, b) => a.at - b.at);
}
