import type { Logger } from 'pino';
import type { Switch } from '../switch/contract.ts';
import { receiptVariables } from '../switch/receipts.ts';
import { isCallEnded, isSwitchAway } from './call-errors.ts';
import { type CallState, liveLegs } from './call-state.ts';

/** What a channel that came in must carry so that another server can take the call up. */
export async function markCaller(node: Switch, { id, legs: [caller] }: CallState): Promise<void> {
  if (caller?.role !== 'caller' || caller.state === 'ended') return;
  try {
    await node.setVariables(caller.id, {
      jf_call: id,
      jf_leg: 'caller',
      ...receiptVariables(caller.id),
      park_after_bridge: 'true',
      hangup_after_bridge: 'false',
    });
  } catch (error) {
    // He hung up at once: that too is a call, and its owner records it.
    if (!isCallEnded(error)) throw error;
  }
}

/**
 * Makes a call ready for its owner to take it up. A leg that rang, or had answered and talked to nobody, belonged to a
 * command whose maker is gone: it is hung up, so that the owner finds the caller and those it talks with. A caller who
 * waits alone may still hear, or be asked for keys by, what was begun for him before: that ends too.
 * @throws JackfieldError SWITCH_UNREACHABLE
 */
export async function makeReady(node: Switch, state: CallState, log: Logger): Promise<void> {
  const caller = state.legs[0];
  for (const leg of liveLegs(state)) {
    if (leg === caller || leg.talksWith !== null) continue;
    node.hangup(leg.id, 'LOSE_RACE').catch((error: unknown) => {
      log.debug({ err: error, leg: leg.id }, 'left-over leg not hung up');
    });
  }
  if (!caller || caller.state === 'ended' || caller.talksWith !== null) return;
  try {
    await markCaller(node, state);
    await node.clearMedia(caller.id);
  } catch (error) {
    if (isSwitchAway(error)) throw error;
    log.debug({ err: error, callId: state.id }, 'a caller could not be made ready');
  }
}
