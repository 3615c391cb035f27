import { randomUUID } from 'node:crypto';
import { JackfieldError } from '../../errors/index.ts';
import { isSwitchAway } from './call-errors.ts';
import type { CallInside } from './call-inside.ts';
import { answered, type LegEnd, type LegState, legEnded, newLeg } from './call-state.ts';
import type { Dial, DialResult, HangupCause } from './contract.ts';
import { checkNotEnded } from './live-leg.ts';

/** Rings somebody for a call: a new leg, from its making to its answer or its end. */
export async function dialLeg(call: CallInside, request: Dial): Promise<DialResult> {
  const { host, state, life, doomed } = call;
  checkNotEnded(state);
  // A call is its first leg's: without it nobody is rung for it.
  if (state.legs[0]?.state === 'ended') throw new JackfieldError('CALL_ENDED');
  request.signal?.throwIfAborted();
  // It could not hear of it: a leg that is certain not to be needs no record.
  if (host.node.state.state !== 'connected') throw new JackfieldError('SWITCH_UNREACHABLE');
  const leg = newLeg(randomUUID(), request.role, request.number, host.clock.now(), request.userId ?? null);
  const ends = (cause: HangupCause): DialResult => {
    // Not every failed leg had a channel, so not every one had an event.
    call.apply(legEnded(state, leg, endedNow(host.clock.now(), cause)));
    return { outcome: 'failed', leg, cause };
  };
  state.legs.push(leg);
  host.dialling.add(leg.id);
  host.claimLeg(leg.id, state.id);
  const cancel = () => callOff(call, leg, request.signal?.reason);
  request.signal?.addEventListener('abort', cancel, { once: true });
  request.onLeg?.(leg);
  life.tell({ type: 'leg-created', leg, at: leg.createdAt });
  try {
    // Stored before the switch hears of it: after a crash the leg is known to be ours.
    await life.writer.flush();
    const calledOff = doomed.causeOf(leg.id);
    if (calledOff !== undefined) return ends(calledOff);
    const result = await host.node.originate({
      uuid: leg.id,
      endpoint: request.endpoint,
      timeoutSec: request.timeoutSec,
      callerId: request.callerId,
      variables: {
        jf_call: state.id,
        jf_tenant: state.tenantId ?? '',
        jf_leg: request.role,
        ...(request.autoAnswer ? { sip_auto_answer: 'true' } : {}),
        // Either side of a talk must outlive the other's hang-up: what comes next is ours to say.
        park_after_bridge: 'true',
        hangup_after_bridge: 'false',
      },
    });
    if (result.outcome === 'failed') return ends(result.cause);
    call.apply(answered(leg, host.clock.now()));
    // It may have hung up between its answer and the word of it.
    if (leg.state === 'ended') return { outcome: 'failed', leg, cause: leg.cause ?? 'NORMAL_CLEARING' };
    return { outcome: 'answered', leg };
  } catch (error) {
    // Nobody knows whether the leg exists; the next resync says so, and then it ends in either case.
    if (mayHaveBeenDone(error)) doomed.doom(leg.id, 'LOSE_RACE');
    else ends('NORMAL_TEMPORARY_FAILURE');
    throw error;
  } finally {
    host.dialling.delete(leg.id);
    request.signal?.removeEventListener('abort', cancel);
  }
}

function callOff({ doomed }: CallInside, leg: LegState, reason: unknown): void {
  if (leg.state !== 'ringing') return;
  doomed.doom(leg.id, typeof reason === 'string' ? reason : 'LOSE_RACE');
  doomed.hangUp(leg.id);
}

function mayHaveBeenDone(error: unknown): boolean {
  return isSwitchAway(error) || (JackfieldError.is(error) && error.code === 'SWITCH_TIMEOUT');
}

function endedNow(at: number, cause: HangupCause): LegEnd {
  return { at, answeredAt: null, cause, endedBy: null };
}
