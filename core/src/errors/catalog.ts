/**
 * Every error that leaves the server, in one place: stable code, HTTP status, default message.
 * A plugin throws these too; a code of its own it writes as `PLUGIN_ERROR` with `details.reason`.
 */
export const errorCatalog = {
  // requests
  BAD_REQUEST: { status: 400, message: 'The request is not well formed.' },
  VALIDATION_FAILED: { status: 422, message: 'Some values are not valid.' },
  NOT_FOUND: { status: 404, message: 'There is nothing at this address.' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'This address does not know that method.' },
  CONFLICT: { status: 409, message: 'The change conflicts with the present state.' },
  RATE_LIMITED: { status: 429, message: 'Too many requests. Wait a moment and try again.' },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'The body is larger than is accepted here.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'This kind of content is not accepted here.' },
  RANGE_NOT_SATISFIABLE: { status: 416, message: 'The file does not have that range.' },
  INTERNAL: { status: 500, message: 'Something went wrong on the server. It has been logged.' },
  UNAVAILABLE: { status: 503, message: 'This service is not ready yet. Try again shortly.' },
  // sign-in and rights
  NOT_SIGNED_IN: { status: 401, message: 'Sign in first.' },
  BAD_CREDENTIALS: { status: 401, message: 'User name or password is wrong.' },
  CAPTCHA_REQUIRED: { status: 401, message: 'Solve the captcha and sign in again.' },
  ACCOUNT_LOCKED: {
    status: 423,
    message: 'This account is locked for today after too many wrong passwords.',
  },
  ACCOUNT_DISABLED: {
    status: 403,
    message: 'This account is disabled. Contact customer service to open it.',
  },
  FORBIDDEN: { status: 403, message: 'You do not have the permission for this.' },
  CROSS_SITE: { status: 403, message: 'The request came from another site.' },
  // tenants and plugins
  TENANT_REQUIRED: { status: 400, message: 'This needs a tenant, and none is set.' },
  PLUGIN_NOT_ENABLED: { status: 404, message: 'This function is not switched on for your organisation.' },
  PLUGIN_NOT_ALLOWED: { status: 403, message: 'Your plan does not include this plugin.' },
  PLUGIN_DEPENDENCY: { status: 409, message: 'Another plugin is needed, or needs this one.' },
  PLUGIN_INVALID: { status: 422, message: 'The plugin is not valid.' },
  PLUGIN_ERROR: { status: 500, message: 'A plugin failed.' },
  PLUGIN_CIRCUIT_OPEN: { status: 503, message: 'This function failed too often and rests for some minutes.' },
  MIGRATION_BLOCKED: { status: 500, message: 'A database migration did not finish.' },
  // switch and calls
  SWITCH_UNREACHABLE: { status: 503, message: 'The phone switch cannot be reached.' },
  SWITCH_AUTH_FAILED: { status: 503, message: 'The phone switch refused the password.' },
  SWITCH_TIMEOUT: { status: 504, message: 'The phone switch did not answer in time.' },
  SWITCH_OVERLOAD: { status: 503, message: 'More events came from the phone switch than could be kept.' },
  SWITCH_COMMAND_FAILED: { status: 502, message: 'The phone switch refused the command.' },
  CALL_ENDED: { status: 410, message: 'The call has already ended.' },
  CALL_STATE: { status: 409, message: 'The call is not in a state that allows this.' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof errorCatalog;
