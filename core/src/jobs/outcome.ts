import { JackfieldError } from '../errors/index.ts';
import type { JobOutcome } from './driver.ts';

export const DEFAULT_ATTEMPTS = 5;
/** After the first failure, the second, …; the last repeats. */
export const DEFAULT_PAUSES_MS: readonly number[] = [5_000, 30_000, 120_000, 600_000, 3_600_000];
const CIRCUIT_PAUSE_MS = 60_000;

/**
 * What becomes of a job whose `run` threw. Stopping the server and a resting plugin are no fault of the job
 * and take none of its tries.
 */
export function outcomeOfFailure(
  error: unknown,
  job: { readonly attempt: number; readonly attempts: number; readonly stopping: boolean },
  pauses: readonly number[] = DEFAULT_PAUSES_MS,
): JobOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (job.stopping) return { kind: 'again', delayMs: 0, counted: false, error: message };
  if (JackfieldError.is(error) && error.code === 'PLUGIN_CIRCUIT_OPEN') {
    return { kind: 'again', delayMs: CIRCUIT_PAUSE_MS, counted: false, error: message };
  }
  if (job.attempt >= job.attempts) return { kind: 'failed', error: message };
  return {
    kind: 'again',
    delayMs: pauses[Math.min(job.attempt, pauses.length) - 1] ?? 0,
    counted: true,
    error: message,
  };
}
