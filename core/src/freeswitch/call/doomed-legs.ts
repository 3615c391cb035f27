import type { CallHost } from './call-host.ts';
import type { HangupCause } from './contract.ts';

/** Legs of a call that shall end, with the cause: one whose channel is still to come is hung up when it has come. */
export class DoomedLegs {
  readonly #host: CallHost;
  readonly #callId: string;
  readonly #causes = new Map<string, HangupCause>();

  constructor(host: CallHost, callId: string) {
    this.#host = host;
    this.#callId = callId;
  }

  has(legId: string): boolean {
    return this.#causes.has(legId);
  }

  /** Undefined if it may live. */
  causeOf(legId: string): HangupCause | undefined {
    return this.#causes.get(legId);
  }

  /** Does not hang up: the channel may not be there yet, or the switch. */
  doom(legId: string, cause: HangupCause): void {
    this.#causes.set(legId, cause);
  }

  forget(legId: string): void {
    this.#causes.delete(legId);
  }

  /** The leg may be gone already, or the switch; in both cases the next resync settles it. */
  hangUp(legId: string): void {
    const cause = this.#causes.get(legId) ?? 'NORMAL_CLEARING';
    this.#host.node.hangup(legId, cause).catch((error: unknown) => {
      this.#host.log.debug({ err: error, callId: this.#callId, leg: legId }, 'a leg could not be hung up');
    });
  }
}
