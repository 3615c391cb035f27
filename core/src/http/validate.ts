import type { z } from 'zod';
import { JackfieldError } from '../errors/index.ts';
import type { Locale } from '../i18n/contract.ts';
import { valueWords } from '../i18n/value-words.ts';
import type { FieldError } from './problem.ts';

/** The parsed value, or VALIDATION_FAILED with `errors`, in the reader's language. */
export async function validate<S extends z.ZodType>(
  schema: S,
  value: unknown,
  part: 'params' | 'query' | 'body',
  locale: Locale,
): Promise<z.output<S>> {
  const result = await schema.safeParseAsync(value, { error: valueWords(locale) });
  if (result.success) return result.data;
  const errors: FieldError[] = result.error.issues.map((issue) => ({
    path: [part, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }));
  throw new JackfieldError('VALIDATION_FAILED', undefined, { details: { errors } });
}
