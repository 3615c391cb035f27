/** One value the server refused; `path` is the field's name, nested ones joined with a dot (`phones.0.number`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/**
 * Any answer that is not a success. `code` is the server's (core/src/errors/catalog.ts) or one of the client's own:
 * `NETWORK` (no answer), `TIMEOUT`, `BAD_RESPONSE` (an answer that is not JSON). Test `code`, never the text.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What the code means, in the reader's language. */
  readonly title: string;
  /** What happened this time; may be written for developers. */
  readonly detail: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly errors: readonly FieldError[];

  constructor(
    code: string,
    status: number,
    detail: string,
    options: {
      title?: string;
      details?: Readonly<Record<string, unknown>>;
      errors?: readonly FieldError[];
      cause?: unknown;
    } = {},
  ) {
    super(detail || code, { cause: options.cause });
    this.code = code;
    this.status = status;
    this.title = options.title ?? '';
    this.detail = detail;
    this.details = options.details ?? {};
    this.errors = options.errors ?? [];
  }

  static is(error: unknown): error is ApiError {
    return error instanceof Error && error.name === 'ApiError';
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldError(value: unknown): FieldError[] {
  if (!isRecord(value)) return [];
  const at = value.path ?? value.field ?? value.pointer;
  const parts = Array.isArray(at) ? at : typeof at === 'string' ? at.replace(/^#?\//, '').split(/[./]/) : [];
  const message = value.message ?? value.detail;
  // A route validates `body`, `query` and `params`; a form knows only the fields of the body.
  const path = parts
    .map(String)
    .filter((part, i) => !(i === 0 && part === 'body' && parts.length > 1))
    .join('.');
  return [{ path, message: typeof message === 'string' ? message : '' }];
}

/** From a problem+json body (RFC 9457); anything else becomes `BAD_RESPONSE`. */
export function toApiError(status: number, body: unknown): ApiError {
  if (!isRecord(body) || typeof body.code !== 'string') {
    return new ApiError('BAD_RESPONSE', status, `HTTP ${status}`);
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return new ApiError(body.code, status, text(body.detail) || text(body.title), {
    title: text(body.title),
    details: isRecord(body.details) ? body.details : {},
    errors: Array.isArray(body.errors) ? body.errors.flatMap(fieldError) : [],
  });
}
