import { z } from '@jackfield/core/sdk';
import type { FlowState } from '../interpreter/step.ts';

/** What is stored of a call in a flow: it stays on the version it began with. */
export interface FlowPosition {
  readonly version: number;
  /** Null before the first node. */
  readonly flow: FlowState | null;
}

const Position: z.ZodType<FlowPosition> = z.object({
  version: z.number().int().positive(),
  flow: z
    .object({
      nodeId: z.string(),
      memo: z.record(z.string(), z.unknown()),
      variables: z.record(z.string(), z.string()),
      levels: z.array(z.string()),
      moves: z.number(),
    })
    .nullable(),
});

/** Null for a call that enters; also for a state that another release wrote and this one cannot read. */
export function readPosition(state: unknown): FlowPosition | null {
  return Position.safeParse(state).data ?? null;
}
