import type { ApplicationRegistry } from '../application.ts';
import { bridgeLegs } from '../bridge.ts';
import { type Channel, isTrue } from '../channel.ts';
import { arrayValue } from '../event-message.ts';
import { type OriginateOutcome, originate } from '../originate.ts';

export function addBridgeApplications(registry: ApplicationRegistry): void {
  registry.add('bridge', bridge, { withoutMedia: true });
}

const dialStatuses: Record<string, string> = {
  USER_BUSY: 'BUSY',
  NO_ANSWER: 'NOANSWER',
  NO_USER_RESPONSE: 'NOANSWER',
  CALL_REJECTED: 'DONTCALL',
  ORIGINATOR_CANCEL: 'CANCEL',
  UNALLOCATED_NUMBER: 'INVALIDARGS',
  INVALID_GATEWAY: 'INVALIDARGS',
  NORMAL_TEMPORARY_FAILURE: 'CHANUNAVAIL',
  USER_NOT_REGISTERED: 'CHANUNAVAIL',
  SUBSCRIBER_ABSENT: 'CHANUNAVAIL',
  DESTINATION_OUT_OF_ORDER: 'CHANUNAVAIL',
};

/** Rings, and bridges to whoever answers. Its failure hangs up the caller unless that is allowed for (trace 05). */
async function bridge(channel: Channel, dialString: string): Promise<void> {
  for (const name of ['originate_disposition', 'DIALSTATUS', 'originate_causes', 'originate_failed_cause']) {
    channel.set(name, null);
  }
  if (dialString.trim() === '') return;
  const outcome = await originate(channel.core, { dialString, caller: channel });
  noteOutcome(channel, outcome);
  if (outcome.leg) {
    const { leg } = outcome;
    channel.setOtherLeg('originatee', leg);
    channel.profile.calleeIdName = leg.profile.calleeIdName;
    channel.profile.calleeIdNumber = leg.profile.calleeIdNumber;
    if (leg.otherLeg) {
      leg.otherLeg.profile.calleeIdName = leg.profile.calleeIdName;
      leg.otherLeg.profile.calleeIdNumber = leg.profile.calleeIdNumber;
    }
    channel.set('originate_signal_bond', null);
    channel.set('signal_bond', leg.uuid);
    channel.set('switch_m_sdp', leg.get('switch_r_sdp'));
    leg.set('switch_m_sdp', channel.get('switch_r_sdp'));
    await bridgeLegs(channel, leg);
    return;
  }
  if (channel.callState === 'RING_WAIT' && !channel.hungUp) channel.setCallState('ACTIVE');
  if (channel.ready && !continuesAfter(channel, outcome.cause)) channel.hangup(outcome.cause);
}

function noteOutcome(channel: Channel, outcome: OriginateOutcome): void {
  const cause = outcome.leg ? 'SUCCESS' : outcome.cause;
  if (!outcome.leg) {
    channel.set('last_bridge_hangup_cause', outcome.cause);
    channel.set('originate_failed_cause', outcome.cause);
    const failedLeg = outcome.tried.at(-1);
    if (failedLeg?.disposition === 'recv_refuse') {
      const status = failedLeg.get('proto_specific_hangup_cause');
      channel.set('last_bridge_proto_specific_hangup_cause', status);
      const phrase = failedLeg.get('sip_invite_failure_phrase');
      channel.set('sip_invite_failure_status', failedLeg.get('sip_invite_failure_status'));
      channel.set('sip_invite_failure_phrase', phrase);
      channel.set('sip_hangup_phrase', phrase);
    }
  }
  const dialed = outcome.tried.at(-1);
  if (dialed) {
    for (const name of ['dialed_user', 'dialed_domain']) channel.set(name, dialed.get(name));
    const legs = outcome.tried.map(
      (leg) => `${leg.uuid};${leg.profile.calleeIdName};${leg.profile.calleeIdNumber}`,
    );
    channel.set('originated_legs', arrayValue([...legs, ...legs]));
  }
  const causes = outcome.tried.map((leg) => `${leg.uuid};${leg.hangupCause ?? 'NONE'}`);
  if (causes.length > 0) channel.set('originate_causes', arrayValue([...causes, ...causes]));
  channel.set('originate_disposition', cause);
  channel.set('DIALSTATUS', outcome.leg ? 'SUCCESS' : (dialStatuses[outcome.cause] ?? 'CHANUNAVAIL'));
}

/** NO_ANSWER never hangs up the caller; other causes do, unless `continue_on_fail` is true or names them. */
function continuesAfter(channel: Channel, cause: string): boolean {
  if (cause === 'NO_ANSWER') return true;
  const allowed = channel.get('continue_on_fail');
  if (allowed === null) return false;
  return isTrue(allowed) || allowed.split(',').some((item) => item.trim().toUpperCase() === cause);
}
