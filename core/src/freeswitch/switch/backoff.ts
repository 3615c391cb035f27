export interface BackoffOptions {
  /** Wait before the first retry, milliseconds. */
  readonly firstMs: number;
  /** Longest wait, milliseconds. */
  readonly maxMs: number;
}

/**
 * How long to wait before retry `attempt` (1, 2, …): doubling, between half and the whole of the step, so that
 * several servers do not return to a restarted switch in the same instant.
 * @param random from 0 to below 1
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: number): number {
  const step = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(step * (0.5 + random / 2));
}
