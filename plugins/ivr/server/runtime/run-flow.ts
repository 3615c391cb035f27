import { type Call, type Clock, JackfieldError } from '@jackfield/core/sdk';
import type { DestinationRun, Outcome, Prompt, TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Flow, NodeAction, NodeInput, Variables } from '../../contract.ts';
import { begin, type NodeTypes, step } from '../interpreter/step.ts';
import type { FlowPosition } from './flow-position.ts';
import { runEffect } from './run-effect.ts';

export interface FlowRunDeps {
  readonly telephony: Pick<TelephonyApi, 'prompt'>;
  readonly clock: Clock;
  /** Node types whose plugins are active for this call. */
  readonly types: NodeTypes;
}

/** Played where a prompt cannot be, so that keys are still waited for. */
const SILENCE: Prompt = { kind: 'tone', tone: 'silence', ms: 250 };

/**
 * Leads a call through a flow until it leaves for a destination or ends. The state is stored before each
 * action, so that after a restart the same action is asked for again. Throws CALL_ENDED when the caller hangs
 * up, and what the switch throws.
 */
export async function runFlow(
  call: Call,
  flow: Flow,
  position: FlowPosition,
  run: Pick<DestinationRun, 'save'>,
  deps: FlowRunDeps,
): Promise<Outcome> {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const where = (nodeId: string) => ({ nodeId, label: nodes.get(nodeId)?.label ?? nodeId });
  await call.answer();
  let state = position.flow ?? begin(flow, systemVariables(call));
  let input: NodeInput = { type: 'entered' };
  for (;;) {
    const next = step(flow, deps.types, state, input);
    state = next.state;
    const { action: taken } = next;
    if (taken.type === 'hangup') {
      call.note('ivr.hangup', where(state.nodeId));
      return { end: 'NORMAL_CLEARING' };
    }
    if (taken.type === 'goto') {
      call.note('ivr.left', { ...where(state.nodeId), kind: taken.destination.kind });
      return { next: taken.destination };
    }
    if (taken.type === 'fault') {
      call.note('ivr.fault', { ...where(taken.nodeId), fault: taken.fault, reason: taken.reason });
      return { end: 'NORMAL_TEMPORARY_FAILURE' };
    }
    const { action, nodeId } = taken;
    await run.save({ version: position.version, flow: state });
    call.note('ivr.node', { ...where(nodeId), action: action.type });
    if (action.type === 'effect') {
      input = await runEffect(call, action, deps.types.get(nodes.get(nodeId)?.type ?? ''), deps.clock);
      if (input.type === 'failed')
        call.note('ivr.effect-failed', { ...where(nodeId), name: action.name, reason: input.reason });
    } else {
      input = await (action.type === 'play'
        ? play(call, action, deps)
        : collect(call, action, where(nodeId), deps));
    }
  }
}

async function play(
  call: Call,
  action: Extract<NodeAction, { type: 'play' }>,
  deps: FlowRunDeps,
): Promise<NodeInput> {
  const paths = await pathsOf(call, action.prompts, deps);
  if (paths.length > 0) {
    const { outcome } = await call.play(paths);
    if (outcome === 'hangup') throw new JackfieldError('CALL_ENDED');
    if (outcome === 'missing') missing(call, 'a file is not there');
  }
  return { type: 'played' };
}

async function collect(
  call: Call,
  action: Extract<NodeAction, { type: 'collect' }>,
  at: Readonly<Record<string, unknown>>,
  deps: FlowRunDeps,
): Promise<NodeInput> {
  const { prompts, minDigits, maxDigits, timeoutMs, terminators } = action;
  const options = { minDigits, maxDigits, timeoutMs, ...(terminators === undefined ? {} : { terminators }) };
  let result = await call.collect({ prompts: await pathsOf(call, prompts, deps), ...options });
  if (result.outcome === 'missing') {
    missing(call, 'a file is not there');
    result = await call.collect({ prompts: await pathsOf(call, [SILENCE], deps), ...options });
  }
  if (result.outcome === 'hangup') throw new JackfieldError('CALL_ENDED');
  const { digits } = result;
  // A choice in a menu is worth reading; longer input may be a PIN or the number of a card, and is only counted.
  call.note('ivr.keys', { ...at, ...(maxDigits === 1 ? { digits } : { count: digits.length }) });
  return { type: 'collected', digits, timedOut: result.outcome !== 'digits' };
}

/** A prompt that cannot be had must not end the call: the flow goes on, and the record says so. */
async function pathsOf(call: Call, prompts: readonly Prompt[], deps: FlowRunDeps): Promise<string[]> {
  if (prompts.length === 0) return [];
  try {
    return await deps.telephony.prompt(prompts);
  } catch (error) {
    if (call.signal.aborted) throw error;
    missing(call, error instanceof Error ? error.message : String(error));
    return [];
  }
}

function missing(call: Call, reason: string): void {
  call.note('ivr.prompt-missing', { reason });
}

/** Known to every flow from its start. */
export function systemVariables(call: Pick<Call, 'id' | 'from' | 'to'>): Variables {
  return { caller: call.from.number, callerName: call.from.name, called: call.to, callId: call.id };
}
