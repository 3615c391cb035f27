/** What a job is to the store behind it; tenants, schemas and plugins are jobs.ts. */
export interface NewJob {
  readonly id: string;
  /** `<plugin>:<job>`. */
  readonly name: string;
  readonly tenantId: string | null;
  /** JSON. */
  readonly data: unknown;
  readonly attempts: number;
  readonly delayMs: number;
  /** While one with the same waits to begin, another is not added. */
  readonly dedupe: string | null;
}

export interface RunningJob {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string | null;
  readonly data: unknown;
  /** 1 at the first try. */
  readonly attempt: number;
  readonly attempts: number;
  /** Aborted when the server stops or another process has taken the job over. */
  readonly signal: AbortSignal;
  progress(percent: number): Promise<void>;
}

export type JobOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'skipped'; readonly reason: string }
  /** `counted`: it uses up one of the tries. */
  | { readonly kind: 'again'; readonly delayMs: number; readonly counted: boolean; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string };

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

export interface JobRecord {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string | null;
  readonly state: JobState;
  /** Tries that failed. */
  readonly attempt: number;
  readonly attempts: number;
  readonly progress: number;
  /** Of the last failure, or why it was skipped. */
  readonly error: string | null;
  readonly createdAt: number;
  readonly doneAt: number | null;
}

/** `run` never rejects. */
export type JobRunner = (job: RunningJob) => Promise<JobOutcome>;

export interface JobDriver {
  /** `add` takes part in the transaction it is called in. */
  readonly transactional: boolean;
  /** Stored when it resolves. Returns the id of the job that will run. */
  add(job: NewJob): Promise<string>;
  /** Runs jobs of this name from `start` on. The undo takes no new ones. */
  work(name: string, concurrency: number, run: JobRunner): () => void;
  start(): Promise<void>;
  /** Aborts what runs, waits up to `graceMs` for it; the rest runs again elsewhere or after the restart. */
  stop(graceMs: number): Promise<void>;
  find(id: string): Promise<JobRecord | null>;
  /** Newest first. */
  list(state: 'failed' | 'skipped', limit: number): Promise<JobRecord[]>;
  /** Gives a failed job all its tries again. False if there is no such failed job. */
  retry(id: string): Promise<boolean>;
  /** Forgets a failed job. False if there is no such failed job. */
  discard(id: string): Promise<boolean>;
}

/** A job that takes the process down this often is not begun again. */
export const MAX_CRASHES = 5;
export const KEEP_DONE_MS = 7 * 86_400_000;
export const KEEP_FAILED_MS = 30 * 86_400_000;
