/**
 * The job contract: work that need not be done now, or must be done at a time.
 *
 * Stored before `enqueue` resolves (Bull on Redis when REDIS_URL is set, the table core_job otherwise); run in
 * the tenant's scope, skipped with `PLUGIN_NOT_ENABLED` when the plugin is off there. At least once: a job cut
 * off by a crash runs again (five crashes over one job set it aside). Tries: 5 with growing pauses unless given;
 * the last failure keeps its error. Enqueued inside a transaction, a job runs after the commit or not at all.
 * When the server stops, `signal` is aborted: a `run` that throws then runs again and loses no try; one that
 * returns is done.
 */
import type { z } from 'zod';

export interface JobDefinition<S extends z.ZodType> {
  readonly data: S;
  readonly attempts?: number;
  /** How many of this kind at once and process. 1 unless given. */
  readonly concurrency?: number;
  run(
    data: z.output<S>,
    job: {
      readonly id: string;
      readonly attempt: number;
      progress(percent: number): Promise<void>;
      readonly signal: AbortSignal;
    },
  ): Promise<void>;
}
export interface Job<S extends z.ZodType> {
  /**
   * VALIDATION_FAILED when the data does not fit. `key`: while a job of this key waits to begin, another is not
   * added. Returns the id of the one that will run.
   */
  enqueue(data: z.input<S>, options?: { delayMs?: number; key?: string }): Promise<string>;
}
export interface PluginJobs {
  define<S extends z.ZodType>(name: string, definition: JobDefinition<S>): Job<S>;
  /**
   * Runs on one node at a time, for the server as a whole; per tenant work fans out from it. First after one
   * interval, and then in step across restarts. A throw is logged and the next run comes in its turn.
   */
  every(name: string, intervalMs: number, run: () => Promise<void>): () => void;
}
