import { z } from '@jackfield/core/sdk';
import type { Flow } from '../contract.ts';

/** More than anybody can follow on a screen. */
const MAX_NODES = 200;

const NodeId = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, - and _');

/**
 * What may be saved as a draft: the right shape, and no more. Whether it makes sense as a flow is asked when it
 * is published, so that work half done can be kept.
 */
export const FlowDto = z.object({
  start: z.string().max(40),
  nodes: z
    .array(
      z.object({
        id: NodeId,
        type: z.string().min(1).max(64),
        label: z.string().trim().max(60),
        config: z.record(z.string(), z.unknown()).default({}),
        next: z.record(z.string().min(1).max(40), NodeId).default({}),
      }),
    )
    .max(MAX_NODES),
}) satisfies z.ZodType<Flow>;

/** Name of a flow. */
export const FlowName = z.string().trim().min(1).max(64);

/** What a new flow begins with. */
export const EMPTY_FLOW: Flow = {
  start: 'start',
  nodes: [{ id: 'start', type: 'start', label: '', config: {}, next: {} }],
};
