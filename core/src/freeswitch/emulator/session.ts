/** The thread of a channel: goes from state to state until the channel is gone. */
import { bridgeLoop, joinUuidBridge } from './bridge.ts';
import { q850Of } from './causes.ts';
import type { Channel, DialplanStep } from './channel.ts';
import { inlineSteps } from './dialplan.ts';
import { arrayValue } from './event-message.ts';
import { execute, runMessages } from './execute.ts';
import { apiOn } from './execute-on.ts';
import { hangupVariables, rtpVariables } from './hangup-variables.ts';
import { firePresence, phraseOf } from './leg.ts';
import { park } from './park.ts';
import { stopAllRecordings } from './recorder.ts';
import { type ChannelState, stateNumbers } from './states.ts';

/** Starts the thread. It never rejects: an error in an application ends the call, as a crash would. */
export function startSession(channel: Channel): void {
  void run(channel);
}

async function run(channel: Channel): Promise<void> {
  while (channel.runningState !== 'CS_DESTROY') {
    if (channel.state === channel.runningState) {
      // the work of this state is done and nobody said what comes next
      await channel.idle();
      if (channel.ready) await runMessages(channel);
      continue;
    }
    const state = channel.state;
    channel.enter(state);
    try {
      await (handlers[state] ?? consume)(channel);
    } catch (error) {
      channel.set('emulator_error', error instanceof Error ? error.message : String(error));
      channel.hangup('DESTINATION_OUT_OF_ORDER');
    }
  }
}

type Handler = (channel: Channel) => Promise<void> | undefined;

const handlers: Partial<Record<ChannelState, Handler>> = {
  CS_INIT: onInit,
  CS_ROUTING: onRouting,
  CS_EXECUTE: onExecute,
  CS_SOFT_EXECUTE: joinUuidBridge,
  CS_EXCHANGE_MEDIA: bridgeLoop,
  CS_PARK: park,
  CS_CONSUME_MEDIA: consume,
  CS_HIBERNATE: async (channel) => channel.setState('CS_RESET'),
  CS_RESET: onReset,
  CS_HANGUP: onHangup,
  CS_REPORTING: onReporting,
  CS_DESTROY: undefined,
};

async function onInit(channel: Channel): Promise<void> {
  channel.state = 'CS_ROUTING';
  channel.fire('CHANNEL_CREATE');
  if (channel.direction === 'outbound') channel.fire('CHANNEL_ORIGINATE');
}

/** Nothing to do but to obey: an outbound leg that rings or waits for its bridge. */
async function consume(channel: Channel): Promise<void> {
  while (channel.ready) {
    await runMessages(channel);
    if (channel.ready && channel.queue.length === 0) await channel.idle();
  }
}

async function onReset(channel: Channel): Promise<void> {
  if (channel.uuidBridge?.role === 'originator') channel.setState('CS_SOFT_EXECUTE');
  else await consume(channel);
}

/** The dialplan. The first time, an outbound leg has none: it rings. */
async function onRouting(channel: Channel): Promise<void> {
  if (channel.direction === 'outbound' && !channel.mediaUp) {
    firePresence(channel);
    channel.setState('CS_CONSUME_MEDIA');
    return;
  }
  const { destinationNumber, context, dialplan } = channel.profile;
  const inline = dialplan === 'inline';
  channel.core.skipSequence();
  const steps = inline
    ? inlineSteps(destinationNumber)
    : channel.core.options.dialplan({ destination: destinationNumber, context, dialplan });
  if (!steps || steps.length === 0) {
    channel.hangup('NO_ROUTE_DESTINATION');
    return;
  }
  if (inline) {
    // as if the number dialled before had been dialled again
    channel.profile.destinationNumber = channel.profile.rdnis || destinationNumber;
    channel.profile.rdnis = '';
  } else channel.set('DP_MATCH', arrayValue([destinationNumber, destinationNumber]));
  channel.set('call_uuid', channel.uuid);
  setSteps(channel, steps);
}

/** Gives the channel an extension to work through. An outbound leg swaps its identities then (CALL_UPDATE). */
export function setSteps(channel: Channel, steps: readonly DialplanStep[]): void {
  channel.steps = [...steps];
  if (channel.direction === 'outbound' && !channel.dialplanFlag) {
    channel.dialplanFlag = true;
    flipCallerId(channel);
  }
  channel.setState('CS_EXECUTE');
}

export function flipCallerId(channel: Channel): void {
  const p = channel.profile;
  channel.set('pre_transfer_caller_id_name', p.callerIdName);
  channel.set('pre_transfer_caller_id_number', p.callerIdNumber);
  [p.callerIdName, p.calleeIdName] = [p.calleeIdName, p.callerIdName];
  [p.callerIdNumber, p.calleeIdNumber] = [p.calleeIdNumber, p.callerIdNumber];
  channel.set('channel_cid_flipped', 'yes');
  channel.fire('CALL_UPDATE', [['Direction', 'RECV']]);
}

async function onExecute(channel: Channel): Promise<void> {
  while (channel.ready) {
    const step = channel.steps.shift();
    if (!step) {
      // the end of the extension
      channel.hangup('NORMAL_CLEARING');
      return;
    }
    await execute(channel, step.app, step.arg);
  }
}

async function onHangup(channel: Channel): Promise<void> {
  const cause = channel.hangupCause ?? 'NORMAL_CLEARING';
  channel.times.hangup = channel.core.now();
  channel.queue.length = 0;
  stopAllRecordings(channel, 'success-silence');
  channel.set('hangup_cause', cause);
  channel.set('hangup_cause_q850', q850Of(cause));
  channel.set('digits_dialed', channel.dialedDigits === '' ? 'none' : channel.dialedDigits);
  hangupVariables(channel);
  sipHangupVariables(channel, cause);
  channel.setCallState('HANGUP');
  firePresence(channel);
  apiOn(channel, 'api_hangup_hook', false);
  channel.state = 'CS_REPORTING';
}

function sipHangupVariables(channel: Channel, cause: string): void {
  channel.set('sip_hangup_disposition', channel.disposition);
  if (channel.disposition === 'send_refuse') {
    const status = channel.refusalStatus;
    channel.set('sip_invite_failure_status', status);
    channel.set('sip_invite_failure_phrase', phraseOf(status));
    channel.setTermStatus(status, q850Of(cause));
  } else if (channel.disposition === 'send_cancel') {
    channel.set('sip_invite_failure_status', 487);
    channel.set('sip_invite_failure_phrase', 'CANCEL');
  }
  if (cause === 'LOSE_RACE') channel.set('call_completed_elsewhere', 'true');
}

async function onReporting(channel: Channel): Promise<void> {
  rtpVariables(channel);
  apiOn(channel, 'api_reporting_hook', false);
  channel.fire('CHANNEL_HANGUP_COMPLETE', [['Hangup-Cause', channel.hangupCause ?? '']]);
  channel.core.channels.delete(channel.uuid);
  channel.core.scheduler.forget(channel);
  for (const bug of [...channel.bugs]) bug.onTargetGone?.();
  for (const gone of channel.onGone.splice(0)) gone();
  while (channel.holders.size > 0) await channel.idle();
  channel.fire('CHANNEL_DESTROY');
  channel.state = 'CS_DESTROY';
}

/** True from CHANNEL_HANGUP on, when commands to the channel are refused. */
export function isDown(channel: Channel): boolean {
  return stateNumbers[channel.state] >= stateNumbers.CS_HANGUP;
}
