import type { DestinationRef } from '@jackfield/plugin-telephony/contract';
import type { Flow, FlowNode, Memo, NodeAction, NodeInput, NodeType, Variables } from '../../contract.ts';

/** Where a call stands in a flow; JSON, stored before each action. */
export interface FlowState {
  readonly nodeId: string;
  readonly memo: Memo;
  readonly variables: Variables;
  /** Nodes entered so far: what stops a flow that goes round without ever waiting for anybody. */
  readonly entered: number;
}

export type FlowFault = 'unknown-node' | 'unknown-type' | 'bad-config' | 'no-exit' | 'loop' | 'effect-failed';

export type FlowAction =
  | { readonly type: 'do'; readonly nodeId: string; readonly action: NodeAction }
  | { readonly type: 'goto'; readonly destination: DestinationRef }
  | { readonly type: 'hangup' }
  | { readonly type: 'fault'; readonly fault: FlowFault; readonly nodeId: string; readonly reason: string };

export type NodeTypes = ReadonlyMap<string, NodeType>;

/** Nodes that may be entered without an action in between; more is a flow that chases its own tail. */
const MAX_SILENT = 100;

export function begin(flow: Flow, variables: Variables): FlowState {
  return { nodeId: flow.start, memo: {}, variables, entered: 0 };
}

/**
 * One step of a flow: gives the present node its input, and follows exits until a node wants something done.
 * Pure. `entered` is the input at the start and after a restart, which asks for the last action again.
 */
export function step(
  flow: Flow,
  types: NodeTypes,
  state: FlowState,
  input: NodeInput,
): { readonly state: FlowState; readonly action: FlowAction } {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  let at = state;
  let now = input;
  for (let silent = 0; silent < MAX_SILENT; silent++) {
    const node = nodes.get(at.nodeId);
    if (!node) return fault(at, 'unknown-node', `The flow has no node ${at.nodeId}.`);
    const type = types.get(node.type);
    if (!type) return fault(at, 'unknown-type', `No active plugin offers the node type ${node.type}.`);
    const config = type.config.safeParse(node.config);
    if (!config.success)
      return fault(at, 'bad-config', config.error.issues[0]?.message ?? 'The settings do not fit.');

    const result = type.step(config.data, at.memo, now, at.variables);
    if ('do' in result) {
      const next = { ...at, memo: result.memo ?? at.memo };
      return { state: next, action: { type: 'do', nodeId: node.id, action: result.do } };
    }
    if ('hangup' in result) return { state: at, action: { type: 'hangup' } };
    if ('goto' in result) return { state: at, action: { type: 'goto', destination: result.goto } };

    const target = leave(node, result.exit, now);
    if (!target) {
      if (now.type === 'failed') return fault(at, 'effect-failed', now.reason);
      return fault(at, 'no-exit', `The exit "${result.exit}" leads nowhere.`);
    }
    at = { nodeId: target, memo: {}, variables: { ...at.variables, ...result.set }, entered: at.entered + 1 };
    now = { type: 'entered' };
  }
  return fault(at, 'loop', `The flow went through ${MAX_SILENT} nodes without doing anything.`);
}

function leave(node: FlowNode, exit: string, input: NodeInput): string | undefined {
  return node.next[exit] ?? (input.type === 'failed' ? node.next.error : undefined);
}

function fault(state: FlowState, kind: FlowFault, reason: string): { state: FlowState; action: FlowAction } {
  return { state, action: { type: 'fault', fault: kind, nodeId: state.nodeId, reason } };
}
