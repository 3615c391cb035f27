import { errorCatalog } from '../errors/catalog.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Locale } from '../i18n/contract.ts';
import { errorText } from '../i18n/errors.ts';

/** RFC 9457 on the wire, content type `application/problem+json`. `code` is what clients test. */
export interface Problem {
  /** Relative address of the documentation of this code. */
  readonly type: string;
  /** What the code means, in the reader's language. */
  readonly title: string;
  readonly status: number;
  /** What happened this time; the title when there is nothing to add. */
  readonly detail: string;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** VALIDATION_FAILED only: what is wrong and where. */
  readonly errors?: readonly FieldError[];
  readonly requestId: string;
}
export interface FieldError {
  /** Dotted, such as `body.steps.0.number`; begins with `params`, `query` or `body`. */
  readonly path: string;
  readonly message: string;
}

/** What is not a JackfieldError is INTERNAL, and nothing of it is told. */
export function toJackfieldError(error: unknown): JackfieldError {
  if (JackfieldError.is(error)) return error;
  return new JackfieldError('INTERNAL', undefined, { cause: error });
}

export function toProblem(error: JackfieldError, locale: Locale, requestId: string): Problem {
  const title = errorText(error.code, locale);
  const custom = error.message !== errorCatalog[error.code]?.message;
  const { errors, ...details } = error.details;
  return {
    type: `/errors/${error.code}`,
    title,
    status: error.status,
    detail: custom ? error.message : title,
    code: error.code,
    details,
    ...(Array.isArray(errors) ? { errors: errors as FieldError[] } : {}),
    requestId,
  };
}
