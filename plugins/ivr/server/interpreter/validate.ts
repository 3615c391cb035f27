import type { Flow } from '../../contract.ts';
import type { NodeTypes } from './step.ts';

export interface FlowProblem {
  /** Null: the flow as a whole. */
  readonly nodeId: string | null;
  readonly code:
    | 'no-start'
    | 'duplicate-id'
    | 'unknown-type'
    | 'bad-config'
    | 'exit-open'
    | 'exit-unknown'
    | 'target-unknown'
    | 'unreachable';
  readonly detail: string;
  /** A warning does not stop publishing. */
  readonly severity: 'error' | 'warning';
}

/** What keeps a flow from being published, and what its author should look at. Pure. */
export function validateFlow(flow: Flow, types: NodeTypes): FlowProblem[] {
  const problems: FlowProblem[] = [];
  const error = (nodeId: string | null, code: FlowProblem['code'], detail: string) =>
    problems.push({ nodeId, code, detail, severity: 'error' });

  const ids = new Set<string>();
  for (const node of flow.nodes) {
    if (ids.has(node.id)) error(node.id, 'duplicate-id', node.id);
    ids.add(node.id);
  }
  if (!ids.has(flow.start)) error(null, 'no-start', flow.start);

  for (const node of flow.nodes) {
    const type = types.get(node.type);
    if (!type) {
      error(node.id, 'unknown-type', node.type);
      continue;
    }
    const config = type.config.safeParse(node.config);
    if (!config.success) {
      for (const issue of config.error.issues)
        error(node.id, 'bad-config', `${issue.path.join('.')}: ${issue.message}`);
      continue;
    }
    const exits = type.exits(config.data);
    // `error` is open on purpose: without it the flow's own fault policy applies.
    for (const exit of exits) if (exit !== 'error' && !node.next[exit]) error(node.id, 'exit-open', exit);
    for (const [exit, target] of Object.entries(node.next)) {
      if (!exits.includes(exit)) {
        problems.push({ nodeId: node.id, code: 'exit-unknown', detail: exit, severity: 'warning' });
      } else if (!ids.has(target)) error(node.id, 'target-unknown', target);
    }
  }

  const reached = reachable(flow);
  for (const node of flow.nodes) {
    if (!reached.has(node.id)) {
      problems.push({ nodeId: node.id, code: 'unreachable', detail: node.id, severity: 'warning' });
    }
  }
  return problems;
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
