import { JackfieldError } from '../../errors/index.ts';

/** The connection to the switch was lost: what was asked of it may have been done or not, and calls go on there. */
export function isSwitchAway(error: unknown): boolean {
  return (
    JackfieldError.is(error) && (error.code === 'SWITCH_UNREACHABLE' || error.code === 'SWITCH_OVERLOAD')
  );
}

export function isCallEnded(error: unknown): boolean {
  return JackfieldError.is(error) && error.code === 'CALL_ENDED';
}
