import type { z } from '@jackfield/core/sdk';
import type { NodeType } from '../../contract.ts';

/**
 * Keeps the type of a node's settings between its schema and its functions while it is written; outside, all
 * node types are alike, and settings are checked before they reach one.
 */
export function nodeType<C extends z.ZodType>(type: NodeType<C>): NodeType {
  return type as unknown as NodeType;
}
