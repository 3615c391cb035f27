import type { Leniency } from './compare.ts';
import type { TracedEvent } from './trace-timeline.ts';

/**
 * What may differ from the real FreeSWITCH, with the reason. Nothing else may.
 */
const common: Leniency = {
  ignoredEvents: [
    // codecs are not negotiated here; how many CODEC events come depends on that
    'CODEC',
    // FreeSWITCH's own timers
    'HEARTBEAT',
    'RE_SCHEDULE',
  ],
  allowedMissing: [
    // set by the RTP engine when it has sent a digit
    /^variable_last_dtmf_duration$/,
  ],
  // the last commands of a trace may have an API event that was not waited for
  trailing: ['API'],
  allowedExtra: [],
  ignoredReplies: [
    // up-time, sessions and versions are each process's own
    /FreeSWITCH \(Version/,
    /^Content-Type: api\/response\n\nFreeSWITCH Version/,
  ],
  unordered: [
    // README 06: the order of these three varies
    ['CHANNEL_CALLSTATE UNHELD', 'CHANNEL_CALLSTATE ACTIVE', 'CHANNEL_UNHOLD'],
  ],
  // README 06: UNHELD and ACTIVE come before or after CHANNEL_UNHOLD
  ignoredFields: {
    CHANNEL_UNHOLD: ['Channel-Call-State'],
    // a registration's own
    show: ['token', 'expires'],
  },
  optional: isPassingState,
};

/** The second leg may or may not be seen in CS_CONSUME_MEDIA on its way into a bridge (trace 04 A against 06). */
function isPassingState(event: TracedEvent): boolean {
  return (
    event.name === 'CHANNEL_STATE' &&
    event.fields.get('Channel-State') === 'CS_CONSUME_MEDIA' &&
    event.fields.get('Answer-State') === 'answered'
  );
}

export function leniency(more: Leniency = {}): Leniency {
  return {
    ...common,
    ...more,
    ignoredFields: { ...common.ignoredFields, ...more.ignoredFields },
    optional: (event) => isPassingState(event) || (more.optional?.(event) ?? false),
    ignoredEvents: [...(common.ignoredEvents ?? []), ...(more.ignoredEvents ?? [])],
    allowedMissing: [...(common.allowedMissing ?? []), ...(more.allowedMissing ?? [])],
    allowedExtra: [...(common.allowedExtra ?? []), ...(more.allowedExtra ?? [])],
    ignoredReplies: [...(common.ignoredReplies ?? []), ...(more.ignoredReplies ?? [])],
    unordered: [...(common.unordered ?? []), ...(more.unordered ?? [])],
  };
}
