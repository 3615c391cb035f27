import { JackfieldError } from '../../errors/index.ts';
import type { Reply } from '../event-socket/event-socket.ts';
import { checkChannelId, escapeApplicationData } from './escape.ts';
import { callEnded, type ProofBook } from './proofs.ts';
import type { Timers } from './timers.ts';

/** What a command needs of the node: the connection of the moment, the proofs, time and fresh ids. */
export interface SwitchLink {
  readonly proofs: ProofBook;
  readonly timers: Timers;
  newId(): string;
  /** @throws JackfieldError SWITCH_UNREACHABLE, SWITCH_TIMEOUT */
  api(command: string): Promise<Reply>;
  /** Result of a background job, after the events before it have been handed out. */
  job(command: string): Promise<string>;
  sendmsg(uuid: string, headers: Readonly<Record<string, string>>): Promise<Reply>;
}

/**
 * An api command on a channel that answers `+OK` when it is taken.
 * @throws JackfieldError CALL_ENDED, SWITCH_COMMAND_FAILED
 */
export async function channelApi(link: SwitchLink, uuid: string, command: string): Promise<string> {
  const reply = await link.api(command);
  if (!reply.ok) throw await refusal(link, uuid, reply.text);
  return reply.text;
}

export interface ExecuteOptions {
  /** Comes back as Application-UUID in the CHANNEL_EXECUTE_COMPLETE. */
  readonly id: string;
  /** Times to repeat; -1 until stopped. */
  readonly loops?: number;
}

/**
 * Queues an application on a channel. Always with event-lock: without it a command starts inside the running one.
 * @param data taken literally: `${…}` in it is not expanded
 */
export async function execute(
  link: SwitchLink,
  uuid: string,
  application: string,
  data: string,
  options: ExecuteOptions,
): Promise<void> {
  const reply = await link.sendmsg(checkChannelId(uuid), {
    'call-command': 'execute',
    'execute-app-name': application,
    ...(data === '' ? {} : { 'execute-app-arg': escapeApplicationData(data) }),
    'event-lock': 'true',
    ...(options.loops === undefined ? {} : { loops: String(options.loops) }),
    'Event-UUID': options.id,
  });
  if (!reply.ok) throw await refusal(link, uuid, reply.text);
}

/** Why a command on a channel was refused. The texts differ from api to api, so the switch is asked, not the text. */
export async function refusal(link: SwitchLink, uuid: string, reply: string): Promise<JackfieldError> {
  const { text } = await link.api(`uuid_exists ${checkChannelId(uuid)}`);
  if (text.trim() === 'false') return callEnded(uuid, null);
  return new JackfieldError('SWITCH_COMMAND_FAILED', undefined, { details: { uuid, reply: reply.trim() } });
}
