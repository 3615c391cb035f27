import { JackfieldError } from '../../errors/index.ts';
import type { OriginateRequest, OriginateResult } from './contract.ts';
import { callerIdName, checkEndpoint, dialVariables } from './dial-string.ts';
import { checkChannelId } from './escape.ts';
import { channelApi, type SwitchLink } from './link.ts';
import { isHangup } from './proofs.ts';
import { receiptVariables } from './receipts.ts';

/** After the channel has said how it went, how long the job's own result is waited for. */
const LOST_JOB_MS = 2_000;
/** Beyond the ringing time: setting up, and a registrar that does not answer. */
const SLACK_MS = 15_000;

/**
 * Calls an endpoint and parks the new leg when it answers.
 *
 * The job's result decides: a leg that fails may have had no channel at all (phone not registered). If the channel
 * tells the outcome and the job stays silent, the channel decides after two seconds.
 * @param application what the leg does once it has answered
 */
export async function originateLeg(
  link: SwitchLink,
  request: OriginateRequest,
  application = '&park()',
): Promise<OriginateResult> {
  const { uuid, endpoint, timeoutSec, callerId } = request;
  const seconds = Math.max(1, Math.round(timeoutSec)) + 1;
  const variables = dialVariables({
    ...request.variables,
    ...receiptVariables(uuid),
    origination_uuid: checkChannelId(uuid),
    origination_caller_id_number: callerId.number.replace(/[^\w+*#.-]/g, ''),
    origination_caller_id_name: callerIdName(callerId.name ?? callerId.number),
    ignore_early_media: 'true',
    originate_timeout: String(seconds),
  });
  let cancel = (): void => {};
  const channel = link.proofs.expect<OriginateResult>({
    channels: [uuid],
    what: 'the answer of the called party',
    timeoutMs: seconds * 1000 + SLACK_MS,
    test(event) {
      if (event.name === 'CHANNEL_PARK' && event.get('Answer-State') === 'answered') {
        later({ outcome: 'answered', uuid });
      }
      return undefined;
    },
    ended(event) {
      later({ outcome: 'failed', cause: event.get('Hangup-Cause') ?? 'NORMAL_CLEARING' });
      return undefined;
    },
  });
  const later = (result: OriginateResult): void => {
    cancel();
    cancel = link.timers.after(LOST_JOB_MS, () => channel.settle(result));
  };
  link.job(`originate ${variables}${checkEndpoint(endpoint)} ${application}`).then(
    (text) => {
      const result = readJob(text, uuid);
      if (result instanceof JackfieldError) channel.reject(result);
      else channel.settle(result);
    },
    (error: Error) => channel.reject(error),
  );
  try {
    return await channel.promise;
  } finally {
    cancel();
  }
}

function readJob(text: string, uuid: string): OriginateResult | JackfieldError {
  if (text.startsWith('+OK')) return { outcome: 'answered', uuid };
  const cause = /^-ERR ([A-Z][A-Z0-9_]+)\s*$/.exec(text)?.[1];
  if (cause) return { outcome: 'failed', cause };
  return new JackfieldError('SWITCH_COMMAND_FAILED', undefined, {
    details: { reply: text.trim().slice(0, 200) },
  });
}

/** With the agent's leg as `target`; the names of FreeSWITCH's variables mean the other legs than one thinks. */
const WHISPER: Readonly<Record<'listen' | 'whisper' | 'barge', Readonly<Record<string, string>>>> = {
  listen: {},
  whisper: { eavesdrop_whisper_bleg: 'true' },
  barge: { eavesdrop_whisper_aleg: 'true', eavesdrop_whisper_bleg: 'true' },
};

/**
 * Calls the supervisor, who then hears `target` and its partner: `whisper` is heard by the target alone, `barge` by
 * both. Settled by MEDIA_BUG_START on the target, because FreeSWITCH says `+OK` also when there is no target.
 */
export async function eavesdropOn(
  link: SwitchLink,
  request: OriginateRequest & { readonly target: string; readonly mode: 'listen' | 'whisper' | 'barge' },
): Promise<OriginateResult> {
  const target = checkChannelId(request.target);
  const variables = { ...request.variables, ...WHISPER[request.mode] };
  const listening = link.proofs.expect<true>({
    channels: [target, request.uuid],
    what: 'listening in',
    timeoutMs: 0,
    test: (event) =>
      event.name === 'MEDIA_BUG_START' &&
      event.uuid === target &&
      event.get('Media-Bug-Function') === 'eavesdrop'
        ? true
        : undefined,
    ended: (event) => (isHangup(event) && event.uuid === request.uuid ? true : undefined),
  });
  try {
    const result = await originateLeg(link, { ...request, variables }, `&eavesdrop(${target})`);
    if (result.outcome === 'failed') return result;
    const cancel = link.timers.after(5_000, () => {
      listening.reject(
        new JackfieldError('SWITCH_TIMEOUT', undefined, { details: { what: 'listening in' } }),
      );
    });
    await listening.promise.finally(cancel);
    const reply = await channelApi(link, request.uuid, `uuid_exists ${request.uuid}`);
    return reply.trim() === 'true' ? result : { outcome: 'failed', cause: 'NORMAL_CLEARING' };
  } finally {
    listening.settle(true);
  }
}
