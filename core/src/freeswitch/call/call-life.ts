import { JackfieldError } from '../../errors/index.ts';
import type { CallHost } from './call-host.ts';
import { CallScope } from './call-scope.ts';
import { type CallState, endOfCall, liveLegs } from './call-state.ts';
import { CallWriter } from './call-store.ts';
import type { CallChange, HangupCause } from './contract.ts';

/** Who hears of a call's changes, where they are stored, and its one end, which aborts `signal`. */
export class CallLife {
  readonly scope: CallScope;
  readonly writer: CallWriter;
  readonly #host: CallHost;
  readonly #state: CallState;
  readonly #listeners = new Set<(change: CallChange) => void>();
  readonly #tellTaps: (change: CallChange) => void;
  readonly #abort = new AbortController();

  constructor(host: CallHost, state: CallState, tellTaps: (change: CallChange) => void) {
    this.#host = host;
    this.#state = state;
    this.#tellTaps = tellTaps;
    this.scope = new CallScope(host, state);
    this.writer = new CallWriter(host.store, state, host.log);
    if (state.endedAt !== null) this.#abort.abort(new JackfieldError('CALL_ENDED'));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  onChange(listener: (change: CallChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(change: CallChange): void {
    this.scope.run(() => {
      for (const listener of this.#listeners) {
        try {
          listener(change);
        } catch (error) {
          this.#host.log.error(
            { err: error, callId: this.#state.id, change: change.type },
            'a call listener failed',
          );
        }
      }
      this.#tellTaps(change);
    });
  }

  endIfOver(): void {
    const end = endOfCall(this.#state);
    if (end) this.#end(end.at, end.cause);
  }

  /** A placed call whose first leg could not even be dialled never had a leg to end it. */
  close(cause: HangupCause): void {
    if (this.#state.endedAt !== null || liveLegs(this.#state).length > 0) return;
    this.#end(this.#host.clock.now(), cause);
  }

  /** Resolves when the call has ended. */
  async ended(): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #end(at: number, cause: HangupCause): void {
    this.#state.endedAt = at;
    this.#state.cause = cause;
    this.writer.schedule();
    this.#abort.abort(new JackfieldError('CALL_ENDED'));
    this.tell({ type: 'ended', at, cause });
  }
}
