/** Pauses of the contract, after the first to the fifth failure; the sixth sets the delivery aside. */
const PAUSES_MS = [1_000, 5_000, 30_000, 300_000, 3_600_000] as const;

/** How often a delivery is tried at all. */
export const MAX_ATTEMPTS = PAUSES_MS.length + 1;

/** Milliseconds until the next try after `attempt` tries have failed; null when it was the last. */
export function pauseAfter(attempt: number): number | null {
  return PAUSES_MS[attempt - 1] ?? null;
}
