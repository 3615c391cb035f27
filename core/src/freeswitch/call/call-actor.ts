import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../boot/clock.ts';
import { JackfieldError } from '../../errors/index.ts';
import { scope } from '../../tenants/scope.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { Switch } from '../switch/contract.ts';
import {
  answered,
  applyEvent,
  type CallState,
  endOfCall,
  findLeg,
  held,
  type LegEnd,
  type LegState,
  legEnded,
  liveLegs,
  newLeg,
  talkStarted,
} from './call-state.ts';
import { type CallStore, CallWriter } from './call-store.ts';
import type {
  Call,
  CallChange,
  CallPosition,
  CollectRequest,
  CollectResult,
  Dial,
  DialResult,
  HangupCause,
  Leg,
  PlayResult,
} from './contract.ts';

/** What an actor needs of the world; one object for all actors of a node. */
export interface CallHost {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: CallStore;
  readonly node: Switch;
  /** The plugins that are on for a tenant at this moment. */
  activePlugins(tenantId: string): ReadonlySet<string>;
  /** Events of channel `legId` go to `actor` from now on. */
  claimLeg(legId: string, actor: CallActor): void;
  releaseLeg(legId: string): void;
  /** Tells the taps of all plugins. */
  changed(actor: CallActor, change: CallChange): void;
}

/**
 * One call. Events come in one at a time through `handleEvent` and `handleLoss`; commands go out to the switch
 * and are proven by events. There is one terminal state, reached when the last leg has ended.
 */
export class CallActor implements Call {
  readonly #host: CallHost;
  readonly #state: CallState;
  readonly #writer: CallWriter;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<(change: CallChange) => void>();
  /** Ringing legs that shall end, with the cause: one whose channel is still to come is hung up when it has come. */
  readonly #doomed = new Map<string, HangupCause>();
  #active: ReadonlySet<string> | undefined;
  #variables: SwitchEvent | null;

  constructor(host: CallHost, state: CallState, variables: SwitchEvent | null = null) {
    this.#host = host;
    this.#state = state;
    this.#variables = variables;
    this.#writer = new CallWriter(host.store, state, host.log);
    this.#active = state.activePlugins ? new Set(state.activePlugins) : undefined;
    for (const leg of liveLegs(state)) host.claimLeg(leg.id, this);
    if (state.endedAt !== null) this.#abort.abort(new JackfieldError('CALL_ENDED'));
  }

  get id(): string {
    return this.#state.id;
  }
  get tenantId(): string | null {
    return this.#state.tenantId;
  }
  get direction(): Call['direction'] {
    return this.#state.direction;
  }
  get nodeId(): string {
    return this.#state.nodeId;
  }
  get from(): Call['from'] {
    return this.#state.from;
  }
  get to(): string {
    return this.#state.to;
  }
  get startedAt(): number {
    return this.#state.startedAt;
  }
  get endedAt(): number | null {
    return this.#state.endedAt;
  }
  get cause(): HangupCause | null {
    return this.#state.cause;
  }
  get legs(): readonly Leg[] {
    return this.#state.legs;
  }
  get position(): CallPosition {
    return this.#state.position;
  }
  get signal(): AbortSignal {
    return this.#abort.signal;
  }
  get caller(): Leg {
    const first = this.#state.legs[0];
    if (!first) throw new JackfieldError('CALL_STATE', 'The call has no leg yet.');
    return first;
  }

  variable(name: string): string | null {
    return this.#variables?.variable(name) ?? null;
  }

  isActive(pluginId: string): boolean {
    return this.#active?.has(pluginId) ?? false;
  }

  async assign(tenantId: string): Promise<void> {
    if (this.#state.tenantId !== null && this.#state.tenantId !== tenantId) {
      throw new JackfieldError('CALL_STATE', 'The call already belongs to a tenant.');
    }
    this.#state.tenantId = tenantId;
    this.#active ??= new Set(this.#host.activePlugins(tenantId));
    this.#state.activePlugins = [...this.#active];
    await this.#writer.flush();
  }

  run<T>(fn: () => T): T {
    return scope.run(
      {
        tenantId: this.#state.tenantId,
        actor: { kind: 'system' },
        requestId: this.#state.id,
        callId: this.#state.id,
        ...(this.#active ? { activePlugins: this.#active } : {}),
      },
      fn,
    );
  }

  async savePosition(position: CallPosition): Promise<void> {
    this.#state.position = position;
    await this.#writer.flush();
  }

  note(kind: string, data: Readonly<Record<string, unknown>>): void {
    this.#tell({ type: 'note', kind, data, at: this.#host.clock.now() });
  }

  onChange(listener: (change: CallChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- what the switch tells -----------------------------------------------------------------------------

  handleEvent(event: SwitchEvent): void {
    if (event.name === 'CHANNEL_PARK' && this.#variables === null) this.#variables = event;
    if (event.name === 'CHANNEL_CREATE' && this.#doomed.has(event.uuid ?? '')) this.#end(event.uuid ?? '');
    this.#apply(applyEvent(this.#state, event));
  }

  /** A channel that is gone without an event having said so. */
  handleLoss(legId: string, end: LegEnd): void {
    const leg = findLeg(this.#state, legId);
    if (leg) this.#apply(legEnded(this.#state, leg, end));
  }

  /** What a resync found of a channel that lives: an answer or the begin of a talk may have been missed. */
  handleSnapshot(legId: string, answeredAt: number | null, bridgedTo: string | null): void {
    const leg = findLeg(this.#state, legId);
    if (!leg || leg.state === 'ended') return;
    // Whoever had it rung is gone, or could not say that it shall end.
    if (this.#doomed.has(legId)) {
      this.#end(legId);
      return;
    }
    if (answeredAt !== null) this.#apply(answered(leg, answeredAt));
    const partner = findLeg(this.#state, bridgedTo);
    // The switch does not say since when they talk; now is the latest it can be.
    if (partner && !leg.split) this.#apply(talkStarted(this.#state, leg, partner, this.#host.clock.now()));
  }

  #apply(changes: readonly CallChange[]): void {
    for (const change of changes) {
      if (change.type === 'leg-ended') {
        this.#host.releaseLeg(change.leg.id);
        this.#doomed.delete(change.leg.id);
      }
      this.#tell(change);
    }
    if (changes.length === 0) return;
    this.#writer.schedule();
    this.#endOrphans(changes);
    this.#endIfOver();
  }

  /** FreeSWITCH does not cancel an originated leg when the caller goes: we must. */
  #endOrphans(changes: readonly CallChange[]): void {
    const first = this.#state.legs[0];
    if (first?.state !== 'ended' || !changes.some((c) => c.type === 'leg-ended' && c.leg.id === first.id))
      return;
    for (const leg of liveLegs(this.#state)) {
      if (leg.state === 'ringing') this.#doomed.set(leg.id, 'ORIGINATOR_CANCEL');
      this.#end(leg.id);
    }
  }

  /** The leg may be gone already, or the switch; in both cases the next resync settles it. */
  #end(legId: string): void {
    const cause = this.#doomed.get(legId) ?? 'NORMAL_CLEARING';
    this.#host.node.hangup(legId, cause).catch((error: unknown) => {
      this.#host.log.debug({ err: error, callId: this.id, leg: legId }, 'a leg could not be hung up');
    });
  }

  #endIfOver(): void {
    const end = endOfCall(this.#state);
    if (!end) return;
    this.#state.endedAt = end.at;
    this.#state.cause = end.cause;
    this.#writer.schedule();
    this.#abort.abort(new JackfieldError('CALL_ENDED'));
    this.#tell({ type: 'ended', at: end.at, cause: end.cause });
  }

  #tell(change: CallChange): void {
    this.run(() => {
      for (const listener of this.#listeners) {
        try {
          listener(change);
        } catch (error) {
          this.#host.log.error(
            { err: error, callId: this.id, change: change.type },
            'a call listener failed',
          );
        }
      }
      this.#host.changed(this, change);
    });
  }

  /** A placed call whose first leg could not even be dialled never had a leg to end it. */
  close(cause: HangupCause): void {
    if (this.#state.endedAt !== null || liveLegs(this.#state).length > 0) return;
    this.#state.endedAt = this.#host.clock.now();
    this.#state.cause = cause;
    this.#writer.schedule();
    this.#abort.abort(new JackfieldError('CALL_ENDED'));
    this.#tell({ type: 'ended', at: this.#state.endedAt, cause });
  }

  /** Resolves when the call has ended. */
  async ended(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#abort.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async forget(): Promise<void> {
    await this.#writer.remove();
    for (const leg of this.#state.legs) this.#host.node.forgetReceipt(leg.id);
  }

  async saved(): Promise<void> {
    await this.#writer.flush();
  }

  // --- commands ------------------------------------------------------------------------------------------

  async answer(): Promise<void> {
    const leg = this.#live(this.caller.id);
    if (leg.state === 'ringing') await this.#host.node.answer(leg.id);
  }

  async ringing(): Promise<void> {
    await this.#host.node.ringing(this.#live(this.caller.id).id);
  }

  async play(
    prompts: readonly string[],
    options: { leg?: string; loop?: boolean } = {},
  ): Promise<PlayResult> {
    const leg = this.#live(options.leg ?? this.caller.id);
    return await this.#host.node.play(leg.id, prompts, options.loop ? { loop: true } : {});
  }

  async stopMedia(legId?: string): Promise<void> {
    await this.#host.node.stopMedia(this.#live(legId ?? this.caller.id).id);
  }

  async collect(request: CollectRequest): Promise<CollectResult> {
    return await this.#host.node.collect(this.#live(this.caller.id).id, request);
  }

  async dial(request: Dial): Promise<DialResult> {
    this.#notEnded();
    // A call is its first leg's: without it nobody is rung for it.
    if (this.#state.legs[0]?.state === 'ended') throw new JackfieldError('CALL_ENDED');
    request.signal?.throwIfAborted();
    const leg = newLeg(
      randomUUID(),
      request.role,
      request.number,
      this.#host.clock.now(),
      request.userId ?? null,
    );
    this.#state.legs.push(leg);
    this.#host.claimLeg(leg.id, this);
    const cancel = () => this.#cancel(leg, request.signal?.reason);
    request.signal?.addEventListener('abort', cancel, { once: true });
    request.onLeg?.(leg);
    this.#tell({ type: 'leg-created', leg, at: leg.createdAt });
    try {
      // Stored before the switch hears of it: after a crash the leg is known to be ours.
      await this.#writer.flush();
      const cause = this.#doomed.get(leg.id);
      if (cause !== undefined) {
        this.#apply(legEnded(this.#state, leg, this.#endNow(cause)));
        return { outcome: 'failed', leg, cause };
      }
      const result = await this.#host.node.originate({
        uuid: leg.id,
        endpoint: request.endpoint,
        timeoutSec: request.timeoutSec,
        callerId: request.callerId,
        variables: {
          jf_call: this.id,
          jf_tenant: this.tenantId ?? '',
          jf_leg: request.role,
          ...(request.autoAnswer ? { sip_auto_answer: 'true' } : {}),
          // Either side of a talk must outlive the other's hang-up: what comes next is ours to say.
          park_after_bridge: 'true',
          hangup_after_bridge: 'false',
        },
      });
      if (result.outcome === 'answered') {
        this.#apply(answered(leg, this.#host.clock.now()));
        if (findLeg(this.#state, leg.id)?.state !== 'ended') return { outcome: 'answered', leg };
        return { outcome: 'failed', leg, cause: leg.cause ?? 'NORMAL_CLEARING' };
      }
      // Not every failed leg had a channel, so not every one had an event.
      this.#apply(legEnded(this.#state, leg, this.#endNow(result.cause)));
      return { outcome: 'failed', leg, cause: result.cause };
    } catch (error) {
      // Nobody knows whether the leg exists; the next resync says so, and then it ends in either case.
      const isUnknown = isSwitchAway(error) || (JackfieldError.is(error) && error.code === 'SWITCH_TIMEOUT');
      if (isUnknown) this.#doomed.set(leg.id, 'LOSE_RACE');
      else this.#apply(legEnded(this.#state, leg, this.#endNow('NORMAL_TEMPORARY_FAILURE')));
      throw error;
    } finally {
      request.signal?.removeEventListener('abort', cancel);
    }
  }

  #cancel(leg: LegState, reason: unknown): void {
    if (leg.state !== 'ringing') return;
    this.#doomed.set(leg.id, typeof reason === 'string' ? reason : 'LOSE_RACE');
    this.#end(leg.id);
  }

  async bridge(a: string, b: string): Promise<void> {
    const first = this.#live(a);
    const second = this.#live(b);
    await Promise.all([this.#host.node.stopMedia(first.id), this.#host.node.stopMedia(second.id)]);
    await this.#host.node.bridge(first.id, second.id);
  }

  async hold(legId: string, music: readonly string[]): Promise<void> {
    const leg = this.#live(legId);
    const partner = findLeg(this.#state, leg.talksWith);
    if (!partner || leg.split) throw new JackfieldError('CALL_STATE', 'This leg has no talk to put on hold.');
    leg.split = true;
    partner.split = true;
    try {
      await this.#host.node.unbridge(leg.id);
    } catch (error) {
      leg.split = false;
      partner.split = false;
      throw error;
    }
    this.#apply(held(partner, true, this.#host.clock.now()));
    if (music.length > 0) {
      // Plays until `resume` or the end; its result is nobody's business.
      this.#host.node.play(partner.id, music, { loop: true }).catch((error: unknown) => {
        this.#host.log.debug({ err: error, callId: this.id }, 'hold music ended');
      });
    }
  }

  async resume(legId: string): Promise<void> {
    const leg = this.#live(legId);
    const partner = findLeg(this.#state, leg.talksWith);
    if (!partner || !leg.split) throw new JackfieldError('CALL_STATE', 'This talk is not on hold.');
    await this.bridge(leg.id, partner.id);
  }

  async startRecording(legId: string, path: string): Promise<void> {
    await this.#host.node.startRecording(this.#live(legId).id, path);
  }

  async stopRecording(legId: string, path: string): Promise<void> {
    await this.#host.node.stopRecording(this.#live(legId).id, path);
  }

  async sendDigits(legId: string, digits: string): Promise<void> {
    await this.#host.node.sendDigits(this.#live(legId).id, digits);
  }

  async pickUp(legId: string): Promise<void> {
    await this.#host.node.pickUp(this.#live(legId).id);
  }

  async hangupLeg(legId: string, cause: HangupCause = 'NORMAL_CLEARING'): Promise<void> {
    const leg = findLeg(this.#state, legId);
    if (leg && leg.state !== 'ended') await this.#host.node.hangup(leg.id, cause);
  }

  async hangup(cause: HangupCause = 'NORMAL_CLEARING'): Promise<void> {
    const results = await Promise.allSettled(
      liveLegs(this.#state).map((leg) => this.hangupLeg(leg.id, cause)),
    );
    for (const result of results) {
      if (result.status === 'rejected' && !isCallEnded(result.reason)) throw result.reason;
    }
  }

  #endNow(cause: HangupCause): LegEnd {
    return { at: this.#host.clock.now(), answeredAt: null, cause, endedBy: null };
  }

  #notEnded(): void {
    if (this.#state.endedAt !== null) throw new JackfieldError('CALL_ENDED');
  }

  #live(legId: string): LegState {
    this.#notEnded();
    const leg = findLeg(this.#state, legId);
    if (!leg) throw new JackfieldError('NOT_FOUND', 'The call has no such leg.');
    if (leg.state === 'ended') throw new JackfieldError('CALL_ENDED', 'This leg of the call has ended.');
    return leg;
  }
}

/** The connection to the switch was lost: what was asked of it may have been done or not, and calls go on there. */
export function isSwitchAway(error: unknown): boolean {
  return (
    JackfieldError.is(error) && (error.code === 'SWITCH_UNREACHABLE' || error.code === 'SWITCH_OVERLOAD')
  );
}

export function isCallEnded(error: unknown): boolean {
  return JackfieldError.is(error) && error.code === 'CALL_ENDED';
}
