import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { PlayResult } from './contract.ts';
import { escapeElement } from './escape.ts';
import { channelApi, execute, type SwitchLink } from './link.ts';
import type { MediaTask } from './media-queue.ts';

export interface PlayOptions {
  /** Starts over until it is stopped or a terminator is pressed. */
  readonly loop?: boolean;
  /** Keys that end it. Default none: FreeSWITCH's own default `*` would surprise a caller who types it. */
  readonly terminators?: string;
}

/** FreeSWITCH ends a loop by itself if one round took less than half a second; then we begin it again. */
const NEXT_ROUND_MS = 1_500;

/** What `playback` and `play_and_get_digits` take as one file: several prompts become a `file_string`. */
export function promptArgument(prompts: readonly string[]): string {
  const [only, ...more] = prompts;
  if (more.length === 0) return only ?? 'silence_stream://20';
  return `file_string://${prompts.map((prompt) => escapeElement(prompt, '!')).join('!')}`;
}

/**
 * Plays to one channel. Settled by its CHANNEL_EXECUTE_COMPLETE; a missing file has no PLAYBACK event at all, and
 * after a hangup FreeSWITCH says `done`, so Application-Response and Answer-State decide.
 */
export function playback(
  link: SwitchLink,
  uuid: string,
  prompts: readonly string[],
  options: PlayOptions,
): MediaTask<PlayResult> {
  return {
    skipped: () => ({ outcome: 'broken' }),
    async run(stopping) {
      if (prompts.length === 0) return { outcome: 'done' };
      const id = link.newId();
      const data = promptArgument(prompts);
      const begin = () =>
        execute(link, uuid, 'playback', data, { id, ...(options.loop ? { loops: -1 } : {}) });
      let status: string | null = null;
      let started = false;
      let cancelRound: (() => void) | null = null;
      const proof = link.proofs.expect<PlayResult>({
        channels: [uuid],
        what: 'the end of the playback',
        timeoutMs: 0,
        ended: () => ({ outcome: 'hangup' }),
        test(event) {
          switch (event.name) {
            case 'PLAYBACK_START':
              status = null;
              started = true;
              cancelRound?.();
              cancelRound = null;
              return undefined;
            case 'PLAYBACK_STOP':
              status = event.get('Playback-Status');
              return undefined;
            case 'CHANNEL_UNPARK':
            case 'CHANNEL_BRIDGE':
              // between two rounds of a loop: the channel was taken away from it
              return cancelRound ? { outcome: 'broken' } : undefined;
            case 'CHANNEL_EXECUTE_COMPLETE':
              break;
            default:
              return undefined;
          }
          if (event.get('Application-UUID') !== id) return undefined;
          const outcome = outcomeOf(event, started, status, stopping());
          const keyPressed = Boolean(event.variable('playback_terminator_used'));
          if (!options.loop || outcome === 'missing' || outcome === 'hangup') return { outcome };
          if (keyPressed) {
            // a key ends one round only: the loop itself must be stopped
            channelApi(link, uuid, `uuid_break ${uuid} all`).catch(() => {});
            return { outcome: 'broken' };
          }
          if (outcome === 'broken') return { outcome };
          cancelRound = link.timers.after(NEXT_ROUND_MS, () =>
            begin().catch((error: Error) => proof.reject(error)),
          );
          return undefined;
        },
      });
      try {
        // one after the other on the same connection: no need to wait for the first replies
        await Promise.all([
          channelApi(link, uuid, `uuid_setvar ${uuid} playback_terminators ${keys(options.terminators)}`),
          channelApi(link, uuid, `uuid_setvar ${uuid} playback_terminator_used`), // sticky
          begin(),
        ]);
        return await proof.promise;
      } catch (error) {
        proof.reject(error as Error);
        throw error;
      } finally {
        (cancelRound as (() => void) | null)?.();
      }
    },
  };
}

function outcomeOf(
  event: SwitchEvent,
  started: boolean,
  status: string | null,
  stopping: boolean,
): PlayResult['outcome'] {
  if (event.get('Answer-State') === 'hangup') return 'hangup';
  const response = event.get('Application-Response');
  if (response === 'FILE NOT FOUND') return 'missing';
  if (stopping || status === 'break' || event.variable('playback_terminator_used')) return 'broken';
  if (response !== 'PLAYBACK ERROR') return 'done';
  // an error after it began: the channel was taken away, by a bridge or a transfer
  return started ? 'broken' : 'missing';
}

/** Telephone keys as FreeSWITCH takes them; anything else is left out. */
export function keys(terminators: string | undefined, none = 'none'): string {
  return (terminators ?? '').replace(/[^0-9A-C*#]/g, '') || none;
}
