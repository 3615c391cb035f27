import type { DestinationRef, Prompt } from '@jackfield/plugin-telephony/contract';
import type { Flow, NodeInput, Variables } from '../../contract.ts';
import { begin, type FlowFault, type NodeTypes, step } from './step.ts';

/** What the person at the simulator does when the flow waits. */
export type SimulatedInput =
  | { readonly type: 'keys'; readonly digits: string }
  | { readonly type: 'silence' }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failure'; readonly reason: string };

export type TraceEntry = { readonly nodeId: string; readonly label: string } & (
  | { readonly kind: 'hear'; readonly prompts: readonly Prompt[] }
  | {
      readonly kind: 'ask';
      readonly prompts: readonly Prompt[];
      readonly timeoutMs: number;
      readonly maxDigits: number;
    }
  | { readonly kind: 'effect'; readonly name: string; readonly args: Readonly<Record<string, unknown>> }
  | { readonly kind: 'keys'; readonly digits: string }
  | { readonly kind: 'silence' }
  | { readonly kind: 'leave'; readonly destination: DestinationRef }
  | { readonly kind: 'hangup' }
  | { readonly kind: 'fault'; readonly fault: FlowFault; readonly reason: string }
);

export interface Simulation {
  readonly trace: readonly TraceEntry[];
  /** What the flow waits for; null when it is over. `cut`: it went on for longer than anybody reads. */
  readonly waitsFor: 'keys' | 'effect' | 'cut' | null;
  readonly variables: Variables;
}

const MAX_TRACE = 500;

/** Runs a flow without a call: what would be heard, and where the call would go. Pure. */
export function simulate(
  flow: Flow,
  types: NodeTypes,
  inputs: readonly SimulatedInput[],
  variables: Variables,
): Simulation {
  const labels = new Map(flow.nodes.map(({ id, label }) => [id, label]));
  const trace: TraceEntry[] = [];
  const left = [...inputs];
  let state = begin(flow, variables);
  let input: NodeInput = { type: 'entered' };
  const over = (waitsFor: Simulation['waitsFor']): Simulation => ({
    trace,
    waitsFor,
    variables: state.variables,
  });

  while (trace.length < MAX_TRACE) {
    const next = step(flow, types, state, input);
    state = next.state;
    const { action: taken } = next;
    const nodeId = 'nodeId' in taken ? taken.nodeId : state.nodeId;
    const at = { nodeId, label: labels.get(nodeId) ?? nodeId };
    if (taken.type === 'hangup') trace.push({ ...at, kind: 'hangup' });
    else if (taken.type === 'goto') trace.push({ ...at, kind: 'leave', destination: taken.destination });
    else if (taken.type === 'fault')
      trace.push({ ...at, kind: 'fault', fault: taken.fault, reason: taken.reason });
    if (taken.type !== 'do') return over(null);

    const { action } = taken;
    if (action.type === 'play') {
      trace.push({ ...at, kind: 'hear', prompts: action.prompts });
      input = { type: 'played' };
    } else if (action.type === 'collect') {
      const { prompts, timeoutMs, maxDigits } = action;
      trace.push({ ...at, kind: 'ask', prompts, timeoutMs, maxDigits });
      const given = left.shift();
      if (!given) return over('keys');
      input = collected(given, action);
      trace.push(
        input.digits === '' ? { ...at, kind: 'silence' } : { ...at, kind: 'keys', digits: input.digits },
      );
    } else {
      trace.push({ ...at, kind: 'effect', name: action.name, args: action.args });
      const given = left.shift();
      if (!given) return over('effect');
      input =
        given.type === 'failure'
          ? { type: 'failed', reason: given.reason }
          : { type: 'done', result: given.type === 'result' ? given.result : null };
    }
  }
  return over('cut');
}

/** As the switch collects: a terminator ends the input, further keys are not read. */
function collected(
  given: SimulatedInput,
  request: { readonly minDigits: number; readonly maxDigits: number; readonly terminators?: string },
): Extract<NodeInput, { type: 'collected' }> {
  const typed = given.type === 'keys' ? given.digits : '';
  const terminators = request.terminators ?? '#';
  const end = [...typed].findIndex((key) => terminators.includes(key));
  const digits = (end < 0 ? typed : typed.slice(0, end)).slice(0, request.maxDigits);
  return { type: 'collected', digits, timedOut: digits.length < Math.max(1, request.minDigits) };
}
