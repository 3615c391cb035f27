/** What the benches share: how a figure is told, and how it is measured several times. */
import { join } from 'node:path';

export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** One value of each run. */
  readonly runs: readonly number[];
  /** Something known, measured in the same runs, or a limit that others have. */
  readonly peer?: { readonly name: string; readonly runs: readonly number[] };
  /** Of the median, or of the median divided by the peer's. */
  readonly aim?: {
    readonly of: 'value' | 'ratio';
    readonly atLeast?: number;
    readonly atMost?: number;
  };
}

/** Benches run from the root of the repository, wherever they were compiled to. */
export const fromRoot = (...path: string[]): string => join(process.cwd(), ...path);

/** For `scripts/bench.mjs`, which reads one figure a line. */
export function tell(figure: Figure): void {
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Nearest rank; 0 of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0;
}

/** Calls `run` again and again with the number of the run, one after the other. */
export async function times<T>(count: number, run: (index: number) => Promise<T> | T): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index++) results.push(await run(index));
  return results;
}

/** Events, requests, … in one second. */
export function perSecond(count: number, elapsedMs: number): number {
  return Math.round((count / elapsedMs) * 1000);
}
