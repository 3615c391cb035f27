/** Transfer by the phone (REFER), blind and attended: trace 13. */
import { uuidBridge } from './bridge.ts';
import type { Channel } from './channel.ts';
import { transfer } from './transfer.ts';

/**
 * The phone of `leg` sends a REFER. `target` is a number (blind: the partner runs the dialplan again and is
 * parked with the same uuid), or the uuid of another leg of the same phone (attended: both partners talk).
 */
export function refer(leg: Channel, target: string): boolean {
  const partner = leg.partner;
  if (!partner || leg.hungUp) return false;
  const consultation = leg.core.channels.get(target);
  if (consultation && consultation !== leg) return referWithReplaces(leg, partner, consultation);
  const by = leg.presenceId === '' ? leg.name : `${leg.profile.destinationNumber}@127.0.0.1`;
  partner.set('sip_h_Referred-By', `<sip:${by}>`);
  partner.set('sip_refer_to', `<sip:${target}@127.0.0.1:5060>`);
  leg.setAll({
    transfer_disposition: 'recv_replace',
    transfer_to: `blind:${partner.uuid}`,
    transfer_destination: `blind:${target}`,
    transfer_fallback_extension: leg.profile.destinationNumber,
  });
  transfer(partner, target);
  // the bridge ends by the transfer, and then the agent's leg by itself
  leg.set('endpoint_disposition', 'BLIND_TRANSFER');
  return true;
}

function referWithReplaces(leg: Channel, caller: Channel, consultation: Channel): boolean {
  const third = consultation.partner;
  if (!third) return false;
  consultation.set('park_timeout', '2:ATTENDED_TRANSFER');
  leg.set('transfer_disposition', 'recv_replace');
  consultation.setState('CS_PARK');
  return uuidBridge(caller, third);
}
