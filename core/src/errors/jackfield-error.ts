import { type ErrorCode, errorCatalog } from './catalog.ts';

/** Extra facts about one occurrence; shown to the client, so never a secret or a full phone number. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The only error type that crosses a border of Jackfield. `code` is stable and is what callers test;
 * `message` is for people and may change. RFC 9457 gives its shape on the wire.
 */
export class JackfieldError extends Error {
  override readonly name = 'JackfieldError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message?: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message ?? errorCatalog[code].message, { cause: options.cause });
    this.code = code;
    this.status = errorCatalog[code].status;
    this.details = options.details ?? {};
  }

  /** A brand instead of `instanceof`: a plugin may carry its own copy of this class. */
  static is(error: unknown): error is JackfieldError {
    return error instanceof Error && error.name === 'JackfieldError' && 'code' in error && 'status' in error;
  }
}
