import { isDeepStrictEqual } from 'node:util';
import type { z } from '@jackfield/core/sdk';
import type { DestinationRef } from '@jackfield/plugin-telephony/contract';
import type { Flow, FlowNode, NodeType } from '../../contract.ts';
import { type NodeTypes, own } from './step.ts';

export interface FlowProblem {
  /** Null: the flow as a whole. */
  readonly nodeId: string | null;
  readonly code:
    | 'empty'
    | 'no-start'
    | 'duplicate-id'
    | 'unknown-type'
    | 'bad-config'
    | 'node-failed'
    | 'exit-open'
    | 'exit-unknown'
    | 'target-unknown'
    | 'destination-unavailable'
    | 'destination-unknown'
    | 'unreachable';
  readonly detail: string;
  /** The setting meant, such as `options.0.key`; only for `bad-config`. */
  readonly path?: string;
  /** A warning does not stop publishing. */
  readonly severity: 'error' | 'warning';
}

/** What the tenant's plugins offer as places to send a call to. */
export type OfferedDestinations = readonly DestinationRef[];

export interface ValidateOptions {
  /** Without it nothing is said of destinations. */
  readonly offered?: OfferedDestinations;
  /** Words for wrong settings in the reader's language; zod's own unless given. */
  readonly words?: z.core.$ZodErrorMap;
}

/** What keeps a flow from being published, and what its author should look at. Pure, and never throws. */
export function validateFlow(flow: Flow, types: NodeTypes, options: ValidateOptions = {}): FlowProblem[] {
  if (flow.nodes.length === 0) return [{ nodeId: null, code: 'empty', detail: '', severity: 'error' }];
  const problems: FlowProblem[] = [];
  const ids = new Set<string>();
  for (const { id } of flow.nodes) {
    if (ids.has(id)) problems.push({ nodeId: id, code: 'duplicate-id', detail: id, severity: 'error' });
    ids.add(id);
  }
  if (!ids.has(flow.start)) {
    problems.push({ nodeId: null, code: 'no-start', detail: flow.start, severity: 'error' });
  }
  for (const node of flow.nodes) problems.push(...validateNode(node, types, ids, options));
  const reached = reachable(flow);
  for (const { id } of flow.nodes) {
    if (!reached.has(id)) problems.push({ nodeId: id, code: 'unreachable', detail: id, severity: 'warning' });
  }
  return problems;
}

export function isPublishable(problems: readonly FlowProblem[]): boolean {
  return !problems.some(({ severity }) => severity === 'error');
}

function validateNode(
  node: FlowNode,
  types: NodeTypes,
  ids: ReadonlySet<string>,
  { offered, words }: ValidateOptions,
): FlowProblem[] {
  const problem = (
    code: FlowProblem['code'],
    detail: string,
    more: Partial<FlowProblem> = {},
  ): FlowProblem => ({
    nodeId: node.id,
    code,
    detail,
    severity: 'error',
    ...more,
  });
  const type = types.get(node.type);
  if (!type) return [problem('unknown-type', node.type)];
  const read = readNode(node, type, words);
  if ('failed' in read) return [problem('node-failed', read.failed)];
  if ('issues' in read) {
    return read.issues.map(({ path, message }) => problem('bad-config', message, { path: path.join('.') }));
  }
  const { exits, destinations } = read;
  return [
    // `error` is open on purpose: without it the flow's own fault policy applies.
    ...exits
      .filter((exit) => exit !== 'error' && own(node.next, exit) === undefined)
      .map((exit) => problem('exit-open', exit)),
    ...Object.entries(node.next).flatMap(([exit, target]) => {
      if (!exits.includes(exit)) return [problem('exit-unknown', exit, { severity: 'warning' })];
      return ids.has(target) ? [] : [problem('target-unknown', exit)];
    }),
    ...(offered ? destinations.flatMap((ref) => wrongDestination(ref, offered, problem)) : []),
  ];
}

type Read =
  | { readonly exits: readonly string[]; readonly destinations: readonly DestinationRef[] }
  | { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
  | { readonly failed: string };

/** The border to code of plugins. */
function readNode(node: FlowNode, type: NodeType, words?: z.core.$ZodErrorMap): Read {
  try {
    const config = type.config.safeParse(node.config, words ? { error: words } : undefined);
    if (!config.success) return { issues: config.error.issues };
    return {
      exits: [...type.exits(config.data)],
      destinations: [...(type.destinations?.(config.data) ?? [])],
    };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** Kinds whose targets are written, not chosen: what they offer is no complete list. */
const WRITTEN: ReadonlySet<string> = new Set(['number', 'hangup']);

function wrongDestination(
  ref: DestinationRef,
  offered: OfferedDestinations,
  problem: (code: FlowProblem['code'], detail: string) => FlowProblem,
): FlowProblem[] {
  if (WRITTEN.has(ref.kind)) return [];
  const ofKind = offered.filter(({ kind }) => kind === ref.kind);
  if (ofKind.length === 0) return [problem('destination-unavailable', ref.kind)];
  const found = ofKind.some(({ target }) => isDeepStrictEqual(target, ref.target));
  return found ? [] : [problem('destination-unknown', ref.kind)];
}

function reachable(flow: Flow): ReadonlySet<string> {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const open = [flow.start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...Object.values(nodes.get(id)?.next ?? {}));
  }
  return seen;
}
