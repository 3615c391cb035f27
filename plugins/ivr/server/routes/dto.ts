import { z } from '@jackfield/core/sdk';
import { FlowDto } from '../flow-schema.ts';
import type { FlowView } from '../flows.ts';

export const FlowId = z.object({ id: z.string().max(26) });

export const FlowItemDto = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['unpublished', 'published', 'in-use']),
  /** The version calls run through; null while unpublished. */
  version: z.number().nullable(),
  /** The draft has changes that are not published. */
  changed: z.boolean(),
  /** Access numbers that lead here. */
  numbers: z.array(z.string()),
  /** Other flows that lead here. */
  flows: z.array(z.string()),
  savedAt: z.number(),
});
export const FlowDetailDto = FlowItemDto.extend({ definition: FlowDto, revision: z.number() });

export const ProblemDto = z.object({
  nodeId: z.string().nullable(),
  code: z.string(),
  detail: z.string(),
  path: z.string().optional(),
  severity: z.enum(['error', 'warning']),
});

export function itemOf({ row, status, numbers, flows }: FlowView): z.input<typeof FlowItemDto> {
  const { id, name, publishedVersion, changed, savedAt } = row;
  return {
    id,
    name,
    status,
    version: publishedVersion,
    changed,
    numbers: [...numbers],
    flows: [...flows],
    savedAt,
  };
}

export function detailOf(view: FlowView): z.input<typeof FlowDetailDto> {
  return { ...itemOf(view), definition: definitionOf(view.row.draft), revision: view.row.revision };
}

/** As it is stored: it went through `FlowDto` when it came. */
export function definitionOf(definition: unknown): z.input<typeof FlowDto> {
  return definition as z.input<typeof FlowDto>;
}
