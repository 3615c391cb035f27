/** Times, durations and counters that a channel has when it is over: what a call record is made from. */
import type { Channel } from './channel.ts';
import { localStamp } from './switch-core.ts';

/** Present from CS_HANGUP on, thus in CHANNEL_HANGUP_COMPLETE and not in CHANNEL_HANGUP. */
export function hangupVariables(leg: Channel): void {
  const t = leg.times;
  const start = t.created;
  const end = t.hangup;
  const profileStart = leg.profile.createdTime;
  const stamps: [string, number][] = [
    ['start', start],
    ['profile_start', profileStart],
    ['answer', t.answered],
    ['bridge', t.bridged],
    ['progress', t.progress],
    ['progress_media', t.progressMedia],
    ['end', end],
  ];
  for (const [name, us] of stamps) if (us > 0) leg.set(`${name}_stamp`, localStamp(us));
  const put = (name: string, us: number) => {
    leg.set(`${name}_epoch`, Math.floor(us / 1e6));
    leg.set(`${name}_uepoch`, us);
  };
  put('start', start);
  put('profile_start', profileStart);
  put('answer', t.answered);
  put('bridge', t.bridged);
  put('last_hold', t.lastHold);
  leg.set('hold_accum_seconds', Math.floor(t.holdAccum / 1e6));
  leg.set('hold_accum_usec', t.holdAccum);
  leg.set('hold_accum_ms', Math.floor(t.holdAccum / 1000));
  put('resurrect', 0);
  put('progress', t.progress);
  put('progress_media', t.progressMedia);
  put('end', end);
  if (leg.lastApp) leg.setAll({ last_app: leg.lastApp.app, last_arg: leg.lastApp.arg });
  leg.set('caller_id', `"${leg.profile.callerIdName}" <${leg.profile.callerIdNumber}>`);
  durationVariables(leg, profileStart, end);
}

function durationVariables(leg: Channel, start: number, end: number): void {
  const t = leg.times;
  const since = (us: number) => (us > 0 ? us - t.created : 0);
  const spans: [string, number][] = [
    ['duration', end - t.created],
    ['bill', t.answered > 0 ? end - t.answered : 0],
    ['progress', since(t.progress)],
    ['answer', since(t.answered)],
    ['wait', since(t.bridged)],
    ['progress_media', since(t.progressMedia)],
    ['flow_bill', end - start],
  ];
  for (const [unit, divisor] of [
    ['sec', 1e6],
    ['msec', 1e3],
    ['usec', 1],
  ] as const) {
    for (const [name, us] of spans) {
      const prefix = unit === 'sec' ? '' : unit === 'msec' ? 'm' : 'u';
      const key = name === 'duration' ? `${prefix}duration` : `${name}${unit}`;
      leg.set(
        key,
        divisor === 1e6 && name !== 'duration' ? wholeSeconds(leg, name) : Math.floor(us / divisor),
      );
    }
  }
  leg.set('duration', Math.floor(end / 1e6) - Math.floor(t.created / 1e6));
}

/** FreeSWITCH subtracts whole clock seconds, so that 0.9 s may count as 1 and 1.1 s as 1 too. */
function wholeSeconds(leg: Channel, span: string): number {
  const t = leg.times;
  const sec = (us: number) => Math.floor(us / 1e6);
  const since = (us: number) => (us > 0 ? sec(us) - sec(t.created) : 0);
  switch (span) {
    case 'bill':
      return t.answered > 0 ? sec(t.hangup) - sec(t.answered) : 0;
    case 'progress':
      return since(t.progress);
    case 'answer':
      return since(t.answered);
    case 'wait':
      return since(t.bridged);
    case 'progress_media':
      return since(t.progressMedia);
    default:
      return sec(t.hangup) - sec(leg.profile.createdTime);
  }
}

/** Counters of a call that had media: one packet each 20 ms, none lost. */
export function rtpVariables(leg: Channel): void {
  if (!leg.mediaUp) return;
  const from = leg.times.progressMedia || leg.times.answered;
  const packets = Math.max(0, Math.floor((leg.times.hangup - from) / 20_000));
  const put = (way: 'in' | 'out', names: readonly (readonly [string, string | number])[]) => {
    for (const [name, value] of names) leg.set(`rtp_audio_${way}_${name}`, value);
  };
  put('in', [
    ['raw_bytes', packets * 172],
    ['media_bytes', packets * 172],
    ['packet_count', packets],
    ['media_packet_count', packets],
    ['skip_packet_count', 0],
    ['jitter_packet_count', 0],
    ['dtmf_packet_count', 0],
    ['cng_packet_count', 0],
    ['flush_packet_count', 0],
    ['largest_jb_size', 0],
    ['jitter_min_variance', '0.00'],
    ['jitter_max_variance', '0.00'],
    ['jitter_loss_rate', '0.00'],
    ['jitter_burst_rate', '0.00'],
    ['mean_interval', '20.00'],
    ['flaw_total', 0],
    ['quality_percentage', '100.00'],
    ['mos', '4.50'],
  ]);
  put('out', [
    ['raw_bytes', packets * 172],
    ['media_bytes', packets * 172],
    ['packet_count', packets],
    ['media_packet_count', packets],
    ['skip_packet_count', 0],
    ['dtmf_packet_count', 0],
    ['cng_packet_count', 0],
  ]);
  leg.set('rtp_audio_rtcp_packet_count', 0);
  leg.set('rtp_audio_rtcp_octet_count', 0);
}
