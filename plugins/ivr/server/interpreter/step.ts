import type { DestinationRef } from '@jackfield/plugin-telephony/contract';
import type {
  Flow,
  FlowNode,
  Memo,
  NodeAction,
  NodeInput,
  NodeStep,
  NodeType,
  Variables,
} from '../../contract.ts';

/** Where a call stands in a flow; JSON, stored before each action. */
export interface FlowState {
  readonly nodeId: string;
  readonly memo: Memo;
  readonly variables: Variables;
  /** The menus whose choices led here, outermost first: what `back` goes through. */
  readonly levels: readonly string[];
  /** Nodes entered and actions asked for since the call came: what ends a flow that goes round for ever. */
  readonly moves: number;
}

export type FlowFault =
  | 'unknown-node'
  | 'unknown-type'
  | 'bad-config'
  | 'no-exit'
  | 'loop'
  | 'effect-failed'
  | 'node-failed';

export type FlowAction =
  | { readonly type: 'do'; readonly nodeId: string; readonly action: NodeAction }
  | { readonly type: 'goto'; readonly destination: DestinationRef }
  | { readonly type: 'hangup' }
  | { readonly type: 'fault'; readonly fault: FlowFault; readonly nodeId: string; readonly reason: string };

export interface FlowStep {
  readonly state: FlowState;
  readonly action: FlowAction;
}

export type NodeTypes = ReadonlyMap<string, NodeType>;

/** Nodes that may be entered without an action in between; more is a flow that chases its own tail. */
const MAX_SILENT = 100;
/** A caller who has come this far has been in the flow for hours, or its prompts have no length. */
export const MAX_MOVES = 2_000;

export function begin(flow: Flow, variables: Variables): FlowState {
  return { nodeId: flow.start, memo: {}, variables, levels: [], moves: 0 };
}

/**
 * One step of a flow: gives the present node its input, and follows exits until a node wants something done.
 * Pure, and never throws: what a node type of a plugin does wrong is a fault of the flow. `entered` is the
 * input at the start and after a restart, which asks for the last action again.
 */
export function step(flow: Flow, types: NodeTypes, state: FlowState, input: NodeInput): FlowStep {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  let at = state;
  let now = input;
  for (let silent = 0; silent < MAX_SILENT; silent++) {
    if (at.moves >= MAX_MOVES) return fault(at, 'loop', `The call made ${MAX_MOVES} moves in the flow.`);
    const node = nodes.get(at.nodeId);
    if (!node) return fault(at, 'unknown-node', `The flow has no node ${at.nodeId}.`);
    const type = types.get(node.type);
    if (!type) return fault(at, 'unknown-type', `No active plugin offers the node type ${node.type}.`);
    const asked = askNode(node, type, at, now);
    if ('fault' in asked) return fault(at, asked.fault, asked.reason);

    const { result } = asked;
    if ('do' in result) {
      const next = { ...at, memo: result.memo ?? at.memo, moves: at.moves + 1 };
      return { state: next, action: { type: 'do', nodeId: node.id, action: result.do } };
    }
    if ('hangup' in result) return { state: at, action: { type: 'hangup' } };
    if ('goto' in result) return { state: at, action: { type: 'goto', destination: result.goto } };
    if ('back' in result) {
      at = goBack(flow, at, result.back);
    } else {
      const target = own(node.next, result.exit);
      if (target === undefined) {
        if (now.type === 'failed') return fault(at, 'effect-failed', now.reason);
        return fault(at, 'no-exit', `The exit "${result.exit}" leads nowhere.`);
      }
      at = enter(at, target, { levels: type.level ? down(at) : at.levels, set: result.set });
    }
    now = { type: 'entered' };
  }
  return fault(at, 'loop', `The flow went through ${MAX_SILENT} nodes without doing anything.`);
}

type Asked = { readonly result: NodeStep } | { readonly fault: FlowFault; readonly reason: string };

/** The border to code of plugins. */
function askNode(node: FlowNode, type: NodeType, at: FlowState, input: NodeInput): Asked {
  try {
    const config = type.config.safeParse(node.config);
    if (!config.success) {
      return { fault: 'bad-config', reason: config.error.issues[0]?.message ?? 'The settings do not fit.' };
    }
    if (input.type === 'failed' && type.exits(config.data).includes('error'))
      return { result: { exit: 'error' } };
    return { result: checked(type.step(config.data, at.memo, input, at.variables)) };
  } catch (error) {
    return { fault: 'node-failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

const ACTIONS: ReadonlySet<unknown> = new Set(['play', 'collect', 'effect']);

/** A plugin may be written without types: what it returns is looked at before anybody relies on it. */
function checked(result: NodeStep): NodeStep {
  const ok =
    'do' in result
      ? ACTIONS.has(result.do.type)
      : 'exit' in result
        ? typeof result.exit === 'string'
        : 'goto' in result
          ? typeof result.goto.kind === 'string'
          : 'back' in result || 'hangup' in result;
  if (!ok) throw new Error('The node did not say what comes next.');
  return result;
}

function enter(
  at: FlowState,
  nodeId: string,
  { levels, set = {} }: { readonly levels: readonly string[]; readonly set?: Variables | undefined },
): FlowState {
  return { nodeId, memo: {}, variables: { ...at.variables, ...set }, levels, moves: at.moves + 1 };
}

/** A menu that was left before is the same level again, however the caller came back to it. */
function down({ nodeId, levels }: FlowState): readonly string[] {
  const present = levels.indexOf(nodeId);
  return [...(present < 0 ? levels : levels.slice(0, present)), nodeId];
}

function goBack(flow: Flow, at: FlowState, to: 'parent' | 'top'): FlowState {
  const { levels } = at;
  const target = to === 'top' ? 0 : Math.max(0, levels.length - 2);
  return enter(at, levels[target] ?? flow.start, { levels: levels.slice(0, target) });
}

function fault(state: FlowState, kind: FlowFault, reason: string): FlowStep {
  return { state, action: { type: 'fault', fault: kind, nodeId: state.nodeId, reason } };
}

/** Names come from authors and plugins: `constructor` must not find what every object has. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
