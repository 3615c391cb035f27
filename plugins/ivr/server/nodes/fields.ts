import { type LocalText, z } from '@jackfield/core/sdk';
import type { Prompt } from '@jackfield/plugin-telephony/contract';
import type { FieldMeta, NodeStep, Variables } from '../../contract.ts';
import { own } from '../interpreter/step.ts';

const Locale = z.enum(['zh-CN', 'en']).optional();

/** What an author may let a caller hear; the shape of the contract's `Prompt`, checked. */
export const PromptField: z.ZodType<Prompt> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string().trim().min(1).max(1000), locale: Locale }),
  z.object({ kind: z.literal('digits'), value: z.string().trim().min(1).max(64), locale: Locale }),
  z.object({ kind: z.literal('quantity'), value: z.string().trim().min(1).max(64), locale: Locale }),
  z.object({ kind: z.literal('audio'), audioId: z.string().min(1).max(64) }),
  z.object({
    kind: z.literal('tone'),
    tone: z.enum(['ringback', 'busy', 'music', 'silence']),
    ms: z.number().int().min(100).max(60_000).optional(),
  }),
]);
export const Prompts = z
  .array(PromptField)
  .max(10)
  .meta(field({ widget: 'prompts' }));
export const SomePrompts = Prompts.min(1).meta(
  field({ widget: 'prompts', label: { 'zh-CN': '播放内容', en: 'What is said' } }),
);
/** What is said before a call leaves; nothing unless given. */
export const FarewellPrompts = Prompts.default([]).meta(
  field({ widget: 'prompts', label: { 'zh-CN': '转接前播放', en: 'Said before' } }),
);

/** A key of a telephone. */
export const Key = z
  .string()
  .regex(/^[0-9*#]$/, 'one of 0–9, * and #')
  .meta(field({ widget: 'key', label: { 'zh-CN': '按键', en: 'Key' } }));

/** Keeps the shape of what the editor reads; zod's own `meta` takes anything. */
export function field(meta: FieldMeta): Record<string, unknown> {
  return { ...meta };
}
export function label(zh: string, en: string, hint?: LocalText): Record<string, unknown> {
  return field({ label: { 'zh-CN': zh, en }, ...(hint ? { hint } : {}) });
}

/** How an author writes a variable. */
export function variable(name: string): string {
  return `\${${name}}`;
}

/** `${name}` in a text or value stands for that variable; one that is not set is empty. */
export function fill(text: string, variables: Variables): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => own(variables, name) ?? '');
}

/** With the variables put in; what then has nothing to say is left out. */
export function fillPrompts(prompts: readonly Prompt[], variables: Variables): readonly Prompt[] {
  return prompts.flatMap((prompt): Prompt[] => {
    if (prompt.kind === 'text') {
      const text = fill(prompt.text, variables).trim();
      return text === '' ? [] : [{ ...prompt, text }];
    }
    if (prompt.kind !== 'digits' && prompt.kind !== 'quantity') return [prompt];
    const value = fill(prompt.value, variables).trim();
    return value === '' ? [] : [{ ...prompt, value }];
  });
}

/** Says something, if there is something to say, and then does `then`. */
export function sayThen(
  prompts: readonly Prompt[],
  variables: Variables,
  input: { readonly type: string },
  then: NodeStep,
): NodeStep {
  const said = fillPrompts(prompts, variables);
  return input.type === 'played' || said.length === 0 ? then : { do: { type: 'play', prompts: said } };
}
