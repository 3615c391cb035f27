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
  holdEnds(leg);
  leg.setCallState('ACTIVE');
}

/** Off hold: by the other re-INVITE, or because the leg hangs up. */
export function holdEnds(leg: Channel): void {
  leg.held = false;
  leg.times.holdAccum += Math.max(0, leg.core.clock.nowUs() - leg.times.lastHold);
  leg.setCallState('UNHELD');
  const { partner } = leg;
  if (partner?.playing?.path === MUSIC) {
    partner.breakRequest = 'one';
    partner.wake();
  }
  leg.fire('CHANNEL_UNHOLD');
}
