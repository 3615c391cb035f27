import type { Header } from './event-message.ts';

/** Times of one channel in microseconds since 1970; 0 means "not yet". Shared by all profiles of the channel. */
export interface ChannelTimes {
  created: number;
  answered: number;
  progress: number;
  progressMedia: number;
  hangup: number;
  bridged: number;
  /** Alone of all these, not in steps of 20 ms. */
  lastHold: number;
  /** Microseconds on hold so far. */
  holdAccum: number;
}

/** Who calls whom, as one leg sees it. A transfer or uuid_bridge puts a new profile in front of the old one. */
export interface CallerProfile {
  direction: 'inbound' | 'outbound';
  /** Other direction of the bridge; `inbound` for both after uuid_bridge. */
  logicalDirection: 'inbound' | 'outbound';
  username: string;
  dialplan: string;
  callerIdName: string;
  callerIdNumber: string;
  origCallerIdName: string;
  origCallerIdNumber: string;
  calleeIdName: string;
  calleeIdNumber: string;
  networkAddr: string;
  ani: string;
  destinationNumber: string;
  uuid: string;
  source: string;
  transferSource: string;
  context: string;
  rdnis: string;
  channelName: string;
  index: number;
  createdTime: number;
  /** Not the uuid of the channel: named in `transfer_source` and nowhere else. */
  profileUuid: string;
  times: ChannelTimes;
}

export function newTimes(created: number): ChannelTimes {
  return {
    created,
    answered: 0,
    progress: 0,
    progressMedia: 0,
    hangup: 0,
    bridged: 0,
    lastHold: 0,
    holdAccum: 0,
  };
}

/** A copy that keeps what the times are now, as `Other-Leg-*` does. */
export function snapshotProfile(profile: CallerProfile): CallerProfile {
  return { ...profile, times: { ...profile.times } };
}

/** Headers of a profile in FreeSWITCH's order, under one of its prefixes. Empty ones are not written. */
export function profileHeaders(prefix: 'Caller' | 'Other-Leg' | 'Channel', profile: CallerProfile): Header[] {
  const headers: Header[] = [];
  const put = (name: string, value: string | number) => {
    if (value !== '') headers.push([`${prefix}-${name}`, String(value)]);
  };
  put('Direction', profile.direction);
  put('Logical-Direction', profile.logicalDirection);
  put('Username', profile.username);
  put('Dialplan', profile.dialplan);
  put('Caller-ID-Name', profile.callerIdName);
  put('Caller-ID-Number', profile.callerIdNumber);
  put('Orig-Caller-ID-Name', profile.origCallerIdName);
  put('Orig-Caller-ID-Number', profile.origCallerIdNumber);
  put('Callee-ID-Name', profile.calleeIdName);
  put('Callee-ID-Number', profile.calleeIdNumber);
  put('Network-Addr', profile.networkAddr);
  put('ANI', profile.ani);
  put('Destination-Number', profile.destinationNumber);
  put('Unique-ID', profile.uuid);
  put('Source', profile.source);
  put('Transfer-Source', profile.transferSource);
  put('Context', profile.context);
  put('RDNIS', profile.rdnis);
  put('Channel-Name', profile.channelName);
  if (prefix !== 'Other-Leg') put('Profile-Index', profile.index);
  put('Profile-Created-Time', profile.createdTime);
  put('Channel-Created-Time', profile.times.created);
  put('Channel-Answered-Time', profile.times.answered);
  put('Channel-Progress-Time', profile.times.progress);
  put('Channel-Progress-Media-Time', profile.times.progressMedia);
  put('Channel-Hangup-Time', profile.times.hangup);
  put('Channel-Transfer-Time', 0);
  put('Channel-Resurrect-Time', 0);
  put('Channel-Bridged-Time', profile.times.bridged);
  put('Channel-Last-Hold', profile.times.lastHold);
  put('Channel-Hold-Accum', profile.times.holdAccum);
  put('Screen-Bit', 'true');
  put('Privacy-Hide-Name', 'false');
  put('Privacy-Hide-Number', 'false');
  return headers;
}
