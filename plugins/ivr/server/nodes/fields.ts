import { z } from '@jackfield/core/sdk';
import type { Prompt } from '@jackfield/plugin-telephony/contract';

/** What an author may let a caller hear; the shape of the contract's `Prompt`, checked. */
export const PromptField: z.ZodType<Prompt> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    text: z.string().trim().min(1).max(1000),
    locale: z.enum(['zh-CN', 'en']).optional(),
  }),
  z.object({
    kind: z.literal('digits'),
    value: z.string().max(64),
    locale: z.enum(['zh-CN', 'en']).optional(),
  }),
  z.object({
    kind: z.literal('quantity'),
    value: z.string().max(64),
    locale: z.enum(['zh-CN', 'en']).optional(),
  }),
  z.object({ kind: z.literal('audio'), audioId: z.string().min(1).max(64) }),
  z.object({
    kind: z.literal('tone'),
    tone: z.enum(['ringback', 'busy', 'music', 'silence']),
    ms: z.number().int().min(100).max(60_000).optional(),
  }),
]);
export const Prompts = z.array(PromptField).max(10);
export const SomePrompts = Prompts.min(1);

/** A key of a telephone. */
export const Key = z.string().regex(/^[0-9*#]$/, 'one of 0–9, * and #');

/** `${name}` in a text or value stands for that variable; one that is not set is empty. */
export function fill(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? '');
}

export function fillPrompts(
  prompts: readonly Prompt[],
  variables: Readonly<Record<string, string>>,
): readonly Prompt[] {
  return prompts.map((prompt) => {
    if (prompt.kind === 'text') return { ...prompt, text: fill(prompt.text, variables) };
    if (prompt.kind === 'digits' || prompt.kind === 'quantity')
      return { ...prompt, value: fill(prompt.value, variables) };
    return prompt;
  });
}
