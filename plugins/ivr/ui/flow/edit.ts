import { initialConfig } from './schema-fields.ts';
import type { Definition, EditedNode, JsonSchema } from './shapes.ts';

/** A node that was taken out, with what is needed to put it back where it was. */
export interface RemovedNode {
  readonly node: EditedNode;
  readonly index: number;
  readonly wasStart: boolean;
  readonly links: readonly { readonly from: string; readonly exit: string }[];
}

/** `menu`, then `menu-2`, …: short, and the same name is never used twice in a flow. */
export function freeId(definition: Definition, type: string): string {
  const base = (type.split('.').at(-1) ?? 'node').replace(/[^A-Za-z0-9_-]/g, '').slice(0, 30) || 'node';
  const taken = new Set(definition.nodes.map(({ id }) => id));
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return id;
  }
}

export function addNode(definition: Definition, type: string, schema: JsonSchema): EditedNode {
  const node: EditedNode = {
    id: freeId(definition, type),
    type,
    label: '',
    config: initialConfig(schema),
    next: {},
  };
  definition.nodes.push(node);
  if (definition.nodes.length === 1) definition.start = node.id;
  return node;
}

/** Takes a node out, and the links to it. */
export function removeNode(definition: Definition, id: string): RemovedNode | null {
  const index = definition.nodes.findIndex((node) => node.id === id);
  const [node] = index < 0 ? [] : definition.nodes.splice(index, 1);
  if (!node) return null;
  const links: { from: string; exit: string }[] = [];
  for (const other of definition.nodes) {
    for (const [exit, target] of Object.entries(other.next)) {
      if (target !== id) continue;
      links.push({ from: other.id, exit });
      delete other.next[exit];
    }
  }
  const wasStart = definition.start === id;
  if (wasStart) definition.start = definition.nodes[0]?.id ?? '';
  return { node, index, wasStart, links };
}

/** Puts it back; an exit that has got another target meanwhile keeps that. */
export function restoreNode(definition: Definition, removed: RemovedNode): void {
  const { node, index, wasStart, links } = removed;
  const id = definition.nodes.some((other) => other.id === node.id) ? freeId(definition, node.type) : node.id;
  definition.nodes.splice(Math.min(index, definition.nodes.length), 0, { ...node, id });
  for (const { from, exit } of links) {
    const other = definition.nodes.find((one) => one.id === from);
    if (other && other.next[exit] === undefined) other.next[exit] = id;
  }
  if (wasStart) definition.start = id;
}

export function moveNode(definition: Definition, id: string, by: 1 | -1): void {
  const from = definition.nodes.findIndex((node) => node.id === id);
  const to = from + by;
  const [node] = from < 0 || to < 0 || to >= definition.nodes.length ? [] : definition.nodes.splice(from, 1);
  if (node) definition.nodes.splice(to, 0, node);
}
