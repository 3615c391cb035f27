/** The part of a pino logger that the FreeSWITCH layers use; facts first, then what happened. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

const nothing = (): void => {};

/** For callers that do not want to hear. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
