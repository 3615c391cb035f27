import {
  type Call,
  type CallChange,
  JackfieldError,
  type Leg,
  type PluginContext,
} from '@jackfield/core/sdk';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import { RecordingEntity, type RecordingRow } from './recording.entity.ts';
import { sidesOf, talksOf } from './sides.ts';

export interface Recorder {
  /** Begins and ends recordings as the call goes. Returns at once. */
  follow(call: Call, change: CallChange): void;
  /** Records the talks of a call that nobody records: after a crash just when one began. */
  takeUp(call: Call): Promise<void>;
  /** Resolves when what was begun has been written down. */
  settled(): Promise<void>;
}

export interface RecorderDeps {
  readonly ctx: PluginContext;
  readonly telephony: Pick<TelephonyApi, 'interactionOf'>;
  /** Whose leg it is; null for a customer. */
  userOf(call: Call, leg: Leg): string | null;
  /** Takes the file into the storage, now or later. */
  finished(row: RecordingRow): Promise<void>;
}

/**
 * One file for each talk, on the customer's leg, in stereo. Hold is part of a talk; a transfer begins another, so
 * that each file belongs to one agent.
 */
export function createRecorder({ ctx, telephony, userOf, finished }: RecorderDeps): Recorder {
  const recordings = ctx.repo(RecordingEntity);
  /** Changes of one call are worked off in their order. */
  const chains = new Map<string, Promise<void>>();
  const storing = new Set<Promise<void>>();
  /** Where the call last waited; telephony tells it by notes. */
  const queues = new Map<string, string>();
  /** Legs whose recording this process has started itself, and so knows to be running. */
  const running = new Set<string>();

  function enqueue(call: Call, work: () => Promise<void>): Promise<void> {
    const before = chains.get(call.id) ?? Promise.resolve();
    const done = before
      .then(() => call.run(work))
      .catch((error: unknown) => {
        ctx.log.error({ err: error, callId: call.id }, 'a talk could not be recorded');
      });
    chains.set(call.id, done);
    void done.then(() => {
      if (chains.get(call.id) === done) chains.delete(call.id);
    });
    return done;
  }

  function open(callId: string, legId?: string): Promise<RecordingRow[]> {
    return recordings.find({
      callId,
      state: 'recording',
      endedAt: { isNull: true },
      ...(legId ? { legId } : {}),
    });
  }

  async function begin(call: Call, a: Leg, b: Leg, at: number): Promise<void> {
    // Both over before this change had its turn.
    if (a.talksWith !== b.id) return;
    const { left, right } = sidesOf(call, a, b, (leg) => userOf(call, leg));
    const present = (await open(call.id, left.id))[0];
    if (present) return await confirm(call, present);
    const number = (await recordings.count({ callId: call.id })) + 1;
    const name = `${call.id}-${number}.wav`;
    const row = await recordings.insert({
      callId: call.id,
      interactionId: await telephony.interactionOf(call.id),
      legId: left.id,
      startedAt: at,
      state: 'recording',
      path: ctx.calls.recordingPath(`${call.tenantId}/${name}`),
      storageKey: `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')}/${name}`,
      agentUserId: userOf(call, right),
      partyUserId: userOf(call, left),
      partyNumber: left.number.slice(0, 64),
      queue: queues.get(call.id) ?? null,
    });
    await start(call, row);
  }

  /**
   * Written down before it is started, so that no file is ever without its row. When the switch cannot be reached, or
   * refuses, the row stays open: the sweep tries again as long as they talk.
   */
  async function start(call: Call, row: RecordingRow): Promise<void> {
    try {
      await call.startRecording(row.legId, row.path);
      running.add(row.legId);
    } catch (error) {
      if (!isOver(error)) throw error;
      await end(row);
    }
  }

  /** Not known to run: the switch takes a second start of the same file as none. */
  async function confirm(call: Call, row: RecordingRow): Promise<void> {
    if (!running.has(row.legId)) await start(call, row);
  }

  async function stop(call: Call, legIds: readonly string[]): Promise<void> {
    for (const row of await open(call.id)) {
      if (!legIds.includes(row.legId)) continue;
      await call.stopRecording(row.legId, row.path).catch((error: unknown) => {
        // The leg has hung up, and its recording with it.
        if (!isOver(error)) ctx.log.debug({ err: error, callId: call.id }, 'a recording had stopped already');
      });
      await end(row);
    }
  }

  /** The file is closed. Storing it is not waited for: the next talk of the call may begin at this moment. */
  async function end(row: RecordingRow): Promise<void> {
    running.delete(row.legId);
    const ended = await recordings.updateWhere(
      { id: row.id, endedAt: { isNull: true } },
      { endedAt: ctx.clock.now() },
    );
    if (ended === 0) return;
    const work = finished(row)
      .catch((error: unknown) => {
        ctx.log.error({ err: error, callId: row.callId, recordingId: row.id }, 'a recording was not stored');
      })
      .finally(() => storing.delete(work));
    storing.add(work);
  }

  async function endAll(rows: readonly RecordingRow[]): Promise<void> {
    for (const row of rows) await end(row);
  }

  return {
    follow(call, change) {
      switch (change.type) {
        case 'note':
          if (change.kind === 'queued' && typeof change.data.queueName === 'string') {
            queues.set(call.id, change.data.queueName.slice(0, 128));
          }
          return;
        case 'talk-started': {
          const { a, b, at } = change;
          void enqueue(call, () => begin(call, a, b, at));
          return;
        }
        case 'talk-ended': {
          const legIds = [change.a.id, change.b.id];
          void enqueue(call, () => stop(call, legIds));
          return;
        }
        case 'recording-stopped': {
          const { path } = change;
          void enqueue(call, async () => endAll((await open(call.id)).filter((row) => row.path === path)));
          return;
        }
        case 'ended':
          queues.delete(call.id);
          void enqueue(call, async () => endAll(await open(call.id)));
      }
    },
    async takeUp(call) {
      const unknown = talksOf(call).filter(({ a, b }) => !running.has(a.id) && !running.has(b.id));
      if (unknown.length === 0) return;
      await enqueue(call, async () => {
        for (const { a, b } of unknown) await begin(call, a, b, ctx.clock.now());
      });
    },
    async settled() {
      await Promise.all(chains.values());
      await Promise.all(storing);
    },
  };
}

function isOver(error: unknown): boolean {
  return JackfieldError.is(error) && (error.code === 'CALL_ENDED' || error.code === 'NOT_FOUND');
}
