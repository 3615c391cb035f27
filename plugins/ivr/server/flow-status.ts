import type { FlowNode, NodeType } from '../contract.ts';
import type { NodeTypes } from './interpreter/step.ts';

/** `unpublished` cannot be used; `published` can; `in-use`: a number or another published flow leads here. */
export type FlowStatus = 'unpublished' | 'published' | 'in-use';

export function flowStatus(publishedVersion: number | null, links: number): FlowStatus {
  if (publishedVersion === null) return 'unpublished';
  return links > 0 ? 'in-use' : 'published';
}

/** The flows that a call may go on to from here. */
export function flowsLedTo(nodes: readonly FlowNode[], types: NodeTypes): ReadonlySet<string> {
  const ids = nodes.flatMap((node) => {
    const type = types.get(node.type);
    return type ? destinationsOf(node, type) : [];
  });
  return new Set(ids);
}

function destinationsOf(node: FlowNode, type: NodeType): string[] {
  try {
    const config = type.config.safeParse(node.config);
    if (!config.success) return [];
    const refs = type.destinations?.(config.data) ?? [];
    return refs.flatMap(({ kind, target }) =>
      kind === 'ivr' && typeof target.flowId === 'string' ? [target.flowId] : [],
    );
  } catch {
    // A plugin's fault: shown where the flow is validated. Here it leads nowhere.
    return [];
  }
}
