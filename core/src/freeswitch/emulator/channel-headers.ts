/** What an event of a channel says about it: its states, its profiles, and its variables. */
import { profileHeaders } from './caller-profile.ts';
import type { Channel } from './channel.ts';
import type { EventMessage } from './event-message.ts';
import { stateNumbers } from './states.ts';

const withoutVariables = new Set([
  'DTMF',
  'CHANNEL_STATE',
  'CHANNEL_CALLSTATE',
  'CHANNEL_OUTGOING',
  'CODEC',
  'PRIVATE_COMMAND',
]);

export function addChannelHeaders(event: EventMessage, channel: Channel): void {
  event
    .add('Channel-State', channel.runningState)
    .add('Channel-Call-State', channel.callState)
    .add('Channel-State-Number', stateNumbers[channel.state])
    .add('Channel-Name', channel.name)
    .add('Unique-ID', channel.uuid)
    .add('Call-Direction', channel.direction)
    .add('Presence-Call-Direction', channel.direction)
    .add('Channel-HIT-Dialplan', String(channel.dialplanFlag));
  if (channel.presenceId !== '' && channel.variables.has('presence_id')) {
    event.add('Channel-Presence-ID', channel.presenceId);
  }
  event.add('Channel-Call-UUID', channel.callUuid).add('Answer-State', channel.answerState);
  if (channel.hangupCause !== null) event.add('Hangup-Cause', channel.hangupCause);
  if (channel.codecReady) {
    for (const way of ['Read', 'Write']) {
      event
        .add(`Channel-${way}-Codec-Name`, 'PCMA')
        .add(`Channel-${way}-Codec-Rate`, 8000)
        .add(`Channel-${way}-Codec-Bit-Rate`, 64000);
    }
  }
  if (channel.runningState !== 'CS_NEW') {
    event.headers.push(...profileHeaders('Caller', channel.profile));
    if (channel.otherLeg !== null) {
      event.add('Other-Type', channel.otherLeg.type);
      event.headers.push(...profileHeaders('Other-Leg', channel.otherLeg.profile));
    }
  }
  if (withoutVariables.has(event.name)) return;
  for (const [name, value] of channel.variables) event.add(`variable_${name}`, value);
}
