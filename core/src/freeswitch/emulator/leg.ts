/** What the far end of a leg does, as mod_sofia would report it to the core. */
import { causeOfQ850, causeOfSip, q850Of } from './causes.ts';
import type { Channel } from './channel.ts';
import { apiOn, executeOn } from './execute-on.ts';
import { holdChanged } from './hold.ts';
import { answeredVariables, earlyVariables, progressVariables, sessionVariables } from './sip-variables.ts';

/** 180: CHANNEL_PROGRESS, then call state RINGING. */
export function legRinging(leg: Channel): void {
  if (leg.hungUp || leg.mediaUp || leg.ringReady) return;
  if (leg.direction === 'outbound') progressVariables(leg);
  leg.ringReady = true;
  leg.times.progress = leg.core.now();
  leg.fire('CHANNEL_PROGRESS');
  if (leg.direction === 'outbound') leg.setCallState('RINGING');
  leg.notifyState();
}

/** 183 with SDP: CHANNEL_PROGRESS_MEDIA, then call state EARLY. */
export function legEarlyMedia(leg: Channel): void {
  if (leg.hungUp || leg.mediaUp || leg.direction !== 'outbound') return;
  progressVariables(leg);
  sessionVariables(leg);
  leg.set('endpoint_disposition', 'EARLY MEDIA');
  leg.earlyMedia = true;
  leg.times.progressMedia = leg.core.now();
  leg.fire('CHANNEL_PROGRESS_MEDIA');
  leg.setCallState('EARLY');
  codecEvents(leg);
  earlyVariables(leg);
  leg.notifyState();
}

/** 200 of the far end to a call of ours. */
export function legAnswered(leg: Channel): void {
  if (leg.hungUp || leg.answered) return;
  if (leg.direction === 'outbound') progressVariables(leg);
  if (!leg.earlyMedia) codecEvents(leg);
  answeredVariables(leg);
  leg.answered = true;
  leg.times.answered = leg.core.now();
  leg.fire('CHANNEL_ANSWER');
  afterAnswer(leg);
}

/** `execute_on_answer` runs between CHANNEL_ANSWER and call state ACTIVE (trace 15 D). */
export function afterAnswer(leg: Channel): void {
  executeOn(leg, 'execute_on_answer');
  apiOn(leg, 'api_on_answer');
  if (leg.direction === 'outbound' && leg.presenceId !== '') firePresence(leg);
  leg.setCallState('ACTIVE');
  leg.set('endpoint_disposition', 'ANSWER');
  leg.notifyState();
  leg.wake();
}

/** A final answer of the far end other than 200. A Reason header (Q.850) wins over the status. */
export function legRefused(leg: Channel, status: number, reasonQ850?: number): void {
  if (leg.hungUp) return;
  const cause = reasonQ850 === undefined ? causeOfSip(status) : causeOfQ850(reasonQ850);
  if (leg.direction === 'outbound' && !leg.ringReady && !leg.mediaUp) progressVariables(leg);
  leg.set('sip_invite_failure_status', status);
  leg.set('sip_invite_failure_phrase', phraseOf(status));
  leg.setTermStatus(status, q850Of(cause));
  leg.hangup(cause, 'recv_refuse');
}

/** Reason phrase of a SIP status. */
export function phraseOf(status: number): string {
  return phrases[status] ?? 'Refused';
}

const phrases: Record<number, string> = {
  404: 'Not Found',
  480: 'Temporarily Unavailable',
  486: 'Busy Here',
  487: 'CANCEL',
  488: 'Not Acceptable Here',
  500: 'Server Error',
  503: 'Service Unavailable',
  603: 'Decline',
};

/** BYE, or CANCEL of a call that was not answered. */
export function legHungUp(leg: Channel): void {
  if (leg.hungUp) return;
  if (leg.answered || leg.direction === 'outbound') {
    leg.setTermStatus(200, 16);
    leg.hangup('NORMAL_CLEARING', 'recv_bye');
    return;
  }
  leg.set('sip_invite_failure_status', 487);
  leg.set('sip_invite_failure_phrase', 'CANCEL');
  leg.setTermStatus(487, 487);
  leg.hangup('ORIGINATOR_CANCEL', 'recv_cancel');
}

/** re-INVITE of the phone itself: sendonly or sendrecv. */
export function legHold(leg: Channel, on: boolean): void {
  if (!leg.hungUp && leg.answered) holdChanged(leg, on);
}

/** Media is negotiated: the codecs of both directions. */
export function codecEvents(leg: Channel): void {
  leg.codecReady = true;
  codecEvent(leg);
  codecEvent(leg);
}

/** One direction has another codec: of the line, or of the tone that is played (trace 04, ringback). */
export function codecEvent(leg: Channel): void {
  leg.fire(
    'CODEC',
    [],
    [
      ['channel-read-codec-name', 'PCMA'],
      ['channel-read-codec-rate', '8000'],
      ['channel-read-codec-bit-rate', '64000'],
    ],
  );
}

/** PRESENCE_IN of a user's leg, which is fired only where the profile manages presence. */
export function firePresence(leg: Channel): void {
  if (leg.presenceId !== '') {
    leg.core.publish(
      leg.event('PRESENCE_IN', null, [
        ['login', leg.name],
        ['from', leg.presenceId],
      ]),
    );
  }
}
