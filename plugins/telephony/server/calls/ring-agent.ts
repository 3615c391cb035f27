import type { Call, HangupCause, Leg } from '@jackfield/core/sdk';
import type { AgentRing } from '../../contract.ts';

export interface AgentPhone {
  /** SIP user and domain of the phone. */
  readonly user: string;
  readonly domain: string;
}

/** What a cause of the switch means for the one who asked to ring an agent. */
export function ringOutcome(cause: HangupCause): Exclude<AgentRing['outcome'], 'answered'> {
  switch (cause) {
    case 'NO_ANSWER':
    case 'NO_USER_RESPONSE':
    case 'ALLOTTED_TIMEOUT':
      return 'no-answer';
    case 'USER_BUSY':
      return 'busy';
    case 'CALL_REJECTED':
    // The phone hung up a ringing call without a word of its own.
    case 'NORMAL_CLEARING':
      return 'rejected';
    case 'USER_NOT_REGISTERED':
    case 'SUBSCRIBER_ABSENT':
    // A phone that is registered and does not answer the network.
    case 'NORMAL_TEMPORARY_FAILURE':
    case 'RECOVERY_ON_TIMER_EXPIRE':
    case 'UNALLOCATED_NUMBER':
      return 'unreachable';
    case 'ORIGINATOR_CANCEL':
    case 'LOSE_RACE':
      return 'cancelled';
    default:
      return 'failed';
  }
}

export async function ringAgent(
  call: Call,
  phone: AgentPhone | null,
  request: { userId: string; timeoutSec: number; signal?: AbortSignal; onLeg?(leg: Leg): void },
): Promise<AgentRing> {
  if (!phone) return { outcome: 'unreachable', cause: 'USER_NOT_REGISTERED' };
  const result = await call.dial({
    endpoint: `user/${phone.user}@${phone.domain}`,
    role: 'agent',
    userId: request.userId,
    number: phone.user,
    callerId: { number: call.from.number, name: call.from.name },
    timeoutSec: request.timeoutSec,
    ...(request.signal ? { signal: request.signal } : {}),
    ...(request.onLeg ? { onLeg: request.onLeg } : {}),
  });
  if (result.outcome === 'answered') return { outcome: 'answered', leg: result.leg };
  const cancelled = request.signal?.aborted === true;
  return { outcome: cancelled ? 'cancelled' : ringOutcome(result.cause), cause: result.cause };
}
