import { type Call, type Clock, JackfieldError } from '@jackfield/core/sdk';
import type { DestinationRun, Outcome, TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Flow, NodeAction, NodeInput } from '../../contract.ts';
import { begin, type FlowState, type NodeTypes, step } from '../interpreter/step.ts';

const EFFECT_TIMEOUT_MS = 10_000;

export interface FlowRunDeps {
  readonly telephony: Pick<TelephonyApi, 'prompt'>;
  readonly clock: Clock;
  /** Node types whose plugins are active for this call. */
  typesFor(call: Call): NodeTypes;
}

/** What is stored of a call in a flow: it stays on the version it began with. */
export interface FlowPosition {
  readonly version: number;
  readonly flow: FlowState;
}

/**
 * Leads a call through a flow until it leaves for a destination or ends. The state is stored before each
 * action, so that after a restart the same action is asked for again.
 */
export async function runFlow(
  call: Call,
  flow: Flow,
  position: { readonly version: number; readonly flow: FlowState | null },
  run: Pick<DestinationRun, 'save'>,
  deps: FlowRunDeps,
): Promise<Outcome> {
  const types = deps.typesFor(call);
  await call.answer();
  let state = position.flow ?? begin(flow, systemVariables(call));
  let input: NodeInput = { type: 'entered' };
  for (;;) {
    const next = step(flow, types, state, input);
    state = next.state;
    const { action } = next;
    if (action.type === 'hangup') {
      call.note('ivr.hangup', { nodeId: state.nodeId });
      return { end: 'NORMAL_CLEARING' };
    }
    if (action.type === 'goto') {
      call.note('ivr.left', { nodeId: state.nodeId, kind: action.destination.kind });
      return { next: action.destination };
    }
    if (action.type === 'fault') {
      call.note('ivr.fault', { nodeId: action.nodeId, fault: action.fault, reason: action.reason });
      return { end: 'NORMAL_TEMPORARY_FAILURE' };
    }
    await run.save({ version: position.version, flow: state });
    call.note('ivr.node', {
      nodeId: action.nodeId,
      label: labelOf(flow, action.nodeId),
      action: action.action.type,
    });
    input = await act(call, action.action, types.get(typeOf(flow, action.nodeId))?.effects ?? {}, deps);
    if (input.type === 'collected') {
      call.note('ivr.keys', { nodeId: action.nodeId, digits: input.digits, timedOut: input.timedOut });
    }
  }
}

type Effects = Readonly<
  Record<string, (args: Readonly<Record<string, unknown>>, call: Call) => Promise<unknown>>
>;

async function act(call: Call, action: NodeAction, effects: Effects, deps: FlowRunDeps): Promise<NodeInput> {
  switch (action.type) {
    case 'play': {
      const { outcome } = await call.play(await deps.telephony.prompt(action.prompts));
      if (outcome === 'hangup') throw new JackfieldError('CALL_ENDED');
      // A prompt that is missing must not leave the caller in silence: the flow goes on, and the record says so.
      if (outcome === 'missing') call.note('ivr.prompt-missing', {});
      return { type: 'played' };
    }
    case 'collect': {
      const { prompts, minDigits, maxDigits, timeoutMs, terminators } = action;
      const paths = await deps.telephony.prompt(prompts);
      const options = {
        minDigits,
        maxDigits,
        timeoutMs,
        ...(terminators === undefined ? {} : { terminators }),
      };
      let result = await call.collect({ prompts: paths, ...options });
      if (result.outcome === 'missing') {
        call.note('ivr.prompt-missing', {});
        result = await call.collect({
          prompts: await deps.telephony.prompt([{ kind: 'tone', tone: 'silence', ms: 250 }]),
          ...options,
        });
      }
      if (result.outcome === 'hangup') throw new JackfieldError('CALL_ENDED');
      return { type: 'collected', digits: result.digits, timedOut: result.outcome === 'timeout' };
    }
    case 'effect':
      return await runEffect(call, action, effects, deps.clock);
  }
}

async function runEffect(
  call: Call,
  action: Extract<NodeAction, { type: 'effect' }>,
  effects: Effects,
  clock: Clock,
): Promise<NodeInput> {
  const effect = effects[action.name];
  if (!effect) return { type: 'failed', reason: `The node type has no effect "${action.name}".` };
  const late = Symbol('late');
  const limit = new AbortController();
  try {
    const timeout = clock.sleep(EFFECT_TIMEOUT_MS, limit.signal).then(
      () => late,
      () => late,
    );
    const result = await Promise.race([effect(action.args, call), timeout]);
    if (result === late) return { type: 'failed', reason: `No answer within ${EFFECT_TIMEOUT_MS / 1000} s.` };
    return { type: 'done', result };
  } catch (error) {
    if (call.signal.aborted) throw error;
    return { type: 'failed', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    limit.abort();
  }
}

/** Known to every flow from its start. */
function systemVariables(call: Call): Readonly<Record<string, string>> {
  return { caller: call.from.number, callerName: call.from.name, called: call.to, callId: call.id };
}

function labelOf(flow: Flow, nodeId: string): string {
  return flow.nodes.find((node) => node.id === nodeId)?.label ?? nodeId;
}

function typeOf(flow: Flow, nodeId: string): string {
  return flow.nodes.find((node) => node.id === nodeId)?.type ?? '';
}
