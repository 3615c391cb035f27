import type { Logger } from 'pino';
import type { CallActor } from './call-actor.ts';
import { isCallEnded, isSwitchAway } from './call-errors.ts';
import type { Call } from './contract.ts';

export type CallHandler = (call: Call) => Promise<void>;

export interface OwnerDeps {
  readonly log: Logger;
  /** Resolves when the switch is back and what it says has been taken in. */
  switchBack(): Promise<void>;
  /** Takes up a call that its owner led before, in this process or in one that is gone. */
  readonly again: CallHandler;
}

/** Runs the owner of a call to its end. Resolves when both are over; a call that its owner leaves alive is hung up. */
export async function leadToItsEnd(actor: CallActor, handler: CallHandler, deps: OwnerDeps): Promise<void> {
  const { call, life } = actor;
  let next = handler;
  while (await failsForTheSwitch(call, next, deps.log)) {
    await deps.switchBack();
    next = deps.again;
  }
  if (call.endedAt === null) {
    await call.hangup('NORMAL_TEMPORARY_FAILURE').catch((error: unknown) => {
      deps.log.warn({ err: error, callId: call.id }, 'a call without a handler could not be hung up');
    });
    life.close('NORMAL_TEMPORARY_FAILURE');
  }
  await life.ended();
}

/**
 * True when the handler gave up because the switch was away, and the call goes on: it is handed to its owner again
 * when the switch is back, as after a restart.
 */
async function failsForTheSwitch(call: Call, handler: CallHandler, log: Logger): Promise<boolean> {
  try {
    await call.run(() => handler(call));
  } catch (error) {
    if (isSwitchAway(error) && call.endedAt === null) {
      log.warn({ callId: call.id }, 'a call waits for the switch to come back');
      return true;
    }
    if (!isCallEnded(error)) log.error({ err: error, callId: call.id }, 'the handler of a call failed');
  }
  return false;
}
