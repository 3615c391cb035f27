/** Answering and early media of a call that came in. */
import type { Channel } from './channel.ts';
import { afterAnswer, codecEvents } from './leg.ts';
import { answeredVariables, answerTag, confirmedVariables, earlyVariables } from './sip-variables.ts';

const ACK_MS = 10;

/** 183 with SDP to the caller. */
export function preAnswer(channel: Channel): void {
  if (channel.mediaUp || channel.hungUp || channel.direction !== 'inbound') return;
  codecEvents(channel);
  earlyVariables(channel);
  channel.earlyMedia = true;
  channel.times.progressMedia = channel.core.now();
  channel.fire('CHANNEL_PROGRESS_MEDIA');
  channel.setCallState('EARLY');
}

/** 200 to the caller. Early media comes before it even if nobody asked (late negotiation, trace 02). */
export function answer(channel: Channel): void {
  if (channel.answered || channel.hungUp) return;
  if (channel.direction !== 'inbound') return;
  preAnswer(channel);
  answeredVariables(channel);
  channel.answered = true;
  channel.times.answered = channel.core.now();
  channel.fire('CHANNEL_ANSWER');
  channel.farEnd.answered?.(channel);
  afterAnswer(channel);
  // the ACK takes a moment
  channel.core.clock.after(ACK_MS, () => {
    if (!channel.hungUp) confirmedVariables(channel);
  });
}

/** 180 to the caller. */
export function ringReady(channel: Channel): void {
  if (channel.mediaUp || channel.ringReady || channel.hungUp) return;
  channel.ringReady = true;
  channel.times.progress = channel.core.now();
  answerTag(channel);
  channel.fire('CHANNEL_PROGRESS');
  channel.farEnd.ringing?.(channel);
}
