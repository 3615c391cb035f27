import type { LocalText } from '@jackfield/admin-ui/sdk';
import type { FieldMeta } from '../../contract.ts';

/** What the routes of the plugin answer; see server/routes. */
export interface FlowItem {
  readonly id: string;
  readonly name: string;
  readonly status: 'unpublished' | 'published' | 'in-use';
  readonly version: number | null;
  readonly changed: boolean;
  readonly numbers: readonly string[];
  readonly flows: readonly string[];
  readonly savedAt: number;
}
export interface FlowDetail extends FlowItem {
  readonly definition: Definition;
  readonly revision: number;
}
export interface Definition {
  start: string;
  nodes: EditedNode[];
}
/** A node while it is edited. */
export interface EditedNode {
  id: string;
  type: string;
  label: string;
  config: Record<string, unknown>;
  next: Record<string, string>;
}
export interface Problem {
  readonly nodeId: string | null;
  readonly code: string;
  readonly detail: string;
  readonly path?: string;
  readonly severity: 'error' | 'warning';
}
export interface Exit {
  readonly name: string;
  readonly title: LocalText | null;
}
export interface Validation {
  readonly problems: readonly Problem[];
  readonly exits: Readonly<Record<string, readonly Exit[] | null>>;
}
export interface NodeTypeInfo {
  readonly type: string;
  readonly title: LocalText;
  readonly icon: string;
  readonly schema: JsonSchema;
}
export interface JsonSchema extends FieldMeta {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}
export interface DestinationOption {
  readonly kind: string;
  readonly title: LocalText;
  readonly target: Readonly<Record<string, unknown>>;
  readonly label: string;
}
export interface Version {
  readonly version: number;
  readonly name: string;
  readonly publishedAt: number;
  readonly publishedBy: string | null;
}
export interface PromptValue {
  readonly kind: 'text' | 'digits' | 'quantity' | 'audio' | 'tone';
  readonly text?: string;
  readonly value?: string;
  readonly audioId?: string;
  readonly tone?: string;
  readonly ms?: number;
  readonly locale?: 'zh-CN' | 'en';
}
export type SimulatedInput =
  | { readonly type: 'keys'; readonly digits: string }
  | { readonly type: 'silence' }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failure'; readonly reason: string };
export interface TraceEntry {
  readonly nodeId: string;
  readonly label: string;
  readonly kind: 'hear' | 'ask' | 'effect' | 'keys' | 'silence' | 'leave' | 'hangup' | 'fault';
  readonly prompts?: readonly PromptValue[];
  readonly digits?: string;
  readonly name?: string;
  readonly destination?: { readonly kind: string; readonly target: Readonly<Record<string, unknown>> };
  readonly fault?: string;
  readonly reason?: string;
}
export interface Simulation {
  readonly trace: readonly TraceEntry[];
  readonly waitsFor: 'keys' | 'effect' | 'cut' | null;
}
