import type { SwitchEvent } from '../event-socket/switch-event.ts';
import { CallHandle } from './call-handle.ts';
import type { CallHost } from './call-host.ts';
import type { CallInside } from './call-inside.ts';
import { CallLife } from './call-life.ts';
import {
  answered,
  applyEvent,
  type CallState,
  findLeg,
  type LegEnd,
  legEnded,
  liveLegs,
  talkStarted,
} from './call-state.ts';
import type { Call, CallChange } from './contract.ts';
import { DoomedLegs } from './doomed-legs.ts';

/**
 * One call. What the switch says comes in one at a time through `handleEvent`, `handleLoss` and `handleSnapshot`;
 * commands go out through `call`, which is all that plugins get, and are proven by events. There is one terminal
 * state, reached when the last leg has ended.
 */
export class CallActor implements CallInside {
  readonly host: CallHost;
  readonly state: CallState;
  readonly life: CallLife;
  readonly doomed: DoomedLegs;
  readonly call: Call;
  #variables: SwitchEvent | null;

  constructor(host: CallHost, state: CallState, variables: SwitchEvent | null = null) {
    this.host = host;
    this.state = state;
    this.life = new CallLife(host, state, (change) => host.changed(this.call, change));
    this.doomed = new DoomedLegs(host, state.id);
    this.call = new CallHandle(this);
    this.#variables = variables;
    for (const leg of liveLegs(state)) host.claimLeg(leg.id, state.id);
  }

  variable(name: string): string | null {
    return this.#variables?.variable(name) ?? null;
  }

  handleEvent(event: SwitchEvent): void {
    if (event.name === 'CHANNEL_PARK' && this.#variables === null) this.#variables = event;
    if (event.name === 'CHANNEL_CREATE' && event.uuid !== null && this.doomed.has(event.uuid))
      this.doomed.hangUp(event.uuid);
    this.apply(applyEvent(this.state, event));
  }

  /** A channel that is gone without an event having said so. */
  handleLoss(legId: string, end: LegEnd): void {
    const leg = findLeg(this.state, legId);
    if (leg) this.apply(legEnded(this.state, leg, end));
  }

  /** What a resync found of a channel that lives: an answer or the begin of a talk may have been missed. */
  handleSnapshot(legId: string, answeredAt: number | null, bridgedTo: string | null): void {
    const leg = findLeg(this.state, legId);
    if (!leg || leg.state === 'ended') return;
    // Whoever had it rung is gone, or could not say that it shall end.
    if (this.doomed.has(legId)) {
      this.doomed.hangUp(legId);
      return;
    }
    if (answeredAt !== null) this.apply(answered(leg, answeredAt));
    const partner = findLeg(this.state, bridgedTo);
    // The switch does not say since when they talk; now is the latest it can be.
    if (partner && !leg.split) this.apply(talkStarted(this.state, leg, partner, this.host.clock.now()));
  }

  /** Removes what was kept for a restart. */
  async forget(): Promise<void> {
    await this.life.writer.remove();
    for (const leg of this.state.legs) this.host.node.forgetReceipt(leg.id);
  }

  apply(changes: readonly CallChange[]): void {
    for (const change of changes) {
      if (change.type === 'leg-ended') {
        this.host.releaseLeg(change.leg.id);
        this.doomed.forget(change.leg.id);
      }
      this.life.tell(change);
    }
    if (changes.length === 0) return;
    this.life.writer.schedule();
    this.#endOrphans(changes);
    this.life.endIfOver();
  }

  /** FreeSWITCH does not cancel an originated leg when the caller goes: we must. */
  #endOrphans(changes: readonly CallChange[]): void {
    const first = this.state.legs[0];
    if (first?.state !== 'ended' || !changes.some((c) => c.type === 'leg-ended' && c.leg.id === first.id))
      return;
    for (const leg of liveLegs(this.state)) {
      if (leg.state === 'ringing') this.doomed.doom(leg.id, 'ORIGINATOR_CANCEL');
      this.doomed.hangUp(leg.id);
    }
  }
}
