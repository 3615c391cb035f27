/** Collecting keys: `read` and `play_and_get_digits`, with what is odd about them (trace 03). */

import { preAnswer } from './answer.ts';
import type { Channel } from './channel.ts';
import { runMessages } from './execute.ts';
import { playFile } from './playback.ts';

export interface ReadRequest {
  readonly min: number;
  readonly max: number;
  /** '' for none. */
  readonly prompt: string;
  readonly variable: string;
  readonly timeoutMs: number;
  /** Keys that end the input; '' for none. */
  readonly terminators: string;
  readonly digitTimeoutMs: number;
}

type ReadStatus = 'success' | 'timeout' | 'failure' | 'too-small' | 'missing';

interface ReadOutcome {
  readonly status: ReadStatus;
  readonly digits: string;
}

export async function readDigits(channel: Channel, request: ReadRequest): Promise<ReadOutcome> {
  const { min, terminators } = request;
  const max = Math.max(request.max, min);
  channel.set('read_result', null);
  if (request.variable !== '') channel.set(request.variable, null);
  preAnswer(channel);

  let digits = '';
  if (request.prompt !== '' && request.prompt !== 'silence') {
    const played = await playFile(channel, request.prompt, (digit) => {
      digits += digit;
      return true;
    });
    // returns at once, and read_result stays unset
    if (played === 'missing') return { status: 'missing', digits: '' };
    if (!channel.ready) return { status: 'missing', digits: '' };
  }

  let terminator = '';
  let status: ReadStatus = 'success';
  if (digits !== '' && terminators.includes(digits) && !(max === 1 && min === 1)) {
    terminator = digits;
    digits = '';
  } else if ((min > 0 && digits.length < min) || digits.length < max) {
    const collected = await collect(channel, request, max, digits);
    ({ digits, terminator } = collected);
    if (collected.timedOut) status = 'timeout';
    if (!channel.ready) return { status: 'missing', digits };
  }
  if (terminator !== '') channel.set('read_terminator_used', terminator);
  if (min > 0 && digits.length < min) status = 'too-small';
  channel.set('read_result', status === 'success' ? 'success' : status === 'timeout' ? 'timeout' : 'failure');
  if (max === 1 && digits.length === 1 && terminators.includes(digits)) digits = '';
  if (request.variable !== '' && digits !== '') channel.set(request.variable, digits);
  return { status, digits };
}

async function collect(
  channel: Channel,
  request: ReadRequest,
  max: number,
  before: string,
): Promise<{ digits: string; terminator: string; timedOut: boolean }> {
  const clock = channel.core.clock;
  let digits = before;
  let endUs = clock.nowUs() + (digits === '' ? request.timeoutMs : request.digitTimeoutMs) * 1000;
  while (channel.ready) {
    if (channel.breakRequest !== 'none') {
      channel.breakRequest = 'none';
      break;
    }
    endUs += await runMessages(channel);
    if (!channel.ready) break;
    while (channel.digits.length > 0) {
      const digit = channel.takeDigit() ?? '';
      if (request.terminators.includes(digit)) return { digits, terminator: digit, timedOut: false };
      digits += digit;
      endUs = clock.nowUs() + request.digitTimeoutMs * 1000;
      if (digits.length >= max) return { digits, terminator: '', timedOut: false };
    }
    const left = (endUs - clock.nowUs()) / 1000;
    if (left <= 0) return { digits, terminator: '', timedOut: true };
    await channel.idle(left);
  }
  return { digits, terminator: '', timedOut: false };
}

export interface PlayAndGetRequest extends ReadRequest {
  readonly tries: number;
  readonly invalidPrompt: string;
  /** Empty: anything goes. */
  readonly pattern: string;
}

export async function playAndGetDigits(channel: Channel, request: PlayAndGetRequest): Promise<void> {
  const { variable, pattern } = request;
  if (pattern !== '' && variable !== '') channel.set(`${variable}_invalid`, null);
  for (let tries = request.tries; tries > 0 && channel.ready; tries--) {
    const { status, digits } = await readDigits(channel, request);
    if (!channel.ready) return;
    const enough = status === 'success' || (status === 'timeout' && digits.length >= request.min);
    if (request.min === 0 && digits === '' && channel.get('read_terminator_used') !== null) return;
    if (enough && digits !== '') {
      if (pattern === '' || matches(pattern, digits)) return;
      channel.set(variable, null);
      if (variable !== '') channel.set(`${variable}_invalid`, digits);
    }
    // also after the last failure
    await playFile(channel, request.invalidPrompt, () => false);
  }
}

/** FreeSWITCH's patterns are PCRE; the few that Jackfield sends mean the same in JavaScript. */
function matches(pattern: string, digits: string): boolean {
  try {
    return new RegExp(pattern).test(digits);
  } catch {
    return false;
  }
}
