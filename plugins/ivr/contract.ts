/**
 * IVR: call flows. The interpreter is a pure function `step(flow, state, input) → { state, action }`; a node type
 * is data and two pure functions, so that a flow can be simulated as well as run. What a node does to the
 * outside world it asks for as an action, and gets its result as the next input.
 *
 * Order: enter → action → input → … → exit to the next node. State is stored before each action, so after a
 *   crash the action is asked for again: a prompt is heard twice, an `effect` may run twice (make it idempotent).
 * May fail: an effect that throws leaves by the exit `error` if the node has one, else the flow ends as its
 *   fault policy says (hang up). A node type whose plugin is off for the tenant counts as such a fault.
 */
import { type Call, defineContract, type LocalText, type z } from '@jackfield/core/sdk';
import type { DestinationRef, Prompt } from '@jackfield/plugin-telephony/contract';

export type Variables = Readonly<Record<string, string>>;
/** What a node remembers between its actions; JSON, gone when it is left. */
export type Memo = Readonly<Record<string, unknown>>;

export type NodeAction =
  | { readonly type: 'play'; readonly prompts: readonly Prompt[] }
  | {
      readonly type: 'collect';
      readonly prompts: readonly Prompt[];
      readonly minDigits: number;
      readonly maxDigits: number;
      readonly timeoutMs: number;
      readonly terminators?: string;
    }
  | { readonly type: 'effect'; readonly name: string; readonly args: Readonly<Record<string, unknown>> };

export type NodeInput =
  | { readonly type: 'entered' }
  | { readonly type: 'played' }
  | { readonly type: 'collected'; readonly digits: string; readonly timedOut: boolean }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly reason: string };

export type NodeStep =
  | { readonly do: NodeAction; readonly memo?: Memo }
  | { readonly exit: string; readonly set?: Variables }
  | { readonly goto: DestinationRef }
  | { readonly hangup: true };

export interface NodeType<C extends z.ZodType = z.ZodType> {
  /** Its own types have plain names (`play`); a plugin's are `<plugin>.<name>`, checked. */
  readonly type: string;
  readonly title: LocalText;
  readonly icon: string;
  readonly config: C;
  /** Names of the ways out that this configuration has. None for a node that ends the flow. */
  exits(config: z.output<C>): readonly string[];
  step(config: z.output<C>, memo: Memo, input: NodeInput, variables: Variables): NodeStep;
  /** Runs what `do: {type:'effect'}` asks for, in the call's scope, 10 s at most. */
  readonly effects?: Readonly<
    Record<string, (args: Readonly<Record<string, unknown>>, call: Call) => Promise<unknown>>
  >;
}

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly config: unknown;
  /** Exit name → node id. */
  readonly next: Readonly<Record<string, string>>;
}
export interface Flow {
  readonly start: string;
  readonly nodes: readonly FlowNode[];
}

export interface IvrApi {
  node<C extends z.ZodType>(type: NodeType<C>): void;
}
export const ivr = defineContract<IvrApi>('ivr');
