import type { Channel } from './channel.ts';

const MUSIC = 'local_stream://moh';

/**
 * A leg was put on hold, by `uuid_hold` or by its phone: both look the same (trace 06 A, B). The music goes
 * to its partner, as a playback.
 */
export function holdChanged(leg: Channel, on: boolean): void {
  if (leg.held === on || leg.hungUp) return;
  for (const side of [leg, leg.partner])
    for (const recorder of side?.recorders.values() ?? []) recorder.flush();
  leg.held = on;
  const partner = leg.partner;
  const nowUs = leg.core.clock.nowUs();
  if (on) {
    leg.times.lastHold = nowUs;
    leg.setCallState('HELD');
    leg.fire('CHANNEL_HOLD');
    partner?.queueApp('playback', MUSIC);
    return;
  }
  leg.times.holdAccum += Math.max(0, nowUs - leg.times.lastHold);
  leg.setCallState('UNHELD');
  leg.setCallState('ACTIVE');
  if (partner && partner.applicationData === MUSIC) {
    partner.breakRequest = 'one';
    partner.wake();
  }
  leg.fire('CHANNEL_UNHOLD');
}
