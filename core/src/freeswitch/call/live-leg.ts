import { JackfieldError } from '../../errors/index.ts';
import { type CallState, findLeg, type LegState } from './call-state.ts';

/** @throws JackfieldError CALL_STATE while a placed call has no leg yet */
export function callerOf(state: CallState): LegState {
  const first = state.legs[0];
  if (!first) throw new JackfieldError('CALL_STATE', 'The call has no leg yet.');
  return first;
}

/** @throws JackfieldError CALL_ENDED */
export function checkNotEnded(state: CallState): void {
  if (state.endedAt !== null) throw new JackfieldError('CALL_ENDED');
}

/**
 * The leg that a command is for.
 * @throws JackfieldError CALL_ENDED (the call or the leg), NOT_FOUND
 */
export function liveLeg(state: CallState, legId: string): LegState {
  checkNotEnded(state);
  const leg = findLeg(state, legId);
  if (!leg) throw new JackfieldError('NOT_FOUND', 'The call has no such leg.');
  if (leg.state === 'ended')
    throw new JackfieldError('CALL_ENDED', 'This leg of the call has ended.', { details: { uuid: legId } });
  return leg;
}
