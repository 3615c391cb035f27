import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { CollectRequest, CollectResult } from './contract.ts';
import { escapeArgument } from './escape.ts';
import { channelApi, execute, type SwitchLink } from './link.ts';
import type { MediaTask } from './media-queue.ts';
import { keys, promptArgument } from './playback.ts';

const DIGITS = 'jf_digits';
/**
 * A key that no telephone has, taken as a terminator beside the caller's. `uuid_break` ends the prompt, but not the
 * waiting for keys behind it: only a key ends that.
 */
export const STOP_KEY = 'D';
const NO_SOUND = 'silence_stream://20';

/**
 * One prompt with digits, by `play_and_get_digits`: one try (tries, and what to say in between, are the caller's),
 * any digits (checking them is the caller's too), silence where FreeSWITCH would play the file for a wrong input.
 *
 * The variables are sticky, so both are cleared before. Partial input stays in the variable while read_result says
 * `failure`; a missing prompt leaves read_result unset, and nothing else tells. FreeSWITCH raises a time-out below
 * 1,000 ms to 1,000.
 */
export function collectDigits(
  link: SwitchLink,
  uuid: string,
  request: CollectRequest,
): MediaTask<CollectResult> {
  return {
    nudge: async () => {
      await channelApi(link, uuid, `uuid_recv_dtmf ${uuid} ${STOP_KEY}`);
    },
    skipped: () => ({ outcome: 'timeout', digits: '' }),
    async run(stopping) {
      const id = link.newId();
      const proof = link.proofs.expect<CollectResult>({
        channels: [uuid],
        what: 'the digits',
        timeoutMs: 0,
        test(event) {
          if (event.name !== 'CHANNEL_EXECUTE_COMPLETE' || event.get('Application-UUID') !== id)
            return undefined;
          return resultOf(event, request, stopping());
        },
        // after CHANNEL_HANGUP the completion still comes, with what was typed until then
        ended: (event) =>
          event.name === 'CHANNEL_HANGUP_COMPLETE'
            ? { outcome: 'hangup', digits: event.variable(DIGITS) ?? '' }
            : undefined,
      });
      try {
        await Promise.all([
          channelApi(link, uuid, `uuid_setvar ${uuid} ${DIGITS}`),
          channelApi(link, uuid, `uuid_setvar ${uuid} read_result`),
          execute(link, uuid, 'play_and_get_digits', argumentsOf(request), { id }),
        ]);
        return await proof.promise;
      } catch (error) {
        proof.reject(error as Error);
        throw error;
      }
    },
  };
}

function argumentsOf(request: CollectRequest): string {
  const { minDigits, maxDigits, timeoutMs, digitTimeoutMs = timeoutMs, terminators = '#' } = request;
  const prompt = escapeArgument(promptArgument(request.prompts));
  return [
    whole(minDigits, 0),
    whole(maxDigits, 1),
    1,
    whole(timeoutMs, 1000),
    keys(terminators, '') + STOP_KEY,
    prompt,
    NO_SOUND,
    DIGITS,
    '.+',
    whole(digitTimeoutMs, 1),
  ].join(' ');
}

function resultOf(event: SwitchEvent, request: CollectRequest, stopped: boolean): CollectResult {
  const digits = event.variable(DIGITS) ?? '';
  if (event.get('Answer-State') === 'hangup') return { outcome: 'hangup', digits };
  if (digits.length > 0 && digits.length >= request.minDigits) return { outcome: 'digits', digits };
  const missing = digits === '' && !stopped && event.variable('read_result') === null;
  return { outcome: missing ? 'missing' : 'timeout', digits };
}

function whole(value: number, least: number): number {
  return Math.max(least, Math.round(value));
}
