import { type Call, JackfieldError, type PluginContext } from '@jackfield/core/sdk';
import type { MessageRow } from './message.entity.ts';
import { LEAST_MS, type Messages } from './messages.ts';

/** The key with which a caller ends his message. */
const END_KEY = '#';
/** Recording for so long, the file holds more than the least for sure, whatever the switch lost at its begin. */
const SURE_MS = 2_000;

export interface Recording {
  readonly row: MessageRow;
  /** Longest message in milliseconds. */
  readonly maxMs: number;
  /** Begun before a restart: it goes on in the switch. */
  readonly isResumed: boolean;
  /** Played meanwhile: a leg that hears nothing loses the begin of its recording, and some carriers hang up. */
  readonly silence: readonly string[];
  /** There is a message; told as soon as that is certain, so that a crash after it changes nothing. May come twice. */
  isKept(): void;
  /** The message is over, and must not be begun again; awaited before the recording is ended. */
  over(): Promise<void>;
}

/**
 * Records the caller until he presses #, the time is over, or he hangs up. True when there is a message. Throws what the
 * switch throws while the call goes on.
 */
export async function takeMessage(
  ctx: Pick<PluginContext, 'clock' | 'log'>,
  messages: Messages,
  call: Call,
  recording: Recording,
): Promise<boolean> {
  const { row, silence, over } = recording;
  const hearing = listen(ctx, call, recording);
  let begun = recording.isResumed;
  try {
    await call.startRecording(call.caller.id, row.path, { mono: true });
    begun = true;
    hearing.begun();
    call.play(silence, { loop: true }).catch((error: unknown) => {
      ctx.log.debug({ err: error, callId: call.id }, 'the silence of a message ended');
    });
    await hearing.end;
    await over();
    await endRecording(call, row);
  } catch (error) {
    if (isRefused(error)) await messages.finish(row.id, begun);
    if (!isEnded(error)) throw error;
  } finally {
    hearing.stop();
  }
  return (await messages.finish(row.id, begun)) !== 'none';
}

export async function endRecording(call: Call, row: MessageRow): Promise<void> {
  await call.stopMedia();
  try {
    await call.stopRecording(call.caller.id, row.path);
  } catch (error) {
    // It has stopped already: the disk was full, or a server before us did it.
    if (!isRefused(error)) throw error;
  }
}

function listen({ clock }: Pick<PluginContext, 'clock'>, call: Call, { row, maxMs, isKept }: Recording) {
  const legId = call.caller.id;
  const undo: (() => void)[] = [];
  const end = new Promise<void>((resolve) => {
    undo.push(
      call.onChange((change) => {
        if (change.type === 'digit' && change.leg.id === legId && change.digit === END_KEY) resolve();
        if (change.type === 'ended') resolve();
        if (change.type === 'recording-stopped' && change.path === row.path) {
          // A caller's hang-up closes the file before it ends the call: what is told now still counts for it.
          if ((change.ms ?? 0) >= LEAST_MS) isKept();
          resolve();
        }
      }),
      clock.after(Math.max(0, row.startedAt + maxMs - clock.now()), resolve),
    );
  });
  return {
    end,
    begun: () => undo.push(clock.after(SURE_MS, isKept)),
    stop: () => {
      for (const each of undo) each();
    },
  };
}

export function isEnded(error: unknown): boolean {
  return JackfieldError.is(error) && error.code === 'CALL_ENDED';
}

function isRefused(error: unknown): boolean {
  return JackfieldError.is(error) && error.code === 'SWITCH_COMMAND_FAILED';
}
