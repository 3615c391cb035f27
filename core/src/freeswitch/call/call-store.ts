import type { Logger } from 'pino';
import type { CallState } from './call-state.ts';

/** Where live calls are kept; the table core_call in the server, memory in tests. */
export interface CallStore {
  save(state: CallState): Promise<void>;
  remove(id: string): Promise<void>;
  /** Every call of this node that has not been removed, ended ones included. */
  load(nodeId: string): Promise<CallState[]>;
}

/**
 * Writes one call, one write at a time. Changes that come while a write is under way are covered by the next
 * one, so a burst of events costs two writes, not one each.
 */
export class CallWriter {
  readonly #store: CallStore;
  readonly #state: CallState;
  readonly #log: Logger;
  #running: Promise<void> | null = null;
  #again = false;
  #removed = false;

  constructor(store: CallStore, state: CallState, log: Logger) {
    this.#store = store;
    this.#state = state;
    this.#log = log;
  }

  /** Writes soon; a failure is logged and repaired by the next write. */
  schedule(): void {
    this.flush().catch((error: unknown) => {
      this.#log.error({ err: error, callId: this.#state.id }, 'a call could not be stored');
    });
  }

  /** Resolves when what the state holds now has been stored. */
  flush(): Promise<void> {
    if (this.#removed) return Promise.resolve();
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#write().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #write(): Promise<void> {
    do {
      this.#again = false;
      await this.#store.save(this.#state);
    } while (this.#again && !this.#removed);
  }

  async remove(): Promise<void> {
    this.#removed = true;
    await this.#running?.catch(() => undefined);
    await this.#store.remove(this.#state.id);
  }
}
