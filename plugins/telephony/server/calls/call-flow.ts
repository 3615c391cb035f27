import { type Call, JackfieldError, type PluginContext, z } from '@jackfield/core/sdk';
import type { DestinationRef, Outcome } from '../../contract.ts';
import type { Destinations } from './destinations.ts';

/** More hops than any real route has: a queue that overflows to itself must not keep a caller for ever. */
const MAX_HOPS = 30;

export const DestinationRefSchema = z.object({
  kind: z.string().min(1).max(64),
  target: z.record(z.string(), z.unknown()),
});

/** What is stored of a call's way: where it is, and how it came there. */
const FlowPositionSchema = z.object({
  ref: DestinationRefSchema,
  state: z.record(z.string(), z.unknown()).nullable(),
  hops: z.number().int(),
});
export interface FlowPosition {
  readonly ref: DestinationRef;
  readonly state: Readonly<Record<string, unknown>> | null;
  readonly hops: number;
}

/** Where a call stood when it was last stored; null before its first destination. */
export function flowPosition(call: Call): FlowPosition | null {
  const parsed = FlowPositionSchema.safeParse(call.position);
  return parsed.success ? parsed.data : null;
}

export function entering(ref: DestinationRef): FlowPosition {
  return { ref, state: null, hops: 0 };
}

export interface CallFlowDeps {
  readonly destinations: Destinations;
  readonly log: PluginContext['log'];
}

export interface CallFlow {
  /**
   * Leads the call from one destination to the next until it ends. Never throws for the call's own end; throws
   * SWITCH_UNREACHABLE and SWITCH_OVERLOAD, so that the call is handed over again.
   */
  drive(call: Call, from: FlowPosition): Promise<void>;
}

export function createCallFlow({ destinations, log }: CallFlowDeps): CallFlow {
  async function visit(call: Call, at: FlowPosition): Promise<Outcome> {
    await call.savePosition({ ...at });
    const { destination } = destinations.find(at.ref, (pluginId) => call.isActive(pluginId));
    const target = destination.target.safeParse(at.ref.target);
    if (!target.success) {
      throw new JackfieldError('CALL_STATE', `The target of destination "${at.ref.kind}" is not valid.`);
    }
    // Taken up after a restart it has been noted already.
    if (at.state === null) call.note('destination', { kind: at.ref.kind, target: at.ref.target });
    return await destination.run(call, target.data, {
      state: at.state,
      save: (state) => call.savePosition({ ...at, state }),
    });
  }

  async function drive(call: Call, from: FlowPosition): Promise<void> {
    let at = from;
    try {
      for (;;) {
        const outcome = await visit(call, at);
        if ('end' in outcome) {
          await call.hangup(outcome.end);
          return;
        }
        if (at.hops >= MAX_HOPS)
          throw new JackfieldError('CALL_STATE', `The route has more than ${MAX_HOPS} stations.`);
        at = { ref: outcome.next, state: null, hops: at.hops + 1 };
      }
    } catch (error) {
      if (isOver(call, error)) return;
      // The switch is away, and the call goes on there: the core hands it over again when it is back.
      if (isSwitchAway(error)) throw error;
      log.error({ err: error, callId: call.id, destination: at.ref.kind }, 'a destination failed');
      call.note('fault', {
        destination: at.ref.kind,
        reason: error instanceof Error ? error.message : 'unknown',
      });
      await call.hangup('NORMAL_TEMPORARY_FAILURE');
    }
  }

  return { drive };
}

function isSwitchAway(error: unknown): boolean {
  return (
    JackfieldError.is(error) && (error.code === 'SWITCH_UNREACHABLE' || error.code === 'SWITCH_OVERLOAD')
  );
}

/** The caller hung up while somebody waited for him: an ending, not a fault. */
function isOver(call: Call, error: unknown): boolean {
  if (call.signal.aborted) return true;
  const [caller] = call.legs;
  if (!caller || !JackfieldError.is(error) || error.code !== 'CALL_ENDED') return false;
  // A command may be refused, or a prompt break off, before the switch has told of the hang-up. What ended with another
  // leg says with which.
  return caller.state === 'ended' || (error.details.uuid ?? caller.id) === caller.id;
}

/** Resolves when the call is over. */
export function callEnd(call: Call): Promise<void> {
  if (call.signal.aborted) return Promise.resolve();
  return new Promise((resolve) => call.signal.addEventListener('abort', () => resolve(), { once: true }));
}
