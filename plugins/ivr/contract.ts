/**
 * IVR: call flows. The interpreter is a pure function `step(flow, state, input) → { state, action }`; a node type
 * is data and two pure functions, so that a flow can be simulated as well as run. What a node does to the
 * outside world it asks for as an action, and gets its result as the next input.
 *
 * Order: enter → action → input → … → exit to the next node. State is stored before each action, so after a
 *   crash the action is asked for again: a prompt is heard twice, an `effect` may run twice (make it idempotent).
 * May fail: an effect that throws, or takes more than 10 s, leaves by the exit `error` if the node type names
 *   one; if it names none the node gets the input `failed` and decides. What is then left unanswered (an open
 *   exit, a throw in `step`, a type whose plugin is off for the tenant) is a fault: the flow ends as its fault
 *   policy says (hang up), and the record of the call names the node.
 * A tenant never sees: flows of another; node types of plugins that are off for it.
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
  /** To the menu above the one the caller chose in last, or to the first menu of the call. */
  | { readonly back: 'parent' | 'top' }
  | { readonly goto: DestinationRef }
  | { readonly hangup: true };

/**
 * What a setting's zod schema may say of its field in the editor: `z.string().meta({ label, widget: 'text' })`.
 * Without a widget the field follows from the JSON schema.
 */
export interface FieldMeta {
  readonly label?: LocalText;
  readonly hint?: LocalText;
  /**
   * `prompts`: an array of `Prompt` · `destination`: the target of a destination of `destinationKind`, or with
   * `kind` and `target` of any · `queue`: the id of a queue · `text`: several lines · `key`: a key of a telephone
   */
  readonly widget?: 'prompts' | 'destination' | 'queue' | 'text' | 'key';
  readonly destinationKind?: string;
}

export interface NodeType<C extends z.ZodType = z.ZodType> {
  /** Its own types have plain names (`play`); a plugin's are `<plugin>.<name>`, checked. */
  readonly type: string;
  readonly title: LocalText;
  readonly icon: string;
  readonly config: C;
  /** Names of the ways out that this configuration has. None for a node that ends the flow. */
  exits(config: z.output<C>): readonly string[];
  /** Names for people of exits that are not `next`, `timeout` or `error`. */
  exitTitles?(config: z.output<C>): Readonly<Record<string, LocalText>>;
  /** Where a call may leave the flow to, as far as the settings say; publishing checks that it is offered. */
  destinations?(config: z.output<C>): readonly DestinationRef[];
  /** A choice made here is a level of menus that `back` returns to. */
  readonly level?: boolean;
  /** Pure, total and quick; `entered` comes again with the stored memo after a restart: ask again. */
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
