/** Applications on a channel: CHANNEL_EXECUTE, the work, CHANNEL_EXECUTE_COMPLETE; and the queue of commands. */

import { preAnswer } from './answer.ts';
import type { Channel, PrivateMessage } from './channel.ts';
import type { Header } from './event-message.ts';
import { expand } from './expand.ts';

/**
 * Runs one application. An unknown one hangs up the call (trace 11 z).
 * @param uuid `Application-UUID`, from the Event-UUID of a sendmsg
 */
export function execute(
  channel: Channel,
  app: string,
  arg: string,
  uuid?: string,
): Promise<void> | undefined {
  const application = channel.core.applications.get(app);
  if (!application) {
    channel.hangup('DESTINATION_OUT_OF_ORDER');
    return undefined;
  }
  if (!application.withoutMedia && !channel.mediaUp && channel.direction === 'inbound') preAnswer(channel);
  const data = expand(channel.core, channel, arg);
  const outer = { app: channel.application, data: channel.applicationData };
  const headers: Header[] = [['Application', app]];
  if (data !== '') headers.push(['Application-Data', data]);
  const id: Header = ['Application-UUID', uuid ?? channel.core.newUuid()];
  channel.application = app;
  channel.applicationData = data;
  channel.lastApp = { app, arg: data };
  channel.set('current_application_data', data);
  channel.set('current_application', app);
  channel.set('current_application_response', null);
  channel.fire('CHANNEL_EXECUTE', [], [...headers, id]);
  channel.breakRequest = 'none';

  const complete = () => {
    // what ran outside of this one goes on; a channel that hung up shows the last one
    if (!channel.hungUp) {
      channel.application = outer.app;
      channel.applicationData = outer.data;
    }
    const response = channel.get('current_application_response') ?? '_none_';
    channel.fire('CHANNEL_EXECUTE_COMPLETE', [], [...headers, ['Application-Response', response], id]);
  };
  const running = application.run(channel, data);
  if (running) return running.then(complete);
  complete();
  return undefined;
}

function headerOf(message: PrivateMessage, name: string): string | null {
  for (const [key, value] of message.headers) if (key.toLowerCase() === name) return value;
  return null;
}

/** Does what a command says. Unknown ones do nothing, although their sendmsg was answered `+OK`. */
export async function runMessage(channel: Channel, message: PrivateMessage): Promise<void> {
  const command = (headerOf(message, 'call-command') ?? '').toLowerCase();
  if (command === 'hangup') {
    channel.hangup(headerOf(message, 'hangup-cause') ?? 'NORMAL_CLEARING');
    return;
  }
  if (command !== 'execute') return;
  const app = headerOf(message, 'execute-app-name');
  if (app === null || app === '') return;
  const arg = headerOf(message, 'execute-app-arg') ?? message.body ?? '';
  const loops = Math.max(1, Number(headerOf(message, 'loops') ?? 1) || 1);
  const uuid = headerOf(message, 'event-uuid') ?? undefined;
  const lock = /^(true|yes|on|1)$/i.test(headerOf(message, 'event-lock') ?? '');
  if (lock) channel.eventLock = true;
  channel.breakOuter = false;
  channel.commandDepth++;
  const state = channel.state;
  for (let loop = 1; loop <= loops && !channel.hungUp && channel.state === state; loop++) {
    channel.set('current_loop', loop);
    channel.set('total_loops', loops);
    await execute(channel, app, arg, uuid);
  }
  channel.set('current_loop', null);
  channel.set('total_loops', null);
  if (lock) channel.eventLock = false;
  channel.commandDepth--;
  if (channel.breakOuter) channel.breakRequest = 'one';
}

/**
 * Runs what is queued. A running application calls this too, so that a second command starts inside the
 * first, unless the first was sent with `event-lock: true` (trace 02).
 * @returns how long that took, in microseconds
 */
export async function runMessages(channel: Channel): Promise<number> {
  const beganUs = channel.core.clock.nowUs();
  while (!channel.eventLock && !channel.hungUp) {
    const message = channel.queue.shift();
    if (!message) break;
    await runMessage(channel, message);
    channel.firePrivate(message);
  }
  return channel.core.clock.nowUs() - beganUs;
}
